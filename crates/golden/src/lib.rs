//! Golden texts: what a test of the other crates writes is compared with a file of tests/expected, so that a change of it is
//! a diff that a person reads. With `ACCEPT=1` the file takes what is written now.

use std::path::Path;

/// Compares a text with the file `name` in a folder of tests/expected, or takes it.
///
/// # Panics
/// If they differ.
pub fn same(folder: &str, name: &str, text: &str) {
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/expected");
    let path = expected.join(folder).join(name);
    if std::env::var_os("ACCEPT").is_some() {
        std::fs::write(&path, text).expect("the golden text can be written");
    }
    let golden = std::fs::read_to_string(&path).expect("there is a golden text; ACCEPT=1 makes it");
    if let Some(line) = first_difference(&golden, text) {
        panic!(
            "{folder}/{name} differs from line {line} on; ACCEPT=1 takes it. It is now:\n{text}"
        );
    }
}

/// The number of the first line that differs, from 1; None if the texts are the same to the letter.
fn first_difference(golden: &str, text: &str) -> Option<usize> {
    let same = golden.split('\n').zip(text.split('\n')).take_while(|(old, new)| old == new);
    (golden != text).then(|| same.count() + 1)
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn each_letter_counts() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\nb\n", "a\nb"), Some(3));
        assert_eq!(first_difference("", "a"), Some(1));
    }
}
