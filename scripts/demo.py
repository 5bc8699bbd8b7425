"""The demo: builds the extension, loads the CDNOW orders into a server of its own, shows segments.

It ends in what to look at: a page to open in a browser, and a psql line. The server keeps running, so that psql or
a BI tool can look around; `--stop` stops it. A second run uses what is there. The database is made again when the
extension's SQL has changed.
"""

import argparse
import hashlib

import build
import cdnow
import postgres
from cluster import Cluster, all_clusters
from system import BUILD, ROOT, problems_shown, say, timed

DB = "demo"
# A server that is kept should survive a power cut.
SETTINGS = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def fingerprint(pg):
    """What the demo's database is made from, kept as its comment once it is complete."""
    scripts = [path.read_bytes() for path in build.installed_files(pg)]
    return "customer_value demo " + hashlib.sha256(b"\0".join(scripts)).hexdigest()


def fill(cluster):
    """Make the database with the extension and the orders, unless it is there and current."""
    wanted = fingerprint(cluster.pg)
    found = cluster.rows("SELECT shobj_description(oid, 'pg_database') FROM pg_database "
                         f"WHERE datname = '{DB}'", db="postgres")
    if found == [[wanted]]:
        return
    with timed("loading 69,659 CDNOW orders into shop.orders"):
        cluster.fresh_database(DB)
        cluster.psql(f"CREATE EXTENSION customer_value;\n"
                     f"ALTER DATABASE {DB} SET search_path = public, customer_value;", db=DB)
        cdnow.load(cluster, DB)
        cluster.psql(f"COMMENT ON DATABASE {DB} IS '{wanted}'", db=DB)


def run(version):
    """Set up, build, load, show."""
    pg = postgres.ensure(version)
    with timed(f"building the extension for PostgreSQL {version}: minutes once, then seconds"):
        build.install_private(pg)
    cluster = Cluster(version, "demo", SETTINGS, keep_running=True).start()
    fill(cluster)
    say("")
    say(cluster.psql((ROOT / "examples" / "demo.sql").read_text(), db=DB, errors=True,
                     options=("-P", "footer=off", "-P", "pager=off")).rstrip())
    say("")
    say("The same as pictures, to open in a browser:")
    say("")
    say(f"  file://{write_page(cluster)}")
    say("")
    say("The demo server keeps running (`make demo-stop` stops it). Look around with:")
    say("")
    say(f"  {cluster.psql_line(DB)}")


def write_page(cluster):
    """Write the page of the demo's segmentation; where it is."""
    page = BUILD / "demo.html"
    page.write_text(cluster.psql("SELECT segment_page('shop.customer_segments')", db=DB))
    return page


def main():
    """Run the demo, or stop its servers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pg", type=int, help="PostgreSQL version; default: the newest installed "
                        "with server headers, else 18")
    parser.add_argument("--stop", action="store_true", help="stop the demo's server")
    arguments = parser.parse_args()
    if arguments.stop:
        for cluster in all_clusters():
            if cluster.name.startswith("demo-") and cluster.pid():
                cluster.stop()
                say(f"stopped {cluster.name}")
    else:
        run(arguments.pg or postgres.newest_on_system())


if __name__ == "__main__":
    with problems_shown():
        main()
