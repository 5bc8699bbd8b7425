//! Pages as golden texts in tests/expected/pages, which tests/test_page.py opens in a browser. `ACCEPT=1 cargo test -p page`
//! takes what is written now.

use page::{Block, Column, Kind, Page, Picture, Section, Table, Tile};

/// A picture as the page gets them.
fn picture(bytes: usize) -> Block {
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 600 120\" role=\"img\" aria-labelledby=\"bars-title\">\
         <title id=\"bars-title\">Customers by segment</title>\
         <rect x=\"0\" y=\"20\" width=\"400\" height=\"30\" fill=\"#0072b2\"/><!--{}--></svg>",
        "x".repeat(bytes)
    );
    Block::Picture(Picture { svg, caption: "Customers by segment, best first.".into() })
}

/// A table of segments.
fn table(rows: usize) -> Table {
    let columns =
        [("Segment", Kind::Name), ("Customers", Kind::Number), ("What to do", Kind::Sentence)];
    let columns = columns.map(|(heading, kind)| Column { heading: heading.into(), kind });
    let row = |at| vec![format!("Segment {at}"), format!("{at},000"), "Keep in touch.".to_owned()];
    Table {
        caption: "The segments, best first.".into(),
        columns: columns.into(),
        rows: (1..=rows).map(row).collect(),
        note: String::new(),
    }
}

/// A page with one of each block.
fn whole() -> Page {
    let about = vec![("View".into(), "shop.customer_segments".into())];
    let doubts = vec![
        ("Many customers have the same value.".into(), "Compare ranks, not values.".into()),
        ("A point alone.".into(), String::new()),
    ];
    let section = |id: &str, heading: &str, blocks| Section {
        id: id.into(),
        heading: heading.into(),
        blocks,
    };
    Page {
        language: "en".into(),
        title: "Customer segments of shop.customer_segments".into(),
        lead: "23,570 customers, compared as of 1998-07-01.".into(),
        generator: "customer_value".into(),
        tiles: vec![Tile { name: "Customers".into(), figure: "23,570".into() }],
        contents: "Contents".into(),
        sections: vec![
            section("about", "What this is", vec![Block::Terms(about), Block::Points(doubts)]),
            section(
                "segments",
                "Segments",
                vec![
                    Block::Text("Who buys how much.".into()),
                    picture(0),
                    Block::Heading("In figures".into()),
                    Block::Table(table(3)),
                ],
            ),
            section("moved", "How it moved", vec![Block::Missing("It is not trained.".into())]),
        ],
        footer: "Made on 2026-01-31.".into(),
        left_out: "Left out to keep the page small.".into(),
    }
}

#[test]
fn a_page_with_each_block() {
    golden::same("pages", "whole.html", &whole().html());
}

#[test]
fn texts_are_escaped() {
    let odd = "<script>alert(1)</script> & \"quoted\" 'so' \u{0}\u{b}\u{1b}\u{ffff}\n\u{202e}rtl עברית 😀 </style>";
    let mut page = whole();
    page.title = format!("Segments of {odd}");
    page.lead = odd.into();
    page.tiles = vec![Tile { name: odd.into(), figure: odd.into() }];
    page.footer = odd.into();
    for section in &mut page.sections {
        section.heading = format!("{odd} {}", section.id);
        section.blocks.truncate(1);
    }
    let mut table = table(1);
    (table.caption, table.note, table.columns[0].heading) = (odd.into(), odd.into(), odd.into());
    table.rows = vec![vec![odd.to_owned(); 3]];
    page.sections[0].blocks = vec![
        Block::Table(table),
        Block::Terms(vec![(odd.into(), odd.into())]),
        Block::Points(vec![(odd.into(), odd.into())]),
        Block::Missing(odd.into()),
        Block::Heading(odd.into()),
    ];
    let html = page.html();
    assert_eq!(html.matches("<script").count(), 0);
    assert_eq!(html.matches("</style>").count(), 1);
    assert!(!html.contains(['\0', '\u{b}', '\u{1b}', '\u{ffff}']));
    golden::same("pages", "odd.html", &html);
}

#[test]
fn an_empty_page() {
    golden::same(
        "pages",
        "empty.html",
        &Page { language: "zh".into(), title: "空".into(), ..Page::default() }.html(),
    );
}

#[test]
fn a_page_is_small_whatever_it_holds() {
    let mut page = whole();
    let rest = page.html().len();
    page.sections[1].blocks.extend([picture(100_000), picture(50_000), picture(20_000)]);
    page.sections[1].blocks.push(Block::Table(table(1_000)));
    let all = page.clone().within(10_000_000);
    assert_eq!(all.matches("<svg").count(), 4);
    // the largest goes first
    let most = page.clone().within(240_000);
    assert_eq!((most.matches("<svg").count(), most.matches("class=\"missing\"").count()), (3, 2));
    assert!(most.len() <= 240_000 && most.contains("Left out to keep the page small."));
    // then rows
    let least = page.clone().within(rest + 4_000);
    assert_eq!(least.matches("<svg").count(), 0);
    assert!(least.len() <= rest + 4_000 && least.contains("Segment 10<"));
    // what cannot be small is as small as it can be
    assert!(page.within(10).len() < rest + 1_000);
}
