"""The reference is that of the catalogue, complete and current; every option stands on its page."""

import json
import re

import postgres
import pytest
import reference
from system import ROOT

PAGES = ("reference.md", "columns.md", "columns.zh.md")


@pytest.fixture
def newest(cluster, version):
    """A database of the newest version: its catalogue is the one that is written down."""
    if version != max(postgres.VERSIONS):
        pytest.skip("the reference is written on the newest version")
    return cluster


def test_reference_is_current(newest):
    """What `make docs` would write is what is there, and every public object has a place."""
    made, wrong = reference.pages(newest, newest.db)
    assert not wrong
    assert sorted(path.name for path in made) == sorted(PAGES)
    stale = [path.name for path, text in made.items() if not path.exists() or path.read_text() != text]
    assert not stale, "run `make docs`"


def test_objects_without_a_place_are_found(newest):
    """A new function, and a name that is gone, are told."""
    newest.psql("CREATE FUNCTION customer_value.brand_new() RETURNS int LANGUAGE sql RETURN 1; "
                "DROP FUNCTION customer_value.sample_size CASCADE", check=False)
    known = reference.data()
    known["groups"][0]["objects"]["never_was"] = "1.0"
    wrong = reference.problems(reference.catalogue(newest, newest.db), known)
    assert "brand_new has no place in docs/reference.json" in wrong
    assert "brand_new has no comment" in wrong
    assert "never_was of docs/reference.json does not exist" in wrong


def test_columns_have_both_languages():
    """Both pages of columns have the same columns, and no English sentence in the Chinese one."""
    english, chinese = ((ROOT / "docs" / name).read_text() for name in PAGES[1:])
    columns = [re.findall(r"^\| `(\w+)` \|", page, re.M) for page in (english, chinese)]
    assert columns[0] == columns[1] and len(columns[0]) > 80
    rows = re.findall(r"^\| `\w+` \|.*$", chinese, re.M)
    assert all(re.search("[\u4e00-\u9fff]", row.rsplit(" | ", 1)[1]) for row in rows)


def test_every_option_has_its_row(cluster):
    """docs/options.md has the options that create_segmentation knows: each of its rows is one, and they are as many."""
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", (ROOT / "docs" / "options.md").read_text(), re.M)
    listed = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert len(listed) == len(set(listed))
    cluster.psql("CREATE TABLE orders (customer int, day date)")
    create = "SELECT customer_value.create_segmentation('segments', 'orders', 'customer', 'day', options => '{}')"
    cluster.psql(create.replace("{}", json.dumps(dict.fromkeys(listed))))
    wrong = create.replace("'segments'", "'others'").replace("{}", '{"no_such": 1}')
    said = cluster.psql(wrong, check=False, errors=True)
    named, more = re.search(r"The options are (.*) and (\d+) more", said).groups()
    assert len(listed) == len(named.split(", ")) + int(more)
