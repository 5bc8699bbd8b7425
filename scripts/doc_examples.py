"""Runs every ```sql block of README.md and docs/, so that what the documents show is true.

The blocks of a document run in order, in one session of a database of its own, where the
extension is installed, shop.orders holds the CDNOW orders and search_path is
`public, customer_value`. If a ```text block directly follows, psql's output must equal it (an
error shows as the ERROR text there); otherwise the block must succeed. A document that itself
says CREATE EXTENSION customer_value starts without it. A block with a word after its language, as in
```sql reporting, belongs to a server or a tool, and tests/test_tools.py runs it.

    python3 scripts/doc_examples.py [--write] [FILE ...]

--write puts the output in the ```text blocks instead of comparing. Timings may differ.
"""

import argparse
import difflib
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import build
import cdnow
import postgres
from cluster import Cluster
from system import ROOT, Problem, problems_shown, say

TEMPLATE = "docs_template"
FAILED = re.compile(r"^(psql:\S* )?(ERROR|FATAL|PANIC):|^invalid command |^unrecognized ", re.M)
OWN_EXTENSION = re.compile(r"^\s*CREATE\s+EXTENSION\s+(IF\s+NOT\s+EXISTS\s+)?customer_value\b",
                           re.I | re.M)
CHANGING = [  # what differs from run to run, and what stands for it
    (re.compile(r"(\bin |Time: )\d+(\.\d+)? ?(ms|s)\b"), r"\1N \3"),
    (re.compile(r"actual time=\d+\.\d+\.\.\d+\.\d+"), "actual time=N"),
]


@dataclass
class Example:
    """One ```sql block; `start` and `end` are the lines inside the ```text block, if any."""

    line: int
    sql: str
    indent: str = ""
    text: str = None
    start: int = 0
    end: int = 0
    place: str = ""
    language: str = "sql"


def documents():
    """The documents that are run."""
    return [path for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
            if path.exists()]


@dataclass
class Block:
    """A fenced block; `first` and `last` are its fences. ```sql shop has a place beside its language."""

    language: str
    place: str
    body: str
    indent: str
    first: int
    last: int


def blocks(lines):
    """The fenced blocks among the lines of a document."""
    number = 0
    while number < len(lines):
        opening = re.match(r"(\s*)```(\w*) ?(.*)", lines[number])
        first, number = number, number + 1
        if not opening:
            continue
        indent, language, place = opening.groups()
        while number < len(lines) and lines[number].strip() != "```":
            number += 1
        body = "\n".join(line[len(indent):] if line.startswith(indent) else line
                         for line in lines[first + 1:number])
        yield Block(language, place, body, indent, first, number)
        number += 1


def examples(lines, own=lambda block: block.language == "sql" and not block.place):
    """Blocks that are to be run, with their texts: those of language sql, unless they say where else they belong."""
    found = []
    for block in blocks(lines):
        blank_before = "".join(lines[found[-1].end:block.first]).strip() == "" if found else False
        if own(block):
            found.append(Example(block.first + 2, block.body, end=block.last + 1, place=block.place,
                                 language=block.language))
        elif block.language == "text" and blank_before and found[-1].text is None:
            found[-1].text, found[-1].indent = block.body, block.indent
            found[-1].start, found[-1].end = block.first + 1, block.last
    return found


def tidy(text, changing=True):
    """Text without what may differ: trailing blanks, blank lines around, timings."""
    text = "\n".join(line.rstrip() for line in text.strip("\n").splitlines()).strip("\n")
    for pattern, replacement in CHANGING if changing else ():
        text = pattern.sub(replacement, text)
    return text


def prepare(cluster):
    """Make the template database of all documents."""
    cluster.fresh_database(TEMPLATE)
    cluster.psql("CREATE EXTENSION customer_value", db=TEMPLATE)
    cdnow.load(cluster, TEMPLATE)


def run_document(cluster, path):
    """Run a document; yield each example with its output."""
    found = examples(path.read_text().splitlines())
    if not found:
        return
    db = cluster.fresh_database("docs", template=TEMPLATE)
    if any(OWN_EXTENSION.search(example.sql) for example in found):
        cluster.psql("DROP EXTENSION customer_value", db=db)
    cluster.psql(f"ALTER DATABASE {db} SET search_path = public, customer_value", db=db)
    with cluster.session(db, options=("-P", "pager=off")) as session:
        for example in found:
            try:
                output = session.run(example.sql + "\n;", timeout=120)
            except (EOFError, TimeoutError, OSError) as error:
                output = f"FATAL: {error}"
            yield example, output


def verdict(example, output):
    """None if the output is as documented, else what is wrong."""
    if example.text is None:
        return f"{example.sql}\n--- failed:\n{output}" if FAILED.search(output) else None
    expected, actual = tidy(example.text), tidy(output)
    if expected == actual:
        return None
    return "\n".join(difflib.unified_diff(expected.splitlines(), actual.splitlines(), "documented",
                                          "printed", lineterm=""))


def failures(cluster, path):
    """Run a document; its examples that do not print what they should, each with the difference."""
    checked = [(example, verdict(example, output)) for example, output in run_document(cluster, path)]
    return [f"{path.relative_to(ROOT)}:{example.line}\n{wrong}" for example, wrong in checked if wrong]


def write(cluster, path):
    """Put the output of a document's examples in its text blocks."""
    put(path, list(run_document(cluster, path)))


def put(path, printed):
    """Put what examples of a document printed in its text blocks."""
    lines = path.read_text().splitlines()
    for example, output in reversed(printed):
        if example.text is None:
            if FAILED.search(output):
                say(f"{path.relative_to(ROOT)}:{example.line} fails:\n{output}")
        elif tidy(example.text) != tidy(output):
            say(f"{path.relative_to(ROOT)}:{example.line} refreshed")
            lines[example.start:example.end] = [
                (example.indent + line).rstrip() for line in tidy(output, False).splitlines()]
    path.write_text("\n".join(lines) + "\n")


def main():
    """Check or refresh the documents against one version of PostgreSQL."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="refresh the text blocks")
    parser.add_argument("--pg", type=int, default=18, help="PostgreSQL version (default 18)")
    parser.add_argument("files", nargs="*", type=Path, help="documents; default: all")
    arguments = parser.parse_args()
    files = [path.resolve() for path in arguments.files] or documents()
    build.install_private(postgres.ensure(arguments.pg))
    bad = 0
    with Cluster(arguments.pg, "docs") as cluster:
        prepare(cluster)
        for path in files:
            if not path.exists():
                raise Problem(f"{path} does not exist")
            if arguments.write:
                write(cluster, path)
                continue
            wrong = failures(cluster, path)
            bad += len(wrong)
            say("\n\n".join([f"{path.relative_to(ROOT)}: {len(wrong)} wrong", *wrong]))
    return 1 if bad else 0


if __name__ == "__main__":
    with problems_shown():
        sys.exit(main())
