"""Draws the pictures of docs/pictures from the CDNOW orders, so that what the documents show is what SQL draws.

    python3 scripts/pictures.py [--pg 18]

tests/test_pictures.py holds the files against what is drawn, to the letter.
"""

import argparse

import build
import cdnow
import postgres
from cluster import Cluster
from system import ROOT, problems_shown, say

FOLDER = ROOT / "docs" / "pictures"
# what is drawn, by the name of its file
PICTURES = {
    "bars": "segment_chart('shop.customer_segments')",
    "bars.zh": "segment_chart('shop.customer_segments', language => 'zh')",
    "grid": "segment_chart('shop.customer_segments', 'grid')",
    "matrix": "segment_chart('shop.customer_segments', 'matrix')",
    "matrix.zh": "segment_chart('shop.customer_segments', 'matrix', language => 'zh')",
    "treemap": "segment_chart('shop.customer_segments', 'treemap')",
    "lorenz": "segment_chart('shop.customer_segments', 'lorenz')",
    "history": "segment_chart('shop.customer_segments', 'history')",
    "history.zh": "segment_chart('shop.customer_segments', 'history', language => 'zh')",
    "flow": "segment_chart('shop.customer_segments', 'flow')",
    "cohorts": "segment_chart('shop.customer_segments', 'cohorts')",
    "curve": "segment_chart('shop.customer_segments', 'curve')",
    "curve_customer": "segment_chart('shop.customer_segments', 'curve', customer => '4')",
}
SETUP = """
SET client_min_messages = warning;
SELECT customer_value.create_segmentation('shop.customer_segments', source => 'shop.orders',
         customer => 'customer_id', ordered_at => 'created_at', amount => 'total',
         options => '{"as_of": "1998-07-01"}');
"""


def drawn(cluster, db):
    """The pictures, by the name of their file, from a fresh database that has the extension."""
    cdnow.load(cluster, db)
    cluster.psql(SETUP, db=db)
    return {name: cluster.value(f"SELECT customer_value.{call}", db=db)
            for name, call in PICTURES.items()}


def main():
    """Draw them and write the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pg", type=int, default=18, help="PostgreSQL version (default 18)")
    version = parser.parse_args().pg
    build.install_private(postgres.ensure(version))
    FOLDER.mkdir(exist_ok=True)
    with Cluster(version, "docs") as cluster:
        db = cluster.fresh_database("pictures")
        cluster.psql("CREATE EXTENSION customer_value", db=db)
        for name, document in drawn(cluster, db).items():
            (FOLDER / f"{name}.svg").write_text(document)
            say(f"docs/pictures/{name}.svg: {len(document.encode()):,} bytes")


if __name__ == "__main__":
    with problems_shown():
        main()
