//! Comments follow the language of a segmentation: every column that there can be has one in each language.

mod shop;

use segmentation::definitions::matrices;
use segmentation::model::*;
use segmentation::sql::Name;
use segmentation::texts::{Group, find};
use segmentation::view::{Comment, Of, There};
use segmentation::{Plan, view};
use shop::{column, give_inputs, matrix, median, plain};
use std::path::PathBuf;

/// Two segmentations that together have every column and every comment, in a language.
fn all(language: &str) -> [Plan; 2] {
    let mut every = plain();
    every.orders.cost = Some(column("cost", Kind::Exact));
    every.orders.cost_to_serve = Some(column("service", Kind::Exact));
    every.orders.discount = Some(column("discounted", Kind::Boolean));
    give_inputs(&mut every);
    let levels = |cuts: &[f64]| SplitAt::Given(cuts.to_vec());
    let need = ("need_level", levels(&[2.0, 3.0, 4.0, 5.0]));
    every.matrices.push(matrix("need", "need_type", "", need, None));
    let (need, tier) =
        (("crm_need", levels(&[2.0, 3.0])), ("value_tier_rank", levels(&[2.0, 3.0])));
    every.matrices.push(matrix("crm", "crm_cell", "", need, Some(tier)));
    let (x, y) = (("relationship_quality", median()), ("potential_value", median()));
    every.matrices.push(matrix("value", "value_quadrant", "", x, Some(y)));
    let mut other = plain();
    other.monetary_average = true;
    other.net_refunds = false;
    other.indexes = vec![Index {
        name: Name::own("influence"),
        parts: vec![("clv".into(), 2.0), ("frequency".into(), 1.0)],
    }];
    other.potential_value = Some(vec![("clv".into(), 1.0)]);
    [every, other].map(|mut s| {
        s.language = language.into();
        for matrix in &mut s.matrices {
            let built_in = matrices().iter().find(|built_in| built_in.name == matrix.name);
            let description = built_in.map(|built_in| built_in.definition.description.clone());
            matrix.description = description.unwrap_or_default().of(language).to_owned();
        }
        Plan::new(s).expect("the segmentation is as it should be")
    })
}

/// Its comments, with one of a column that options no longer ask for.
fn comments(plan: &Plan) -> Vec<Comment> {
    let gone = There { name: Name::own("gone"), type_name: "text".into(), appended: None };
    let columns = view::columns_after(plan, &[gone]);
    view::comments(plan, &columns)
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// Two words of letters with a blank between them, neither of which is NULL or the name of a column.
fn english(text: &str, names: &[&str]) -> Option<String> {
    let is_word = |word: &&str| {
        word.len() > 1
            && word.chars().all(|c| c.is_ascii_alphabetic() || c == '_')
            && *word != "NULL"
            && !names.contains(word)
    };
    let words: Vec<&str> = text.split(' ').collect();
    let mut pairs = words.windows(2);
    pairs.find(|pair| pair.iter().all(is_word)).map(|pair| pair.join(" "))
}

#[test]
fn every_comment_is_in_both_languages() {
    for (in_english, in_chinese) in all("en").iter().zip(all("zh")) {
        let names: Vec<&str> =
            in_chinese.columns.iter().map(|column| column.name.text.as_str()).collect();
        for (en, zh) in comments(in_english).iter().zip(comments(&in_chinese)) {
            assert_eq!(en.of, zh.of);
            assert!(!en.text.contains(is_chinese), "{:?}: {}", en.of, en.text);
            assert!(zh.text.contains(is_chinese), "{:?}: {}", zh.of, zh.text);
            // the words of a statement in the comment of the function
            let text = zh.text.replace("CROSS JOIN LATERAL", "");
            assert_eq!(english(&text, &names), None, "{:?}: {}", zh.of, zh.text);
            for text in [&en.text, &zh.text] {
                assert!(!text.is_empty() && !text.contains(['{', '}']), "{:?}: {text}", en.of);
            }
        }
    }
}

#[test]
fn a_language_without_texts_has_english_ones() {
    let text = |plan: &Plan, of: Of| {
        let found = comments(plan).into_iter().find(|comment| comment.of == of);
        found.expect("there is a comment").text
    };
    let of = |language: &str| {
        let [every, _] = all(language);
        ["frequency", "gone", "region"].map(|name| text(&every, Of::Column(Name::own(name))))
    };
    assert_eq!(of("fr"), of("en"));
    assert_eq!(of("zh-TW"), of("zh"));
    assert_ne!(of("zh"), of("en"));
}

/// The sources of a directory of the repository, with those below it.
fn sources(directory: PathBuf) -> Vec<String> {
    let entries = std::fs::read_dir(directory).expect("there is such a directory");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let (below, files): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
    let rust = files.into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs"));
    let read = |path: PathBuf| std::fs::read_to_string(path).expect("it is text");
    rust.map(read).chain(below.into_iter().flat_map(sources)).collect()
}

#[test]
fn every_key_that_is_asked_for_has_a_text() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let of_columns = ["s.comment(\"", "s.comment_with(\""];
    let of_reports = ["words.text(\"", "words.literal(\"", "words.pattern(\""];
    let of_pictures = ["say.text(\"", "say().text(\"", "say.filled(\"", "say().filled(\""];
    let of_page = ["words.text(\"", "words.with(\"", "making.text(\""];
    let rooms = [
        (Group::Columns, "crates/segmentation/src", &of_columns[..]),
        (Group::Reports, "src/report", &of_reports),
        (Group::Pictures, "src/picture", &of_pictures),
        (Group::Page, "src/page", &of_page),
    ];
    let mut asked = 0;
    for (group, room, calls) in rooms {
        let sources = sources(root.join(room)).concat();
        for call in calls {
            for rest in sources.split(call).skip(1) {
                let key = rest.split('"').next().unwrap_or_default();
                assert!(find(group, key, "en").is_some(), "{room}: {call}{key}");
                asked += 1;
            }
        }
    }
    assert!(asked > 90, "{asked}");
}
