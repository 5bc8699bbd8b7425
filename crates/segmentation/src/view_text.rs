//! The text of a view as the server writes it: its columns, one by one.
//!
//! The server's `pg_get_viewdef` encloses every operator in parentheses, so what stands outside of all parentheses and
//! quotes of a query is its keywords, commas, and names.

/// The expressions of the columns of a query, in order, without their names; None if the text is not such a query.
pub fn expressions(text: &str) -> Option<Vec<String>> {
    let list = text.trim_start().strip_prefix("SELECT")?;
    let (mut found, mut item) = (Vec::new(), 0);
    for (at, word) in outside(list) {
        match word {
            "," => {
                found.push(expression(&list[item..at]));
                item = at + 1;
            }
            "FROM" => {
                found.push(expression(&list[item..at]));
                return Some(found);
            }
            _ => {}
        }
    }
    None
}

/// A column of a query without its name.
fn expression(item: &str) -> String {
    let end = outside(item).filter(|(_, word)| *word == "AS").map(|(at, _)| at).last();
    item[..end.unwrap_or(item.len())].trim().to_owned()
}

/// Words and commas outside of parentheses, brackets and quotes, with their places.
fn outside(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let (mut depth, mut quote, mut word) = (0_i32, None, None);
    let ends = text.char_indices().chain([(text.len(), ' ')]);
    ends.flat_map(move |(at, c)| {
        let in_word = depth == 0 && quote.is_none() && (c.is_alphanumeric() || c == '_');
        let ended = match (in_word, word) {
            (true, None) => {
                word = Some(at);
                None
            }
            (false, Some(from)) => {
                word = None;
                Some((from, &text[from..at]))
            }
            _ => None,
        };
        let mut comma = None;
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth -= 1,
            (None, ',') if depth == 0 => comma = Some((at, ",")),
            _ => {}
        }
        ended.into_iter().chain(comma)
    })
}

/// Where two texts differ first: a line of each, without what encloses it.
pub fn difference<'a>(one: &'a str, other: &'a str) -> Option<(&'a str, &'a str)> {
    let none = std::iter::repeat("");
    let lines = one.lines().chain(none.clone()).zip(other.lines().chain(none));
    let count = one.lines().count().max(other.lines().count());
    let differ = |(one, other): &(&str, &str)| one.trim() != other.trim();
    lines.take(count).find(differ).map(|(one, other)| (one.trim(), other.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_a_query() {
        let text = " SELECT h.customer AS customer_id,\n    a.\"AS, FROM\" AS \"x, y\",\n    \
                    CASE WHEN (a.b IS DISTINCT FROM 'it''s, FROM') THEN f(1, 2) ELSE NULL::text END AS c,\n    \
                    ARRAY[1, 2] AS d,\n    h.clv\n   FROM (SELECT 1, 2 FROM x) AS t;";
        let found = expressions(text).expect("it is a query");
        let wanted = [
            "h.customer",
            "a.\"AS, FROM\"",
            "CASE WHEN (a.b IS DISTINCT FROM 'it''s, FROM') THEN f(1, 2) ELSE NULL::text END",
            "ARRAY[1, 2]",
            "h.clv",
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn what_is_no_query() {
        assert_eq!(expressions("VALUES (1)"), None);
        assert_eq!(expressions("SELECT 1, 'x FROM y'"), None);
    }

    #[test]
    fn the_first_difference() {
        assert_eq!(difference("a\n b\nc", "a\nb\nd"), Some(("c", "d")));
        assert_eq!(difference("a", "a\nb"), Some(("", "b")));
        assert_eq!(difference("a\n", "a"), None);
    }
}
