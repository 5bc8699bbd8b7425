"""Pictures of segmentations: every kind of every odd view is a plain SVG document, from one read of the orders."""

import json
import re
import xml.etree.ElementTree as ElementTree

import pictures
import pytest
from helpers import QUIET, SEARCH, creation, load_sample

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "desc", "style", "g", "rect", "line", "path", "circle", "text"}
MOST_BYTES = 300_000

# what is asked for, by kind
CALLS = {
    "bars": ["", ", by => 'region'", ", measure => 'mean_clv'", ", by => 'customer_id'"],
    "grid": ["", ", measure => 'mean_clv'"],
    "matrix": ["", ", by => 'spend', measure => 'revenue'", ", by => 'abc_pair'"],
    "treemap": ["", ", by => 'region', measure => 'revenue'", ", by => 'customer_id'"],
}
KINDS = sorted(CALLS)
ODD = ["<script>alert(1)</script>", "Smith & \"Sons\" 'Ltd' ]]>", "العملاء", "two\nlines\x1b\u202e", "👨\u200d👩\u200d👧",
       "family", "Donaudampfschifffahrtsgesellschaftskapitän " * 20, "", "\ufffe"]


def opened(document):
    """A document, read by a parser, and what holds for each of them."""
    assert len(document.encode()) < MOST_BYTES
    root = ElementTree.fromstring(document)
    assert root.tag == SVG + "svg" and root.get("role") == "img"
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= ELEMENTS
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(set(ids)) == len(ids) and len({name.split("-desc")[0].split("-title")[0] for name in ids}) == 1, ids
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not [name for name in attributes if name.startswith("on") or name.endswith(("href", "src"))]
    assert set(root.get("aria-labelledby").split() + root.get("aria-describedby").split()) <= set(ids)
    assert root.find(SVG + "title").text and root.find(SVG + "desc").text
    style = root.find(SVG + "style").text
    assert "url(" not in style and "@import" not in style
    assert all(rule.strip().startswith((f"#{root.get('id')}", "@media")) for rule in re.findall(r"[^{}]+(?={)", style))
    return root


def words(root):
    """All texts that are drawn."""
    return [element.text for element in root.iter(SVG + "text")]


def chart(cluster, view, kind, more="", language="en", user="postgres"):
    """A picture."""
    sql = f"{QUIET}SELECT customer_value.segment_chart('{view}', '{kind}'{more}, language => '{language}')"
    return cluster.psql(sql, user=user)


def odd_views(cluster):
    """Views that a picture may stumble over."""
    load_sample(cluster)
    names = ODD * 3 + [f"region {i}" for i in range(len(ODD), 200)]
    rows = "".join(f"{i}\t{json.dumps(names[i % len(names)])}\n".replace("\\", "\\\\") for i in range(1, 2358))
    cluster.psql("CREATE TABLE shop.raw (id int, region text);\nCOPY shop.raw FROM STDIN;\n" + rows + "\\.\n"
                 "CREATE TABLE shop.customers AS SELECT id, region::json #>> '{}' AS region FROM shop.raw;\n"
                 "CREATE TABLE shop.none AS TABLE shop.orders WITH NO DATA;\n"
                 "CREATE TABLE shop.one AS SELECT * FROM shop.orders WHERE customer_id = 1;\n")
    customers = '"customers": {"source": "shop.customers", "customer": "id", "columns": ["region"]}'
    options = f'{{"as_of": "1998-07-01", {customers}}}'
    made = [creation(options, view="shop.plain")]
    for name in ("none", "one"):
        made.append(creation(options, view=f"shop.of_{name}").replace("shop.orders", f"shop.{name}"))
    made.append(creation('{"as_of": "1998-07-01", "language": "zh"}', view='shop."<b>&"""')
                .replace("'shop.\"", "'shop.\""))
    cluster.psql(QUIET + SEARCH + "".join(made))
    return ["shop.plain", "shop.of_none", "shop.of_one"]


def test_every_kind_of_odd_views(cluster):
    """Documents are whole, small and plain, in both languages, whatever the view has."""
    seen = 0
    for view in odd_views(cluster):
        for kind in KINDS:
            for language in ("en", "zh", "fr"):
                for more in CALLS[kind]:
                    root = opened(chart(cluster, view, kind, more, language))
                    assert root.get("lang") == ("zh" if language == "zh" else "en")
                    seen += 1
            if view == "shop.of_none":
                assert "nothing to show" in " ".join(words(opened(chart(cluster, view, kind))))
    assert seen == 3 * 3 * sum(map(len, CALLS.values()))
    # a view whose name is markup
    root = opened(chart(cluster, 'shop."<b>&"""', "bars", "", "zh"))
    assert any('shop."<b>&"""' in text for text in words(root))


def test_many_labels_lose_nothing(cluster):
    """Of 200 labels the largest are shown, the others joined; all customers are counted."""
    odd_views(cluster)
    root = opened(chart(cluster, "shop.plain", "bars", ", by => 'region'"))
    shown = words(root)
    more = next(text for text in shown if text.startswith("… and "))
    labels = int(cluster.value("SELECT count(DISTINCT region) FROM shop.customers"))
    assert more == f"… and {labels - 30} more"
    counts = [int(text.split(" · ")[0].replace(",", "")) for text in shown if re.fullmatch(r"[\d,]+ · [\d.<]+%", text)]
    assert sum(counts) == int(cluster.value("SELECT count(*) FROM shop.plain"))
    assert "<script>alert(1)</script>" in shown


def test_figures_are_those_of_the_reports(cluster):
    """Bars tell what segment_report tells, fields what segment_playbook tells, in the other language, too."""
    load_sample(cluster)
    cluster.psql(QUIET + SEARCH + creation('{"as_of": "1998-07-01"}'))
    shown = words(opened(chart(cluster, "shop.segments", "bars")))
    for segment, customers in cluster.rows(
            "SELECT segment, customers FROM customer_value.segment_report('shop.segments') WHERE part = 'segment'"):
        assert segment in shown
        assert any(text.startswith(f"{int(customers):,} · ") for text in shown), segment
    shown = words(opened(chart(cluster, "shop.segments", "matrix", language="zh")))
    for segment, customers in cluster.rows(
            "SELECT segment, customers FROM customer_value.segment_playbook('shop.segments', 'growth', 'zh') "
            "WHERE code IS NOT NULL"):
        assert segment in shown
        assert any(text.startswith(f"{int(customers):,} 位客户") for text in shown), segment


@pytest.mark.parametrize("kind", KINDS)
def test_one_read(cluster, kind):
    """A picture reads the orders once."""
    load_sample(cluster)
    cluster.psql(QUIET + SEARCH + creation('{"as_of": "1998-07-01"}'))
    scans = ("SELECT pg_stat_force_next_flush();\n"
             "SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relid = 'shop.orders'::regclass;\n")
    with cluster.session() as session:
        session.run("SET max_parallel_workers_per_gather = 0;")
        before = int(session.run(scans).split()[-1])
        session.run(f"SELECT length(customer_value.segment_chart('shop.segments', '{kind}'));")
        assert int(session.run(scans).split()[-1]) == before + 1


def test_documents_show_what_is_drawn(cluster):
    """The files of docs/pictures are what SQL draws from the CDNOW orders; scripts/pictures.py makes them."""
    drawn = pictures.drawn(cluster, cluster.db)
    files = {path.stem: path.read_text() for path in pictures.FOLDER.glob("*.svg")}
    assert sorted(drawn) == sorted(files)
    assert [name for name in drawn if drawn[name] != files[name]] == []
