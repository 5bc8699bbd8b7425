"""Every link and anchor of the documents leads somewhere, every page is listed, and the site builds."""

import re

import links
import pytest
import website
import wheels
from system import ROOT, Problem

START = {"en": ROOT / "docs" / "README.md", "zh": ROOT / "docs" / "README.zh.md"}
PAGES = sorted((ROOT / "docs").rglob("*.md"))


def test_no_link_is_dead():
    """In the documents at the top, in docs, examples and bench."""
    assert not links.dead(links.documents())


def test_dead_links_are_found(tmp_path, monkeypatch):
    """A file, a heading, a place outside; what stands in code is no link."""
    monkeypatch.setattr(links, "ROOT", tmp_path)
    (tmp_path / "b.md").write_text("# One, `two`\n\n## One, two\n\n```\n# Code\n```\n")
    page = tmp_path / "a.md"
    page.write_text("[x](b.md#one-two) [x](b.md#one-two-1) [x](#no) [x](c.md)\n"
                    "`[x](d.md)`\n\n```\n[x](e.md)\n```\n[x](b.md#code) [x](https://a.b/c) [x](../..)\n")
    assert links.dead([page]) == ["a.md:1: #no: no such heading", "a.md:1: c.md: no such file",
                                  "a.md:7: b.md#code: no such heading", "a.md:7: ../..: outside of the project"]


@pytest.mark.parametrize("language", START)
def test_start_page_lists_every_page(language):
    """The start page names each page of its language, but itself."""
    listed = {links.target(START[language], link)[0] for _, link in links.links(START[language])}
    pages = [path for path in PAGES if re.search(r"zh\.md$", path.name) or language == "en"]
    if language == "en":
        pages = [path for path in pages if not path.name.endswith("zh.md")]
    assert not [str(path.relative_to(ROOT)) for path in pages if path not in listed and path != START[language]]


def test_site():
    """The documentation site builds: no dead link or anchor, and nothing of a page comes from another host."""
    try:
        wheels.ensure("site", website.VERSIONS, "Zensical builds the documentation site")
    except Problem as problem:
        pytest.skip(str(problem).splitlines()[0])
    site = website.build()
    assert (site / "docs" / "reference" / "index.html").exists()
    assert any(site.glob("search*")), "no search"
