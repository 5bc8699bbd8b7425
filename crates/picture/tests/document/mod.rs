//! What golden documents have in common: their frame, how they are compared, and labels that no picture may stumble over.

use picture::Frame;
use std::path::PathBuf;

/// A frame in a language.
pub fn frame(kind: &str, language: &str) -> Frame {
    let zh = language == "zh";
    Frame {
        title: if zh { "RFM 分群" } else { "RFM segments" }.into(),
        subtitle: if zh {
            "截至1998年7月1日，23,570 位客户"
        } else {
            "23,570 customers as of 1 Jul 1998"
        }
        .into(),
        note: String::new(),
        language: language.into(),
        id: kind.into(),
    }
}

/// The golden text, compared or, with ACCEPT, written; and what holds for every document.
pub fn same(name: &str, document: &str) {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/expected/pictures").join(name);
    if std::env::var_os("ACCEPT").is_some() {
        std::fs::write(&path, document).expect("the golden text can be written");
    }
    let golden = std::fs::read_to_string(&path).expect("there is a golden text; ACCEPT=1 makes it");
    let line = golden.lines().zip(document.lines()).position(|(old, new)| old != new);
    assert!(
        golden == document,
        "{name} differs from line {:?} on; ACCEPT=1 takes it",
        line.map(|line| line + 1)
    );
    assert!(document.len() < 300_000, "{name}: {} bytes", document.len());
    assert!(!document.contains("<script") && !document.contains("foreignObject"), "{name}");
    let events: Vec<svg::parser::Event<'_>> =
        svg::read(document).expect("it can be read").collect();
    assert!(!events.iter().any(|event| matches!(event, svg::parser::Event::Error(_))), "{name}");
}

/// Labels that no picture may stumble over.
pub const ODD: [&str; 6] = [
    "<script>alert(1)</script>",
    "Smith & \"Sons\" 'Ltd' ]]>",
    "العملاء المميزون",
    "two\nlines\u{0}\u{202E}",
    "👨\u{200D}👩\u{200D}👧 families who buy for their children again and again and again",
    "Donaudampfschifffahrtsgesellschaftskapitän",
];
