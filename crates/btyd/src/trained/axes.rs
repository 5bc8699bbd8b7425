//! The axes of a training, packed.
//!
//! ```text
//! head       version u8 │ zero u8 │ number of axes u16 │ bytes of the directory u32
//! directory  for each axis: flags u8 │ bytes of the name u8 │ customers u64 │ mean f64 │ name
//! data       101 percentiles f64 for each axis that has them, in the order of the directory
//! ```
//!
//! All numbers are little-endian. Flag 1: there is a mean (else it is 0); flag 2: there are percentiles.

use super::{Doubles, check_name, malformed, rises, take, take_slice};
use crate::Error;
use crate::value::{self, PERCENTILES};
use serde::{Deserialize, Serialize};

/// The version that [`pack`] writes and [`PackedAxes::validate`] accepts.
pub const VERSION: u8 = 1;

const HAS_MEAN: u8 = 1;
const HAS_PERCENTILES: u8 = 2;
const HEAD: usize = 8;
const BLOCK: usize = PERCENTILES * 8;

/// What a training found of an axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainedAxis {
    /// Name of the axis.
    pub axis: String,
    /// Customers with a value.
    pub customers: i64,
    /// Mean of their values; None without any.
    pub mean: Option<f64>,
    /// The percentiles 0 to 100 of their values, 101 numbers; None without any.
    pub percentiles: Option<Vec<f64>>,
}

/// An error unless these are axes that can be packed.
pub fn check(axes: &[TrainedAxis]) -> Result<(), Error> {
    if axes.len() > usize::from(u16::MAX) {
        return Err(malformed("there are too many axes"));
    }
    for (i, axis) in axes.iter().enumerate() {
        let name = &axis.axis;
        check_name("the name of an axis", name)?;
        let refuse = |why: &str| Err(malformed(format!("axis \"{name}\" {why}")));
        if axes[..i].iter().any(|other| other.axis == *name) {
            return refuse("appears twice");
        }
        if axis.customers < 0 || axis.mean.is_some_and(|mean| !mean.is_finite()) {
            return refuse("has a negative number of customers or no finite mean");
        }
        let Some(percentiles) = &axis.percentiles else { continue };
        if axis.customers == 0 {
            return refuse("has percentiles without customers");
        }
        if percentiles.len() != PERCENTILES || !rises(percentiles) {
            return refuse("must have 101 percentiles in rising order");
        }
    }
    Ok(())
}

/// The packed form of axes that pass their [`check`].
pub fn pack(axes: &[TrainedAxis]) -> Vec<u8> {
    let (mut directory, mut data) = (Vec::new(), Vec::new());
    for axis in axes {
        let flag = |on: bool, flag: u8| if on { flag } else { 0 };
        let percentiles = axis.percentiles.as_deref();
        directory.push(
            flag(axis.mean.is_some(), HAS_MEAN) | flag(percentiles.is_some(), HAS_PERCENTILES),
        );
        directory.push(axis.axis.len() as u8);
        directory.extend(axis.customers.to_le_bytes());
        directory.extend(axis.mean.unwrap_or_default().to_le_bytes());
        directory.extend(axis.axis.as_bytes());
        data.extend(percentiles.unwrap_or_default().iter().flat_map(|value| value.to_le_bytes()));
    }
    let mut bytes = vec![VERSION, 0];
    bytes.extend((axes.len() as u16).to_le_bytes());
    bytes.extend((directory.len() as u32).to_le_bytes());
    bytes.extend(directory);
    bytes.extend(data);
    bytes
}

/// Packed axes, borrowed: what a look-up reads.
#[derive(Clone, Copy)]
pub struct PackedAxes<'a> {
    bytes: &'a [u8],
}

/// An entry of the directory.
struct Entry<'a> {
    name: &'a [u8],
    customers: i64,
    mean: Option<f64>,
    has_percentiles: bool,
}

impl<'a> Entry<'a> {
    #[inline]
    fn read(directory: &mut &'a [u8]) -> Option<Self> {
        let [flags, len] = *take(directory)?;
        let customers = i64::from_le_bytes(*take(directory)?);
        let mean = f64::from_le_bytes(*take(directory)?);
        Some(Entry {
            name: take_slice(directory, len.into())?,
            customers,
            mean: (flags & HAS_MEAN != 0).then_some(mean),
            has_percentiles: flags & HAS_PERCENTILES != 0,
        })
    }
}

/// The percentiles of an axis, borrowed.
#[derive(Clone, Copy)]
pub struct Percentiles<'a>(Doubles<'a>);

impl Percentiles<'_> {
    /// A percentile, 0 to 100.
    #[inline]
    pub fn at(&self, percent: usize) -> f64 {
        self.0.at(percent)
    }

    /// The place of this value, 0 to 1, as [`value::percentile`] says; None for a value that is not finite.
    #[inline]
    pub fn share(&self, value: f64) -> Option<f64> {
        let share = value::percentile(PERCENTILES, |i| self.at(i), value);
        (value.is_finite() && share.is_finite()).then_some(share)
    }
}

impl<'a> PackedAxes<'a> {
    /// Any bytes can be given; see [`PackedAxes::validate`].
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Self {
        PackedAxes { bytes }
    }

    /// Number of axes, directory and data.
    #[inline]
    fn parts(&self) -> Option<(usize, &'a [u8], &'a [u8])> {
        let [VERSION, 0, a, b, c, d, e, f] = *self.bytes.first_chunk::<HEAD>()? else {
            return None;
        };
        let len = u32::from_le_bytes([c, d, e, f]) as usize;
        let (directory, data) = self.bytes[HEAD..].split_at_checked(len)?;
        Some((u16::from_le_bytes([a, b]).into(), directory, data))
    }

    /// The percentiles of an axis; None if it is not there or has none.
    #[inline]
    pub fn percentiles(&self, axis: &[u8]) -> Option<Percentiles<'a>> {
        let (count, mut directory, data) = self.parts()?;
        let mut before = 0;
        for _ in 0..count {
            let entry = Entry::read(&mut directory)?;
            if entry.name == axis {
                let block = data.get(before * BLOCK..(before + 1) * BLOCK)?;
                return entry.has_percentiles.then_some(Percentiles(Doubles(block)));
            }
            before += usize::from(entry.has_percentiles);
        }
        None
    }

    /// The axes; None if the bytes are damaged.
    pub fn unpack(&self) -> Option<Vec<TrainedAxis>> {
        let (count, mut directory, mut data) = self.parts()?;
        let mut axes = Vec::new();
        for _ in 0..count {
            let entry = Entry::read(&mut directory)?;
            let percentiles = match entry.has_percentiles {
                true => Some(Doubles(take_slice(&mut data, BLOCK)?).iter().collect()),
                false => None,
            };
            axes.push(TrainedAxis {
                axis: str::from_utf8(entry.name).ok()?.into(),
                customers: entry.customers,
                mean: entry.mean,
                percentiles,
            });
        }
        Some(axes)
    }

    /// Accepts exactly the bytes that [`pack`] writes for axes that pass their [`check`].
    pub fn validate(bytes: &[u8]) -> Result<(), Error> {
        if bytes.first() != Some(&VERSION) {
            return Err(malformed("the version of these trained axes is not supported"));
        }
        let damaged = || malformed("the packed axes are damaged");
        let axes = PackedAxes::new(bytes).unpack().ok_or_else(damaged)?;
        check(&axes)?;
        if pack(&axes) == bytes { Ok(()) } else { Err(damaged()) }
    }
}
