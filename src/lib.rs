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
//! | `kept`     | changed rows           | notes of customers, and whether kept histories hold |
//! | `segmentation` | options, catalogue | what a segmentation is, as a plan               |
//! | `manage`   | plans                  | views, functions beside them, trainings         |
//! | `report`   | a segmentation         | answers for whoever reads it                    |
//! | `picture`  | answers                | SVG documents for whoever looks at them         |
//! | `page`     | answers and pictures   | one HTML page about a segmentation              |
//!
//! The plan of a segmentation and its SQL are in the crate `segmentation`, the formulas in the crate `btyd`, the drawing in
//! the crate `picture`, the HTML in the crate `page`; none knows PostgreSQL's code. `statistics` holds aggregates that need
//! only the first of these rooms, for the day of an event. `simulate` draws orders for trying out. `server` holds what every
//! room needs of PostgreSQL, and nearly all `unsafe`. The SQL surface is written by hand in `sql/`.
#![deny(unsafe_code)]

pgrx::pg_module_magic!();

mod server;

mod history;
mod kept;
mod label;
mod manage;
mod orders;
mod page;
mod picture;
mod report;
mod score;
mod segmentation;
mod statistics;
mod training;

mod install;
mod simulate;
