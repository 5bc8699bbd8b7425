"""Each sql block of README.md and docs/ prints the text block after it; see scripts/doc_examples.py."""

import json
import re

import doc_examples
import pytest
from system import ROOT

DOCUMENTS = [path for path in doc_examples.documents()
             if doc_examples.examples(path.read_text().splitlines())]


MISLEADING = [ROOT / "docs" / f"what_can_mislead_you{suffix}.md" for suffix in ("", ".zh")]


@pytest.mark.parametrize("path", MISLEADING, ids=lambda path: path.name)
def test_every_doubt_has_its_paragraph(path):
    """Each doubt of the table, and that of no training, has a heading and words in the language, in the table's order."""
    table = (ROOT / "crates" / "segmentation" / "src" / "doubts" / "table.rs").read_text()
    codes = [*re.findall(r'code: "(\w+)"', table), "untrained"]
    assert len(codes) > 20
    sections = re.findall(r"^#{2,3} ([a-z_]+)\n\n(.*?)(?=^#|\Z)", path.read_text(), re.M | re.S)
    assert [heading for heading, _ in sections] == codes
    for heading, words in sections[:-1]:
        marks = ("*数字：*", "*怎么办：*") if ".zh" in path.name else ("*Figure:*", "*What to do:*")
        for mark in marks:
            assert mark in words.replace("\n", " "), (heading, mark)


def test_every_doubt_has_its_texts():
    """What segmentation_doubts says of each doubt is there in both languages."""
    table = (ROOT / "crates" / "segmentation" / "src" / "doubts" / "table.rs").read_text()
    texts = json.loads((ROOT / "sql" / "data" / "doubts.json").read_text())
    for code in [*re.findall(r'code: "(\w+)"', table), "untrained"]:
        for part in ("figure", "sentence", "what_to_do"):
            said = texts[f"{code}.{part}"]
            assert said["en"] and said["zh"]
            if part != "figure":
                assert said["en"].isascii() and re.search("[\u4e00-\u9fff]", said["zh"]), said


@pytest.fixture(scope="session")
def prepared(running):
    """The template of the documents' databases."""
    doc_examples.prepare(running[0])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_document(server, prepared, path):
    """All examples of one document, in order."""
    wrong = doc_examples.failures(server, path)
    if wrong:
        pytest.fail("\n\n".join(wrong), pytrace=False)


def test_values_are_sorted_with_nulls_last():
    """DESC alone puts customers without a value first: an example that sorts by one says NULLS LAST."""
    value = re.compile(r"\b(clv|revenue|monetary|p_alive|potential_value|current_value|profitability|score|"
                       r"sum\(total\))\)? DESC(?! NULLS LAST)")
    paths = [*doc_examples.documents(), *(ROOT / "examples").glob("*.sql")]
    found = [f"{path.relative_to(ROOT)}: {line.strip()}" for path in paths
             for line in path.read_text().splitlines() if value.search(line)]
    assert not found
