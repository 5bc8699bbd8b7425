"""Writes the reference: docs/reference.md, docs/columns.md and docs/columns.zh.md, from the catalogue of a database.

What an object is called, takes, returns and means stands there: names, arguments, defaults, comments. What the
catalogue does not know is in docs/reference.json: in which group an object stands, since which version it is there,
what of it may change, and what the arguments of an aggregate are. Nothing else is added by hand.

    python3 scripts/reference.py [--pg VERSION]
"""

import argparse
import json
import re
import sys
import textwrap
from dataclasses import dataclass, field

import build
import postgres
import view_columns
from cluster import Cluster
from system import ROOT, problems_shown, say

DATA = ROOT / "docs" / "reference.json"
WIDTH = 118
CODE_WIDTH = 84  # what a page of the site shows without a scroll bar
KINDS = ("type", "aggregate", "function", "view", "table")
UP_TO = "; up to as_of, that day included"
SHORT = [("timestamp with time zone", "timestamptz"), ("timestamp without time zone", "timestamp"),
         (re.compile(r"(DEFAULT (?:NULL|'[^']*'))::[a-z_]+(?: [a-z]+)?(?:\[\])?"), r"\1"), ("'@ 1 mon'", "'1 month'")]

# Every public object: name, kind, arguments, result, comment, and the columns of a table or view
OBJECTS = """
SET search_path = customer_value, pg_catalog;
SET datestyle = ISO;
SELECT jsonb_agg(to_jsonb(o) ORDER BY name COLLATE "C", kind, arguments COLLATE "C")
FROM (
    SELECT proname AS name, CASE prokind WHEN 'a' THEN 'aggregate' ELSE 'function' END AS kind,
           pg_get_function_arguments(oid) AS arguments, pg_get_function_result(oid) AS result,
           obj_description(oid, 'pg_proc') AS comment, NULL::jsonb AS columns
    FROM pg_proc WHERE pronamespace = 'customer_value'::regnamespace
    UNION ALL
    SELECT typname, 'type', '', '', obj_description(oid, 'pg_type'), NULL
    FROM pg_type
    WHERE typnamespace = 'customer_value'::regnamespace AND typtype = 'b' AND typcategory <> 'A'
    UNION ALL
    SELECT relname, CASE relkind WHEN 'r' THEN 'table' ELSE 'view' END, '', '', obj_description(c.oid, 'pg_class'),
           jsonb_agg(ARRAY[attname::text, format_type(atttypid, atttypmod), col_description(c.oid, attnum)] ORDER BY attnum)
    FROM pg_class AS c
    JOIN pg_attribute AS a ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped
    WHERE relnamespace = 'customer_value'::regnamespace AND relkind IN ('r', 'v')
    GROUP BY c.oid, relname, relkind
) AS o
"""
OPERATORS = """
SET search_path = customer_value, pg_catalog;
SELECT oprname, obj_description(oid, 'pg_operator') FROM pg_operator
WHERE oprnamespace = 'customer_value'::regnamespace ORDER BY oprname COLLATE "C"
"""


@dataclass
class Entry:
    """Overloads that share a comment, or a type, table or view."""

    kind: str
    comment: str
    signatures: list = field(default_factory=list)
    columns: list = None


def data():
    """What the catalogue does not know."""
    return json.loads(DATA.read_text())


def catalogue(cluster, db):
    """The entries of every public object, by its name."""
    rows = json.loads(cluster.value(OBJECTS, db=db))
    found = {}
    for row in rows:
        entries = found.setdefault(row["name"], [])
        comment, as_of = re.subn(re.escape(UP_TO) + "$", "", row["comment"] or "")
        same = next((e for e in entries if e.kind == row["kind"] and bare(e.comment) == comment), None)
        if not same:
            same = Entry(row["kind"], comment, columns=row["columns"])
            entries.append(same)
        if as_of:
            same.comment = comment + "; with `as_of`, up to that day, the whole of it"
        if row["kind"] in ("function", "aggregate"):
            same.signatures.append((row["arguments"], row["result"]))
    return found


