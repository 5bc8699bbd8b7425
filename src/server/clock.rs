//! Days: of a timestamp in a zone by the server's own time zone data, and in text.

use super::error::{Code, fail};
use pgrx::pg_sys;
use std::os::fd::FromRawFd;

/// PostgreSQL's day 0, 2000-01-01, as a Julian day.
const EPOCH: i32 = pg_sys::POSTGRES_EPOCH_JDATE as i32;
const DAY: i64 = 86_400_000_000;
const SECOND: i64 = 1_000_000;
/// 1970-01-01 to 2000-01-01 in seconds.
const UNIX_TO_PG: i64 = 946_684_800;
/// A window of about 51 days: few hold more than one change of the clocks.
const WINDOW_BITS: u32 = 42;
const SLOTS: usize = 64;
const LONGEST_NAME: usize = 64;

unsafe extern "C-unwind" {
    /// Opens a file of the server's time zone data by name, in any case; negative if there is none.
    /// PostgreSQL, src/timezone/pgtz.c; exported by the server, in none of its installed headers.
    fn pg_open_tzfile(name: *const std::ffi::c_char, canonical: *mut std::ffi::c_char) -> i32;
}

/// The day of a timestamp on its own wall clock, or in UTC.
#[inline]
pub fn day_of(micros: i64) -> i32 {
    finite(micros).div_euclid(DAY) as i32
}

/// The timestamp, or an error if it is infinite.
#[inline]
fn finite(micros: i64) -> i64 {
    if micros == i64::MAX || micros == i64::MIN {
        infinite_time();
    }
    micros
}

/// The day, or an error if it is infinite.
#[inline]
pub fn finite_day(day: i32) -> i32 {
    if day == i32::MAX || day == i32::MIN {
        infinite_time();
    }
    day
}

#[cold]
fn infinite_time() -> ! {
    fail(
        Code::ERRCODE_DATETIME_FIELD_OVERFLOW,
        "an infinite time has no day",
        "Give a finite day, or leave out such rows: FILTER (WHERE isfinite(time)).",
    )
}

/// A time during which the clocks of a zone did not change: from, until, both unix seconds, and the
/// seconds that its clocks are ahead of UTC.
#[derive(Clone, Copy)]
struct Stretch {
    from: i64,
    until: i64,
    ahead: i64,
}

/// A time zone with the stretches that it was lately asked for. No lookup by name, no conversion by
/// calendar while the orders stay in one stretch.
#[derive(Clone, Copy)]
pub struct Zone {
    name: [u8; LONGEST_NAME],
    len: usize,
    zone: *mut pg_sys::pg_tz,
    stretches: [Stretch; SLOTS],
}

impl Zone {
    /// The zone of this name, one of `pg_timezone_names`, or an error.
    pub fn new(name: &str) -> Self {
        let zone = find(name).unwrap_or_else(|| unknown_zone(name));
        let mut bytes = [0; LONGEST_NAME];
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        let nothing = Stretch { from: 1, until: 0, ahead: 0 };
        Zone { name: bytes, len: name.len(), zone, stretches: [nothing; SLOTS] }
    }

    /// True if it was made with this name.
    #[inline]
    pub fn is(&self, name: &[u8]) -> bool {
        self.name.get(..self.len) == Some(name)
    }

    /// The day of an instant in this zone.
    #[inline]
    pub fn day_of(&mut self, micros: i64) -> i32 {
        let seconds = finite(micros).div_euclid(SECOND) + UNIX_TO_PG;
        let slot = (micros >> WINDOW_BITS) as usize % SLOTS;
        let stretch = &mut self.stretches[slot];
        if seconds < stretch.from || seconds >= stretch.until {
            *stretch = stretch_at(self.zone, seconds);
        }
        (micros + stretch.ahead * SECOND).div_euclid(DAY) as i32
    }
}

/// The stretch from an instant to the next change of the clocks.
fn stretch_at(zone: *mut pg_sys::pg_tz, seconds: i64) -> Stretch {
    let (mut before, mut after, mut boundary) = (0, 0, 0);
    let (mut dst_before, mut dst_after) = (0, 0);
    // SAFETY: the zone is the server's, the rest are places to write to.
    let found = unsafe {
        pg_sys::pg_next_dst_boundary(
            &seconds,
            &mut before,
            &mut dst_before,
            &mut boundary,
            &mut after,
            &mut dst_after,
            zone,
        )
    };
    let until = if found == 1 { boundary } else { i64::MAX };
    Stretch { from: seconds, until, ahead: before }
}

#[cold]
fn unknown_zone(name: &str) -> ! {
    fail(
        Code::ERRCODE_INVALID_PARAMETER_VALUE,
        format!("time zone \"{name}\" does not exist"),
        "Use a name from pg_timezone_names, such as Europe/Berlin; abbreviations and offsets are not \
         accepted.",
    )
}

/// The server's time zone of this name; None if it is no name of `pg_timezone_names`.
fn find(name: &str) -> Option<*mut pg_sys::pg_tz> {
    if name.len() >= LONGEST_NAME || name.starts_with(['/', '.']) || name.contains("..") {
        return None;
    }
    let text = std::ffi::CString::new(name).ok()?;
    // SAFETY: the name ends in zero and has no path that leaves the data; the descriptor is ours to close.
    unsafe {
        let file = pg_open_tzfile(text.as_ptr(), std::ptr::null_mut());
        if file < 0 {
            return None;
        }
        drop(std::os::fd::OwnedFd::from_raw_fd(file));
        let zone = pg_sys::pg_tzset(text.as_ptr());
        (!zone.is_null() && pg_sys::pg_tz_acceptable(zone)).then_some(zone)
    }
}

/// True if the name is one of `pg_timezone_names`.
pub fn is_zone(name: &str) -> bool {
    find(name).is_some()
}

/// The year, negative or 0 before our era, the month and the day of the month of a day.
pub fn year_month_day(day: i32) -> (i32, i32, i32) {
    let (mut year, mut month, mut date) = (0, 0, 0);
    // SAFETY: three places to write to.
    unsafe { pg_sys::j2date(day.wrapping_add(EPOCH), &mut year, &mut month, &mut date) };
    (year, month, date)
}

/// A day as `YYYY-MM-DD`, with ` BC` behind it where it has to be.
pub fn day_text(day: i32) -> String {
    let (year, month, date) = year_month_day(day);
    if year > 0 {
        format!("{year:04}-{month:02}-{date:02}")
    } else {
        format!("{:04}-{month:02}-{date:02} BC", 1 - year)
    }
}

/// True for the days of PostgreSQL: 4714-11-24 BC to 5874897-12-31.
pub fn is_day(day: i32) -> bool {
    (-EPOCH..pg_sys::DATE_END_JULIAN as i32 - EPOCH).contains(&day)
}

/// The day of a text that [`day_text`] writes.
pub fn parse_day(text: &str) -> Option<i32> {
    let (digits, bc) = match text.strip_suffix(" BC") {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let mut parts = digits.split('-');
    let mut part = || parts.next()?.parse::<u32>().ok();
    let (year, month, date) = (part()?, part()?, part()?);
    if year == 0 || year > 5_874_897 {
        return None;
    }
    let year = if bc { 1 - year as i32 } else { year as i32 };
    // SAFETY: plain arithmetic; the text that comes back tells whether the day exists.
    let day = unsafe { pg_sys::date2j(year, month as i32, date as i32) }.wrapping_sub(EPOCH);
    (is_day(day) && day_text(day) == text).then_some(day)
}
