"""The README: short, and true. Its SQL runs in any database; every figure in it is printed by what runs here."""

import re

import doc_examples
import links
import postgres
from system import ROOT

README = ROOT / "README.md"
FIGURE = re.compile(r"(?<![\w.])\d+(?:[,.]\d+)*")


def facts():
    """The figures that the project itself states: versions of PostgreSQL, Rust and Python."""
    rust = re.search(r'^rust-version = "(.+)"$', (ROOT / "Cargo.toml").read_text(), re.M)[1]
    python = re.search(r"PYTHON \?= python(\d)", (ROOT / "Makefile").read_text())[1]
    return {*map(str, postgres.VERSIONS), rust, python}


def test_readme_is_short():
    """A front door, not the house."""
    assert len(README.read_text().splitlines()) <= 200


def test_every_figure_is_printed():
    """A figure outside of code stands in the output of a block, which test_documents.py checks, or is a fact."""
    text = README.read_text()
    printed = " ".join(example.text or "" for example in doc_examples.examples(text.splitlines()))
    known = facts() | set(FIGURE.findall(printed)) | set(FIGURE.findall(printed.replace(",", "")))
    prose = re.sub(r"\]\([^)]*\)", "]", links.prose(text))
    assert not [figure for figure in FIGURE.findall(prose)
                if figure not in known and figure.replace(",", "") not in known]


def test_quick_start_runs_anywhere(server):
    """The SQL of the README, pasted into psql in an empty database; and the page that psql then saves."""
    db = server.fresh_database("front_door")
    blocks = doc_examples.examples(README.read_text().splitlines())
    assert "CREATE EXTENSION" in blocks[0].sql
    printed = server.psql("\n".join(block.sql for block in blocks), db=db)
    assert len(printed.splitlines()) > 20
    page = re.search(r'psql -XAtc "(SELECT .*?)"', README.read_text())[1]
    assert server.psql(page, db=db).lower().startswith("<!doctype html>")
