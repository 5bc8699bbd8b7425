//! What golden documents have in common: their frame, how they are compared, and labels that no picture may stumble over.

use picture::Frame;

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
    golden::same("pictures", name, document);
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
