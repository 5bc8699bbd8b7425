//! What a segmentation is: options are read, the catalogue is asked, what is wrong is refused. The result is plain data,
//! a plan of crate `segmentation`, which becomes SQL there.

pub mod input;
pub mod keep;
mod option_types;
pub mod options;
pub mod relation;
pub mod resolve;

pub use option_types::{AsOf, Bind};
