"""Each sql block of README.md and docs/ prints the text block after it; see scripts/doc_examples.py."""

import doc_examples
import pytest
from system import ROOT

DOCUMENTS = [path for path in doc_examples.documents()
             if doc_examples.examples(path.read_text().splitlines())]


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
