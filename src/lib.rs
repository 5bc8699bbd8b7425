//! customer_value: RFM segments, lifetime value and customer matrices as live SQL over an order table.
//!
//! Orders flow one way through these rooms; each imports only from those before it:
//!
//! | room       | from                   | to                                              |
//! |------------|------------------------|-------------------------------------------------|
//! | `orders`   | a row of a source      | a day and an exact amount                       |
//! | `history`  | days and amounts       | one `purchase_history` per customer, measures   |
//! | `training` | many histories         | `rfm_cuts`, models, axes: what a population is  |
//! | `score`    | measures, cuts, models | scores and predictions                          |
//! | `label`    | scores                 | segments and places in matrices, by language    |
//! | `view`     | all of the above       | segmentations: views, functions, reports        |
//!
//! `simulate` draws orders for trying out. `server` holds what every room needs of PostgreSQL, and nearly all
//! `unsafe`. The formulas are in the crate `btyd`; the SQL surface is written by hand in `sql/`.
#![deny(unsafe_code)]

pgrx::pg_module_magic!();

mod server;

mod history;
mod label;
mod orders;
mod score;
mod training;
mod view;

mod install;
mod simulate;
