"""Zips the dashboard bundle, so that Superset can import it (Settings, Import dashboards).

    python3 bundle.py --uri postgresql+psycopg2://bi_reader@db.example.com:5432/shop customer_value.zip

--live reads the customers from the segmentation view itself, not from the newest snapshot.
--view and --snapshots give other names than shop.customer_segments and shop.customer_snapshots.
Needs nothing but Python.
"""

import argparse
import io
import re
import zipfile
from pathlib import Path

BUNDLE = Path(__file__).resolve().parent / "bundle"
FOLDER = "customer_value"  # all files of the archive lie in one folder
VIEW, SNAPSHOTS = "shop.customer_segments", "shop.customer_snapshots"


def replaced(text, key, value):
    """The YAML text with another value of a top-level key, which may have been a block of lines."""
    changed, count = re.subn(rf"^{key}:.*\n(?:[ \t]+.*\n)*", lambda _: f"{key}: {value}\n", text, flags=re.M)
    if count != 1:
        raise SystemExit(f"{count} times {key} in a file of the bundle, not once")
    return changed


def named(text, relation):
    """The dataset of a table or view, schema.name."""
    schema, _, name = relation.rpartition(".")
    return replaced(replaced(replaced(text, "table_name", name), "schema", schema or "public"), "sql", "null")


def files(uri=None, live=False, view=VIEW, snapshots=SNAPSHOTS):
    """The files of the bundle, by path: their text."""
    found = {}
    for path in sorted(BUNDLE.rglob("*.yaml")):
        name, text = path.relative_to(BUNDLE).as_posix(), path.read_text(encoding="utf-8")
        if name.startswith("databases/") and uri:
            text = replaced(text, "sqlalchemy_uri", uri)
        if name.endswith("/customers_now.yaml"):
            text = named(text, view) if live else text.replace(SNAPSHOTS, snapshots)
        if name.endswith("/customer_snapshots.yaml"):
            text = named(text, snapshots)
        found[name] = text
    return found


def zipped(**options):
    """The bundle as the bytes of a zip archive."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipper:
        for name, text in files(**options).items():
            zipper.writestr(f"{FOLDER}/{name}", text)
    return archive.getvalue()


def main():
    """Write the archive that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", type=Path, nargs="?", default=Path("customer_value.zip"), help="the file to write")
    parser.add_argument("--uri", help="of the database, as SQLAlchemy reads it; without a password, Superset asks for it")
    parser.add_argument("--live", action="store_true", help="read customers from the view, not from the newest snapshot")
    parser.add_argument("--view", default=VIEW, help="the segmentation view (default: %(default)s)")
    parser.add_argument("--snapshots", default=SNAPSHOTS, help="the table of snapshots (default: %(default)s)")
    given = parser.parse_args()
    given.archive.write_bytes(zipped(uri=given.uri, live=given.live, view=given.view, snapshots=given.snapshots))
    print(given.archive)


if __name__ == "__main__":
    main()
