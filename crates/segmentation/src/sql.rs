//! Writing SQL: names, literals, and statements in indented lines.

use std::cell::Cell;
use std::fmt::{self, Display};

/// A name as it is and as SQL writes it, quoted by the server where it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As it is.
    pub text: String,
    /// As SQL writes it.
    pub quoted: String,
}

impl Name {
    /// A name of ours, which needs no quotes: lower case, and no keyword.
    pub fn own(text: &str) -> Name {
        Name { text: text.into(), quoted: text.into() }
    }
}

impl Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.quoted)
    }
}

/// A text as a literal, read alike whatever the server's `standard_conforming_strings`.
pub fn literal(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    match doubled.contains('\\') {
        true => format!("E'{}'", doubled.replace('\\', "\\\\")),
        false => format!("'{doubled}'"),
    }
}

/// An expression as a double precision.
pub fn as_double(expression: &str) -> String {
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    match expression.chars().all(name) {
        true => format!("{expression}::float8"),
        false => format!("({expression})::float8"),
    }
}

/// An expression with others in the place of its references `alias.column`, where there are any. What stands in quotes is
/// no reference.
pub fn with_references<'a>(expression: &str, of: impl Fn(&str, &str) -> Option<&'a str>) -> String {
    let in_name = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let (mut written, mut rest, mut quote) = (String::new(), expression, None);
    while let Some(c) = rest.chars().next() {
        let name = &rest[..rest.find(|c| !in_name(c)).unwrap_or(rest.len())];
        if quote.is_some() || name.is_empty() {
            quote = match quote {
                None => Some(c).filter(|c| matches!(c, '\'' | '"')),
                Some(open) => Some(open).filter(|open| *open != c),
            };
            written.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let reference = name.split_once('.').and_then(|(alias, column)| of(alias, column));
        written += reference.unwrap_or(name);
        rest = &rest[name.len()..];
    }
    written
}

/// Whether an expression refers to `alias.column`.
pub fn refers_to(expression: &str, alias: &str, column: &str) -> bool {
    let found = Cell::new(false);
    with_references(expression, |of, name| {
        found.set(found.get() || (of == alias && name == column));
        None
    });
    found.get()
}

/// A value in lower case, as codes of ours are written: whatever the database's collation makes of letters, as in Turkish.
pub fn lower(value: &str) -> String {
    format!("lower({value}::text COLLATE \"C\")")
}

/// A number as a literal of type double precision.
pub fn double(number: f64) -> String {
    format!("'{number}'::float8")
}

/// Numbers as the text of an array.
pub fn array(numbers: &[f64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(f64::to_string).collect();
    format!("{{{}}}", numbers.join(","))
}

/// SQL in lines, each with its depth, so that indenting never moves what is inside a quoted name.
#[derive(Debug, Clone, Default)]
pub struct Sql {
    lines: Vec<(usize, String)>,
}

impl Sql {
    /// One line.
    pub fn line(text: impl Display) -> Sql {
        Sql { lines: vec![(0, text.to_string())] }
    }

    /// Whether there are no lines.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Adds a line.
    pub fn push(&mut self, text: impl Display) {
        self.lines.push((0, text.to_string()));
    }

    /// Adds lines.
    pub fn add(&mut self, other: Sql) {
        self.lines.extend(other.lines);
    }

    /// Adds lines one level deeper.
    pub fn indent(&mut self, other: Sql) {
        self.lines.extend(other.lines.into_iter().map(|(depth, line)| (depth + 1, line)));
    }

    /// Adds to the end of the last line.
    pub fn end(&mut self, text: impl Display) {
        if let Some((_, last)) = self.lines.last_mut() {
            last.push_str(&text.to_string());
        }
    }

    /// The same without this at the end of the last line.
    pub fn without_end(mut self, end: &str) -> Sql {
        if let Some((_, last)) = self.lines.last_mut() {
            last.truncate(last.strip_suffix(end).map_or(last.len(), str::len));
        }
        self
    }

    /// `before (`, the lines one level deeper, `) after`.
    pub fn enclosed(self, before: &str, after: &str) -> Sql {
        let mut sql = Sql::line(format!("{before}("));
        sql.indent(self);
        sql.push(format!("){after}"));
        sql
    }
}

impl Display for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (depth, line)) in self.lines.iter().enumerate() {
            let feed = if i > 0 { "\n" } else { "" };
            write!(f, "{feed}{:indent$}{line}", "", indent = 4 * depth)?;
        }
        Ok(())
    }
}

