//! What a segmentation is, as plain data, and the SQL that it becomes.
//!
//! The extension asks the catalogue, refuses what is wrong, and fills a [`Segmentation`]. Optional inputs read their own
//! [`options`], and look themselves up through [`catalogue`]. [`Plan::new`] decides the rest: the columns of the view,
//! the axes to be trained, the places in matrices. Writing cannot fail.
//!
//! The modules stand in layers. Each one imports only from those above it:
//!
//! | module             | what it holds                                                                            |
//! |--------------------|------------------------------------------------------------------------------------------|
//! | `sql`, `options`   | writing SQL, reading JSON                                                                |
//! | `texts`            | what is said to readers, by language                                                     |
//! | `doubts`           | what a training found that may mislead, as a table, and in words                         |
//! | `model`            | a segmentation as plain data, and the types that the modules below tell each other by    |
//! | `catalogue`        | what inputs ask of the database                                                          |
//! | `trained`          | `t`: the one row of what was trained, and how its values are read                        |
//! | `histories`        | `h`: one row per customer with a purchase history; the seam for other sources            |
//! | `inputs`           | optional inputs: one row per customer of each, joined to `h`, columns, signals           |
//! | `signals`          | the numbers that scores, needs and relationships are made of, and the value score        |
//! | `axes`             | the number behind a name, and whether it is made of trained percentiles                  |
//! | `columns`          | the columns of the view, in order: what they are and their SQL                           |
//! | `plan`             | everything decided that the statements are written from                                  |
//! | `rollup`           | rows of customers as those of their parents: large accounts                              |
//! | `keep`             | the tables of kept histories, what notes changes, and how both are refreshed              |
//! | `view`, `training` | the view, the function beside it, their comments; the one statement of a training        |
//! | `on_days`          | the view as of many days                                                                  |
//! | `actions`          | the customers of an action, as of their own days                                         |
//!
//! Built-in functions and types are written without a schema: the extension runs all of it with a search path of
//! nothing but the catalogue. Everything else is written with its schema.

pub mod actions;
pub mod axes;
pub mod catalogue;
pub mod columns;
pub mod definitions;
pub mod doubts;
pub mod histories;
pub mod inputs;
pub mod keep;
pub mod model;
pub mod on_days;
pub mod options;
pub mod plan;
pub mod rollup;
pub mod signals;
pub mod sql;
pub mod texts;
pub mod trained;
pub mod training;
pub mod view;
pub mod view_text;

pub use model::{Refusal, Segmentation};
pub use plan::Plan;
