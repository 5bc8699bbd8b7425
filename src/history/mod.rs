//! Histories: the aggregate that folds orders, the text and binary forms, the accessors.

mod accessors;
mod aggregate;
mod arena;
mod io;
mod state;
