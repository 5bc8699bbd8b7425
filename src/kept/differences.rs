//! What differs between two fingerprints, for a person.

use crate::server::catalogue::shown;
use pgrx::pg_sys::Oid;
use std::collections::BTreeMap;

/// The lines of a fingerprint: what each is about, and what it says.
type Lines<'a> = BTreeMap<(&'a str, &'a str), Vec<&'a str>>;

fn lines(text: &str) -> Lines<'_> {
    let mut lines = Lines::new();
    for line in text.lines() {
        let mut words = line.splitn(3, ' ');
        let mut word = || words.next().unwrap_or_default();
        let about = (word(), word());
        lines.entry(about).or_default().push(word());
    }
    lines
}

/// The kinds of lines, those first that tell most.
const KINDS: [&str; 8] =
    ["place", "policies", "relation", "child", "trigger", "kept", "touched", "changed"];

/// The first difference, in one sentence.
pub fn first(stored: &str, now: &str, source: Oid) -> String {
    let (stored, now) = (lines(stored), lines(now));
    let of_kind = |kind| {
        let mut about = stored.keys().chain(now.keys()).filter(move |about| about.0 == kind);
        about.find(|about| stored.get(about) != now.get(about))
    };
    let Some(about) = KINDS.into_iter().find_map(of_kind) else {
        return "it is not as it was when histories were kept".into();
    };
    let relation = Oid::from(about.1.parse::<u32>().unwrap_or_default());
    let (name, source) = (shown(relation), shown(source));
    match (about.0, stored.contains_key(about), now.contains_key(about)) {
        ("place", ..) => "it came with a dump or from another server".into(),
        ("policies", true, true) => format!("row-level security of {name} was changed"),
        ("policies", ..) => format!("the source is another table than it was: {source}"),
        ("relation", true, false) => {
            format!("{name} is no longer a partition or child of {source}")
        }
        ("relation", false, true) => format!("{name} has become a partition or child of {source}"),
        ("child", ..) => format!("{name} was attached or detached"),
        ("changed", ..) => format!("{source} was changed while a refresh was reading it"),
        ("trigger", ..) => format!("a trigger on {name} was changed or made anew"),
        _ => format!("{name} was truncated or rewritten"),
    }
}
