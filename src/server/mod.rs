//! What the rooms need of PostgreSQL: arguments and results, memory, money, time, errors, identity.
//!
//! The only place with `unsafe`, but for the memory of the histories in the making (`history::arena`,
//! `history::state`) and the entry points that `sql_function!` writes.
#![allow(unsafe_code)]

pub mod aggregate;
pub mod argument;
pub mod array;
pub mod attempt;
pub mod cache;
pub mod call;
pub mod callbacks;
pub mod casts;
pub mod catalogue;
pub mod clock;
pub mod copied;
pub mod datum;
pub mod dependency;
pub mod error;
pub mod identity;
pub mod memory;
pub mod names;
pub mod numeric;
pub mod planner;
pub mod query;
pub mod reading;
pub mod registry;
pub mod running;
pub mod scan;
pub mod snapshot;
pub mod step;
pub mod trigger;
pub mod types;
pub mod varlena;
pub mod version;
