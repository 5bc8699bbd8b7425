//! Schemes in a language, and checking that a segmentation can use one.

use super::definitions;
use super::labels::{Labels, NONE, Segment, cell_count};
use crate::server::error::{Code, fail};
use crate::server::names::listed;
use crate::training::cuts::SplitName;
use segmentation::definitions::{Ranges, Scheme, SchemeSplit};

/// What a segmentation needs of a scheme.
pub struct Usable {
    /// Its labels.
    pub labels: Labels,
    /// How axes are split.
    pub split: SplitName,
}

/// Reads a scheme in a language; English, then the code, where a label is missing.
pub fn read(name: &str, language: &str) -> Labels {
    labels(&definitions::read::<Scheme>(name).definition, language)
}

/// Keeps other sessions from dropping a scheme until the transaction ends.
pub fn hold(name: &str) {
    definitions::hold::<Scheme>(&[name]);
}

/// Bins of each axis of a scheme, or an error.
pub fn bins(name: &str) -> u8 {
    definitions::read::<Scheme>(name).definition.bins
}

/// The scheme of a segmentation, or the error that it cannot be used.
pub fn usable(name: &str, language: &str, with_amounts: bool) -> Usable {
    let scheme = definitions::read::<Scheme>(name).definition;
    let refuse = |why: String, hint: String| -> ! {
        fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, format!("RFM scheme \"{name}\" {why}"), hint)
    };
    let languages = scheme.languages();
    if !scheme.segments.iter().any(|segment| segment.words.is_labelled(language)) {
        refuse(
            format!("has no labels in language \"{language}\""),
            format!(
                "It has: {}. To add a language, use reword_scheme for a built-in scheme, define_scheme for your own.",
                listed(&languages)
            ),
        );
    }
    let labels = labels(&scheme, language);
    if !with_amounts && labels.needs_amounts() {
        refuse(
            "needs amounts, but the source has no amount column".into(),
            "Use scheme \"recency_frequency\", or \"none\" for scores without labels.".into(),
        );
    }
    let split = match scheme.split {
        SchemeSplit::Mean => SplitName::Mean,
        SchemeSplit::Quantile => SplitName::Quantile,
    };
    Usable { labels, split }
}

/// The places among the cells that ranges cover; monetary 0 stands for a missing score.
fn places(bins: u8, ranges: &Ranges) -> impl Iterator<Item = usize> + use<> {
    let [recency, frequency, monetary] = ranges.map(|(from, to)| from..=to);
    let bins = usize::from(bins);
    recency.flat_map(move |r| {
        let monetary = monetary.clone();
        frequency.clone().flat_map(move |f| {
            monetary.clone().map(move |m| ((r - 1) * bins + f - 1) * (bins + 1) + m)
        })
    })
}

fn labels(scheme: &Scheme, language: &str) -> Labels {
    let mut cells = vec![NONE; cell_count(scheme.bins)];
    for (segment, ranges) in scheme.ranges() {
        places(scheme.bins, &ranges).for_each(|place| cells[place] = segment as u8);
    }
    let segments = scheme.segments.iter().enumerate().map(|(i, segment)| Segment {
        code: segment.code.clone(),
        label: segment.words.label(language).unwrap_or(&segment.code).to_owned(),
        rank: (i + 1) as u16,
        action: segment.words.action(language).to_owned(),
    });
    Labels { bins: scheme.bins, segments: segments.collect(), cells }.with_missing_monetary()
}