/// A SELECT.
#[derive(Debug, Clone, Default)]
pub struct Select {
    columns: Sql,
    from: Sql,
    filter: Vec<String>,
    group: Vec<String>,
    fence: bool,
}

impl Select {
    /// Selects from lines that begin with FROM's first item.
    pub fn from(from: Sql) -> Select {
        Select { from, ..Select::default() }
    }

    /// Selects from a table or CTE.
    pub fn from_table(table: impl Display, alias: &str) -> Select {
        Select::from(Sql::line(format!("{table} AS {alias}")))
    }

    /// Adds a column; one that keeps its name is not named again.
    pub fn column(self, expression: impl Display, name: impl Display) -> Select {
        let (expression, name) = (expression.to_string(), name.to_string());
        let keeps = expression.split_once('.').is_some_and(|(_, column)| column == name);
        self.lines(Sql::line(match keeps {
            true => expression,
            false => format!("{expression} AS {name}"),
        }))
    }

    /// Adds a column under the name that it has already, or all columns of a table: `h.*`.
    pub fn plain(self, expression: impl Display) -> Select {
        self.lines(Sql::line(expression))
    }

    /// Adds a column that takes several lines.
    pub fn lines(mut self, column: Sql) -> Select {
        self.columns.end(",");
        self.columns.add(column);
        self
    }

    /// Adds columns.
    pub fn columns<N: Display>(self, columns: impl IntoIterator<Item = (N, String)>) -> Select {
        columns.into_iter().fold(self, |select, (name, expression)| select.column(expression, name))
    }

    /// Adds a condition that rows have to meet.
    pub fn filter(mut self, condition: impl Display) -> Select {
        self.filter.push(condition.to_string());
        self
    }

    /// Adds an expression to group by.
    pub fn group(mut self, expression: impl Display) -> Select {
        self.group.push(expression.to_string());
        self
    }

    /// Has the planner compute the columns here, once, instead of wherever they are used.
    pub fn fence(mut self) -> Select {
        self.fence = true;
        self
    }

    /// The lines.
    pub fn sql(self) -> Sql {
        let mut sql = Sql::line("SELECT");
        sql.indent(self.columns);
        for (i, (depth, line)) in self.from.lines.into_iter().enumerate() {
            let line = if i == 0 { format!("FROM {line}") } else { line };
            sql.lines.push((depth, line));
        }
        for (i, condition) in self.filter.into_iter().enumerate() {
            match i {
                0 => sql.push(format!("WHERE {condition}")),
                _ => sql.indent(Sql::line(format!("AND {condition}"))),
            }
        }
        if !self.group.is_empty() {
            sql.push(format!("GROUP BY {}", self.group.join(", ")));
        }
        if self.fence {
            sql.push("OFFSET 0");
        }
        sql
    }
}

/// Lines with commas between them.
pub fn list(items: impl IntoIterator<Item = String>) -> Sql {
    let mut sql = Sql::default();
    for item in items {
        sql.end(",");
        sql.push(item);
    }
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_replaced() {
        let of = |alias: &str, column: &str| match (alias, column) {
            ("t", "as_of") => Some("t.day"),
            ("h", "clv") => Some("f(h.history, t.as_of)"),
            _ => None,
        };
        let replaced = |expression: &str| with_references(expression, of);
        assert_eq!(replaced("t.as_of"), "t.day");
        assert_eq!(
            replaced("g(h.clv::float8, t.as_of - 1)"),
            "g(f(h.history, t.as_of)::float8, t.day - 1)"
        );
        for same in [
            "",
            "at.as_of",
            "t.as_of_day",
            "s.t.as_of",
            "t.as_of.x",
            "as_of",
            "h.clv_tier",
            "'t.as_of, it''s h.clv'",
            "c.\"t.as_of\"",
            "\"x\"\"t.as_of\"",
            "1.5 * t.margin",
            "价.as_of",
        ] {
            assert_eq!(replaced(same), same);
        }
        assert_eq!(
            replaced("'价' || t.as_of || '\"' || h.clv"),
            "'价' || t.day || '\"' || f(h.history, t.as_of)"
        );
    }
}