def bare(comment):
    """A comment without what is said of the overload with a day."""
    return comment.removesuffix("; with `as_of`, up to that day, the whole of it")


def short(text):
    """Types and defaults as people write them."""
    for old, new in SHORT:
        text = old.sub(new, text) if isinstance(old, re.Pattern) else text.replace(old, new)
    return text


def differing(one, other):
    """The only argument in which two overloads differ, if there is just one and all others have one type."""
    if len(one) != len(other):
        return None
    places = [place for place, part in enumerate(other) if part != one[place]]
    return places[0] if len(places) == 1 else None


def merged(signatures):
    """Overloads of an aggregate that differ in one argument, as one: date, numeric | bigint | …"""
    found = []
    for arguments, result in signatures:
        parts = [[part] for part in short(arguments).split(", ")]
        for other, other_result in found:
            place = differing(other, parts) if other_result == result else None
            if place is not None:
                other[place].append(parts[place][0])
                break
        else:
            found.append((parts, result))
    return [(", ".join(" | ".join(part) for part in parts), result) for parts, result in found]


def signature(name, arguments, result):
    """One overload as lines of a code block."""
    table = re.fullmatch(r"TABLE\((.*)\)", result)
    head = items(f"{name}({short(arguments)})", "", "    ")
    tail = ("→ rows of " if table else "→ ") + short(table[1] if table else result)
    if len(head) == 1 and len(head[0]) + len(tail) < CODE_WIDTH:
        return [f"{head[0]} {tail}"]
    return head + items(tail, "  ", "    ")


def items(text, first, others):
    """A list with commas in lines that break after commas only."""
    kept = text.replace(" ", "\u00a0").replace(",\u00a0", ", ").replace("→\u00a0rows\u00a0of\u00a0", "→ rows of ")
    lines = textwrap.wrap(kept, CODE_WIDTH, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)
    return [line.replace("\u00a0", " ") for line in lines]


def plain(text):
    """A comment as Markdown: nothing in it is markup."""
    return re.sub(r"([*<\[\]])", r"\\\1", text) if text else ""


def paragraph(text):
    """Text in lines, none of which begins as a list would."""
    return [re.sub(r"^([-+>#])", r"\\\1", line) for line in textwrap.wrap(text, WIDTH, break_on_hyphens=False)]


def entry_lines(name, entry, words):
    """One entry of an object; its comment comes after the words."""
    overloads = merged(entry.signatures) if entry.kind == "aggregate" else entry.signatures
    lines = []
    if overloads:
        block = [line for arguments, result in overloads for line in signature(name, arguments, result)]
        lines += ["```", *block, "```", ""]
    lines += paragraph(words + plain(entry.comment) + ".") + [""]
    if entry.columns:
        lines += ["| column | type | |", "|---|---|---|"]
        lines += [f"| `{column}` | {short(type_)} | {plain(comment).replace('|', chr(92) + '|')} |"
                  for column, type_, comment in entry.columns] + [""]
    return lines


def object_lines(name, entries, known, since):
    """Everything about one name: the type of that name first, the table last."""
    lines, said = [f"### {name}", ""], set()
    for entry in sorted(entries, key=lambda entry: KINDS.index(entry.kind)):
        words = "" if entry.kind == "function" else f"{entry.kind.capitalize()}. "
        if entry.kind == "aggregate":
            positions = " or ".join(f"`{each}`" for each in known["positions"][name].split(" or "))
            words = f"Aggregate of {positions}. " if entry.kind not in said else ""
        said.add(entry.kind)
        lines += entry_lines(name, entry, words)
    change = known["may_change"].get(name)
    return lines + paragraph(f"*Since {since}; " + (f"may change: {change}.*" if change else "stable.*")) + [""]


def index_lines(names):
    """The alphabetical index, a line for each letter."""
    lines = ["## Index", ""]
    for letter in sorted({name[0] for name in names}):
        links = [f"[{name}](#{name})" for name in sorted(names) if name[0] == letter]
        lines += textwrap.wrap(f"**{letter}** " + " · ".join(links), WIDTH, break_on_hyphens=False,
                               break_long_words=False) + [""]
    return lines


