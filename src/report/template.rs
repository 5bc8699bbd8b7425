//! SQL in files of its own, laid out to be read, with named holes: `{{view}}`.
//!
//! [`sql!`] compares a template with its values when the extension is compiled: a hole without a value, a value
//! without a hole and a hole that does not end are compile errors. What fills a hole is SQL: names and texts go
//! through `ident` and `literal` first. A value is never searched for holes.

/// The SQL of a file in `sql/` beside the caller, its holes filled: `sql!("drift.sql", view = …, id = …)`.
macro_rules! sql {
    ($file:literal $(, $hole:ident = $value:expr)* $(,)?) => {{
        const TEMPLATE: &str = include_str!(concat!("sql/", $file));
        const _: () = $crate::report::template::check(TEMPLATE, &[$(stringify!($hole)),*]);
        $crate::report::template::fill(TEMPLATE, &[$((stringify!($hole), ($value).as_ref())),*])
    }};
}
pub(crate) use sql;

/// Fails to compile unless the holes of a template are exactly these.
pub const fn check(template: &str, holes: &[&str]) {
    let text = template.as_bytes();
    let mut filled = [false; 32];
    let mut at = 0;
    while at + 1 < text.len() {
        if text[at] != b'{' || text[at + 1] != b'{' {
            at += 1;
            continue;
        }
        let start = at + 2;
        let end = end_of_hole(text, start);
        let mut hole = 0;
        while hole < holes.len() && !same(text, start, end, holes[hole].as_bytes()) {
            hole += 1;
        }
        assert!(hole < holes.len(), "a hole of the template has no value");
        filled[hole] = true;
        at = end + 2;
    }
    let mut hole = 0;
    while hole < holes.len() {
        assert!(filled[hole], "a value has no hole in the template");
        hole += 1;
    }
}

/// Where the hole that starts here ends.
const fn end_of_hole(text: &[u8], start: usize) -> usize {
    let mut end = start;
    while end + 1 < text.len() && !(text[end] == b'}' && text[end + 1] == b'}') {
        end += 1;
    }
    assert!(end + 1 < text.len(), "a hole of the template does not end");
    end
}

/// Whether a part of a text is this name.
const fn same(text: &[u8], start: usize, end: usize, name: &[u8]) -> bool {
    if end - start != name.len() {
        return false;
    }
    let mut at = 0;
    while at < name.len() {
        if text[start + at] != name[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// A template, which [`check`] has seen, with its holes filled.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut parts = template.split("{{");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (hole, rest) = part.split_once("}}").unwrap_or((part, ""));
        let value = values.iter().find(|(name, _)| *name == hole);
        debug_assert!(value.is_some(), "check has seen every hole");
        filled += value.map_or("", |(_, value)| value);
        filled += rest;
    }
    filled
}
