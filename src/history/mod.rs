//! Histories: the aggregate that folds orders, the text and binary forms, the accessors, equality.

mod accessors;
mod aggregate;
mod arena;
mod compare;
mod io;
mod refunds;
mod state;
