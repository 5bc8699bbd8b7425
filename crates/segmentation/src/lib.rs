//! What a segmentation is, as plain data, and the SQL that it becomes.
//!
//! The extension asks the catalogue, refuses what is wrong, and fills a [`Segmentation`]. Optional inputs read their own
//! [`options`], and look themselves up through [`catalogue`]. [`Plan::new`] decides the rest: the columns of the view,
//! the axes to be trained, the places in matrices. Writing cannot fail:
//!
//! | module      | from           | to                                                                |
//! |-------------|----------------|-------------------------------------------------------------------|
//! | `columns`   | a segmentation | the columns of its view, in order: what they are and their SQL    |
//! | `axes`      | a name         | the number behind it, and whether it is made of trained percentiles |
//! | `histories` | orders         | `h`: one row per customer with a purchase history; the seam for other sources |
//! | `inputs`    | options and the `catalogue` | optional inputs: one row per customer of each, joined to `h`, columns, signals |
//! | `signals`   | inputs         | the numbers that scores, needs and relationships are made of      |
//! | `trained`   | a training     | `t`: the one row of what was trained                              |
//! | `view`      | a plan         | the view, the function beside it, their comments                  |
//! | `training`  | a plan         | the one statement of a training                                   |
//!
//! Built-in functions and types are written without a schema: the extension runs all of it with a search path of
//! nothing but the catalogue. Everything else is written with its schema.

pub mod axes;
pub mod catalogue;
pub mod columns;
pub mod histories;
pub mod inputs;
pub mod options;
pub mod plan;
pub mod segmentation;
pub mod signals;
pub mod sql;
pub mod trained;
pub mod training;
pub mod view;

pub use plan::{Place, Plan, Refusal};
pub use segmentation::Segmentation;