def released(since):
    """Whether a version such as 1.0 is that of the extension, or one before it."""
    numbers = [[int(part) for part in version.split(".")[:2]] for version in (since, build.release())]
    return len(numbers[0]) == 2 and numbers[0] <= numbers[1]


def problems(found, known):
    """What keeps the data file from being complete: objects without a place, places without an object."""
    placed = [name for group in known["groups"] for name in group["objects"]]
    aggregates = {name for name, entries in found.items() if any(entry.kind == "aggregate" for entry in entries)}
    return [*(f"{name} has no place in docs/reference.json" for name in sorted(set(found) - set(placed))),
            *(f"{name} of docs/reference.json does not exist" for name in sorted(set(placed) - set(found))),
            *(f"{name} stands twice in docs/reference.json" for name in sorted(set(placed)) if placed.count(name) > 1),
            *(f"may_change of docs/reference.json: {name}" for name in sorted(set(known["may_change"]) - set(found))),
            *(f"positions of docs/reference.json: {name}" for name in sorted(set(known["positions"]) ^ aggregates)),
            *(f"since of {name} in docs/reference.json: {since}" for group in known["groups"]
              for name, since in group["objects"].items() if not released(since)),
            *(f"{name} has no comment" for name, entries in found.items() if not all(e.comment for e in entries))]


def reference(found, operators, known):
    """The text of docs/reference.md."""
    lines = ["# Reference", "", "<!-- Written by `make docs` from the comments in the catalogue. Do not edit. -->", ""]
    lines += paragraph(
        "Everything that users call, as it stands in the catalogue of a database with the extension (`\\df+ "
        "customer_value.*` shows the same). All of it is in schema `customer_value`; what is in "
        "`customer_value_internal` you never call. The columns of a segmentation view are on [a page of their "
        "own](columns.md) ([中文](columns.zh.md)), the [options](options.md) of `create_segmentation`, too.") + [""]
    lines += paragraph(
        "*Since* names the version that brought an object. *Stable* means that its name, arguments, types and columns "
        "stay within version 1; columns and arguments with a default may be appended. What may change says so.") + [""]
    lines += ["| group | |", "|---|---|"]
    for group in known["groups"]:
        names = ", ".join(f"[{name}](#{name})" for name in group["objects"])
        lines.append(f"| [{group['title']}](#{anchor(group['title'])}) | {names} |")
    lines += ["| [Index](#index) | by the alphabet |", ""]
    for group in known["groups"]:
        lines += [f"## {group['title']}", ""] + paragraph(
            f"{group['text']} Guide: [{group['guide']}]({group['guide']}).") + [""]
        for name, since in group["objects"].items():
            lines += object_lines(name, found[name], known, since)
            if name == "purchase_history":
                lines += ["| operator | |", "|---|---|"]
                lines += [f"| `{operator}` | {plain(comment)} |" for operator, comment in operators] + [""]
    return "\n".join(lines + index_lines(found)).rstrip() + "\n"


def anchor(title):
    """The anchor that a forge gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def pages(cluster, db):
    """The pages by their path, made in an empty database that has the extension."""
    known, found = data(), catalogue(cluster, db)
    wrong = problems(found, known)
    if wrong:
        return {}, wrong
    made = {ROOT / "docs" / "reference.md": reference(found, cluster.rows(OPERATORS, db=db), known)}
    return {**made, **view_columns.pages(cluster, db)}, []


def main():
    """Write the pages from one version of PostgreSQL."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pg", type=int, default=18, help="PostgreSQL version (default 18)")
    arguments = parser.parse_args()
    build.install_private(postgres.ensure(arguments.pg))
    with Cluster(arguments.pg, "docs") as cluster:
        db = cluster.fresh_database("reference")
        cluster.psql("CREATE EXTENSION customer_value", db=db)
        made, wrong = pages(cluster, db)
    for path, text in made.items():
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            say(f"{path.relative_to(ROOT)} refreshed")
    return "\n".join(wrong)


if __name__ == "__main__":
    with problems_shown():
        sys.exit(main())
