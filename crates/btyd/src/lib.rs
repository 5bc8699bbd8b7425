//! Purchase histories, what is read from them and the models fitted to them, without a database.
//!
//! Orders become lines of a [`ledger`], a ledger is packed into a [`history`], [`measures`] are read
//! from a history as of any day, [`cuts`] are trained over the measures of a population, [`spread`] where many customers
//! have the same value, and turn one customer's measures into scores. [`refunds`] can undo purchases first. Money is an exact [`decimal`] throughout.
//!
//! [`fit`] finds the parameters of buy-till-you-die [`models`] from many customers' statistics, the models
//! predict, [`value`] puts a price on that, [`uncertain`] tells how sure it is, [`validate`] how good the models are,
//! [`simulate`] draws customers, [`alike`] remembers what many of them share.
//! [`special`] has the functions that no library has to the accuracy needed.
//!
//! [`cohorts`] follow customers from the period of their first purchase on.
//!
//! Matrices split an [`axis`] into levels; [`stages`] tell where a customer is in their life with the company. What is
//! [`trained`] of axes and matrices is packed, to be applied to one customer after the other. A [`budget`] goes where it
//! returns most.
//! [`tally`] adds up survey answers, [`concentration`] and [`contingency`] tell how a population is distributed, [`facts`]
//! how far what was found of it can be trusted, [`effect`] what an action did. [`total`] adds up floats in any order,
//! [`calendar`] finds days, [`stability`] tells whether a population is still like another one.
//!
//! Days are whole numbers counted from any fixed day (the extension uses PostgreSQL's: 0 is 2000-01-01).
//! Nothing here allocates per order, reads a clock or depends on the order of its input.

pub mod alike;
pub mod axis;
pub mod budget;
pub mod calendar;
pub mod cohorts;
pub mod concentration;
pub mod contingency;
pub mod cuts;
pub mod decimal;
pub mod effect;
pub mod facts;
pub mod fit;
pub mod history;
pub mod ledger;
pub mod measures;
pub mod models;
pub mod population;
pub mod refunds;
pub mod simulate;
pub mod sort;
pub mod special;
pub mod spread;
pub mod stability;
pub mod stages;
pub mod tally;
pub mod total;
pub mod trained;
pub mod uncertain;
pub mod validate;
pub mod value;
mod varint;

/// Why a value could not be computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// An amount or a sum of amounts needs more than 38 digits.
    OutOfRange,
    /// The memory for the result cannot be had.
    OutOfMemory,
    /// The input is not what it claims to be; the text says where.
    Malformed(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::OutOfRange => f.write_str("an amount needs more than 38 digits"),
            Error::OutOfMemory => f.write_str("out of memory"),
            Error::Malformed(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Error {}

/// Called now and then inside loops that can last, so that a host can cancel them by unwinding.
pub type Poll<'a> = &'a mut dyn FnMut();
