"""segment_page: pages of ordinary and odd segmentations, as XML, HTML, in a browser and for screen readers.

What is in a page is tested by sql/57_page.sql and the crate page. Here each picture is parsed, and on the newest version each
page is opened in Chromium, light and dark, on a phone and on paper.
"""

import re
import xml.etree.ElementTree as ElementTree

import browser
import page_checks
import pytest
from conftest import VERSIONS
from helpers import QUIET, SEARCH, TESTS, creation, load_sample
from system import Problem

BYTES = 300_000
SVG = re.compile(r"<svg .*?</svg>", re.S)
GOLDEN = sorted((TESTS / "expected" / "pages").glob("*.html"))
ODD_NAMES = """'<script>alert("x")</script>' || chr(10) || '& ''😀'' ' || i || ' ' || repeat('long ', 40)"""
SHELL = ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>A picture</title></head>'
         "<body><main><h1>A picture</h1>{}</main></body></html>\n")

# Views by the name of their page
MADE = {
    "sample": creation('{"as_of": "1998-07-01"}'),
    "chinese": creation('{"as_of": "1998-07-01", "language": "zh"}', "shop.chinese"),
    "untrained": "CREATE TABLE shop.none (LIKE shop.orders);\n"
                 "SELECT create_segmentation('shop.untrained', 'shop.none', 'customer_id', 'day', 'total');\n",
    "one": "CREATE TABLE shop.few AS SELECT * FROM shop.orders WHERE customer_id = 4;\n"
           "SELECT create_segmentation('shop.one', 'shop.few', 'customer_id', 'day', 'total', "
           "'{\"as_of\": \"1998-07-01\"}');\n",
    "odd": f"CREATE TABLE shop.odd_orders AS SELECT {ODD_NAMES} AS \"<id>&\", date '2024-01-01' + i % 90 AS day, "
           "i AS total FROM generate_series(1, 500) AS i, generate_series(1, 2);\n"
           "SELECT create_segmentation('shop.\"odd <b>&\"', 'shop.odd_orders', '<id>&', 'day', 'total', "
           "'{\"as_of\": \"2024-12-31\"}');\n",
}
PAGES = {"sample": ("shop.segments", "en"), "chinese": ("shop.chinese", None), "other": ("shop.segments", "zh"),
         "untrained": ("shop.untrained", None), "untrained-zh": ("shop.untrained", "zh"), "one": ("shop.one", None),
         "odd": ('shop."odd <b>&"', None)}


@pytest.fixture
def pages(cluster, tmp_path):
    """The pages as files, by name."""
    load_sample(cluster)
    cluster.psql(SEARCH + QUIET + "".join(MADE.values()))
    files = {}
    for name, (view, language) in PAGES.items():
        language = f"'{language}'" if language else "NULL"
        html = cluster.psql(f"{QUIET}SELECT customer_value.segment_page('{view}', {language});", options=("-At",))
        files[name] = tmp_path / f"{name}.html"
        files[name].write_text(html)
    return files


def assert_self_contained(html):
    """A page needs nothing from elsewhere and runs nothing."""
    assert len(html.encode()) < BYTES
    assert not re.search(r"<script|<iframe|<object|<link|<img|@import|\son\w+=", html, re.I)
    addresses = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"'\s)>]+)""", html)
    assert all(address.startswith("#") for address in addresses), addresses
    ids = re.findall(r'\sid="([^"]*)"', html)
    assert len(ids) == len(set(ids))


def test_pages_are_whole(pages):
    """Pages are small, need nothing from elsewhere, and their pictures are XML with a text alternative."""
    for name, path in pages.items():
        html = path.read_text()
        assert html.startswith("<!DOCTYPE html>") and html.rstrip().endswith("</html>"), name
        assert_self_contained(html)
        pictures = [ElementTree.fromstring(svg) for svg in SVG.findall(html)]
        for picture in pictures:
            assert picture.find("{*}title").text and picture.find("{*}desc").text, name
        if not name.startswith("untrained"):
            assert len(pictures) >= 8, name
    assert 'lang="zh' in pages["chinese"].read_text() and "客户分群" in pages["other"].read_text()


def shells(path):
    """Each picture of a page, alone in an HTML file beside it."""
    for at, svg in enumerate(SVG.findall(path.read_text())):
        alone = path.with_name(f"{path.stem}-{at}.html")
        alone.write_text(SHELL.format(svg))
        yield alone


def opened(browsing, path, width, dark):
    """What the console and axe-core complain of in a page, and whether it asked for anything or is too wide."""
    page = browsing.open(path, width, dark)
    found = [f"{path.name} at {width}: {text}" for text in page.complaints + page_checks.axe_complaints(page)]
    found += [f"{path.name} asks for {url}" for url in page.requests if url != path.resolve().as_uri()]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{path.name} is wider than {width}")
    page.close()
    return found


def require_tools():
    """Skip without the tools to check with."""
    if page_checks.why_not():
        pytest.skip(page_checks.why_not())
    try:
        page_checks.ensure()
        browser.ensure()
    except Problem as problem:
        pytest.skip(str(problem).splitlines()[0])


def test_golden_pages():
    """The golden pages of the crate are HTML that a browser, a validator and a screen reader take."""
    require_tools()
    assert page_checks.html_complaints(GOLDEN) == []
    with browser.Browser() as browsing:
        found = [opened(browsing, path, browser.PHONE, dark) for path in GOLDEN for dark in (False, True)]
    assert sum(found, []) == []


def test_pages_in_a_browser(pages, version, pytestconfig):
    """Nobody complains of a page: console, validator, accessibility checker; on a phone, a desk and in the dark."""
    if version != max(pytestconfig.stash[VERSIONS]):
        pytest.skip("the newest version does")
    require_tools()
    alone = [shell for name in ("sample", "chinese", "odd") for shell in shells(pages[name])]
    assert page_checks.html_complaints([*pages.values(), *alone]) == []
    with browser.Browser() as browsing:
        found = [opened(browsing, path, width, dark) for path in pages.values()
                 for width, dark in ((browser.PHONE, False), (browser.DESKTOP, True))]
        found += [opened(browsing, path, browser.DESKTOP, False) for path in alone if path.stem.startswith("odd")]
        narrow = browsing.open(pages["sample"], 320)
        assert narrow.evaluate("document.documentElement.scrollWidth") <= 320
        narrow.pdf(pages["sample"].with_suffix(".pdf"))
        assert pages["sample"].with_suffix(".pdf").read_bytes().startswith(b"%PDF")
    assert sum(found, []) == []
