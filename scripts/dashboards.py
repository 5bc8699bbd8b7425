"""Draws the Superset dashboard of examples/ as a person would see it: `make dashboards`.

It fills a shop, imports the bundle into a new Superset, opens it in a browser, looks whether every chart draws, and
saves docs/superset.png. Then it does the same over the live view, in another new Superset, and times what each of
them asked the database for. It takes some minutes and 1 GB, most of it once; it is no part of the tests.
"""

import argparse
import re
import statistics
import sys
import time
import urllib.parse

import browser
import build
import demo
import postgres
from cluster import PORT, Cluster
from superset_server import PASSWORD, USER, Superset
from system import ROOT, Problem, home, problems_shown, say, timed

sys.path.insert(0, str(ROOT / "examples" / "superset"))
import bundle  # noqa: E402

DB, READER = "dashboards", "bi_reader"
PAGE = "/superset/dashboard/customer-value/"
PICTURE = ROOT / "docs" / "superset.png"
LARGEST = 300_000  # bytes of a picture
WIDTH, HEIGHT = 1400, 2010  # all rows: Superset draws what is in sight
RUNS = 3  # of each statement
# What a statement of a dashboard reads, by which those over the view and over snapshots are told to be the same
SOURCE = re.compile(r"FROM (?:\( SELECT \* FROM shop\.customer_snapshots WHERE as_of = \( SELECT MAX\(as_of\) FROM "
                    r"shop\.customer_snapshots \) \) AS virtual_table|shop\.customer_segments)")
SENT = re.compile(r"duration: [\d.]+ ms  statement: (SELECT\b.*?)(?=\n\d{4}-\d\d-\d\d |\Z)", re.S)
STATE = """(() => {
    const charts = [...document.querySelectorAll('.dashboard-component-chart-holder')];
    const drawn = chart => !chart.querySelector('.loading, [data-test="loading-indicator"]')
        && chart.querySelector('canvas, table, .header-line, .superset-legacy-chart-big-number, [class*="big-number"]');
    const errors = document.querySelectorAll('[role="alert"], .ant-alert-error, [data-test="error-message"]');
    return {charts: charts.length, drawn: charts.filter(drawn).length,
            errors: [...errors].map(error => error.innerText).filter(text => text.trim())};
})()"""
ANSWERS = """performance.getEntriesByType('resource').filter(entry => entry.name.includes('/api/v1/chart/data'))
    .map(entry => ({status: entry.responseStatus, ms: Math.round(entry.duration)}))"""


def fill(cluster, customers):
    """Make the shop, unless it is there with so many customers."""
    said = cluster.rows(f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{DB}'",
                        db="postgres")
    wanted = f"{customers} customers, {demo.fingerprint(cluster.pg)}"
    if said == [[wanted]]:
        return
    with timed(f"filling a shop with {customers:,} customers"):
        cluster.fresh_database(DB)
        cluster.psql(f"\\set customers {customers}\n" + (ROOT / "examples" / "shop.sql").read_text(), db=DB)
        cluster.psql(f"COMMENT ON DATABASE {DB} IS '{wanted}'; "
                     f"ALTER ROLE {READER} SET log_min_duration_statement = 0;", db=DB)


def address(cluster):
    """The shop as SQLAlchemy reads it."""
    place = urllib.parse.urlencode({"host": cluster.socket, "port": PORT})
    return f"postgresql+psycopg2://{READER}@/{DB}?{place}"


def drawn(superset, picture):
    """Open the dashboard as a person would, wait for its charts, save a picture; how many milliseconds each took."""
    with browser.Browser() as chromium:
        page = chromium.open(superset.url("/login/"), width=WIDTH, height=HEIGHT)
        page.evaluate(f"""fetch('/login/', {{method: 'POST', body: new URLSearchParams(
            {{username: '{USER}', password: '{PASSWORD}'}})}}).then(said => said.status)""")
        page.go(superset.url(PAGE + "?standalone=1"))
        end = time.monotonic() + 180
        state = {}
        while state.get("charts", 0) < 10 or state["drawn"] < state["charts"]:
            if time.monotonic() > end or state.get("errors"):
                page.screenshot(picture)
                raise Problem(f"not every chart of the dashboard draws, see {picture}: {state}")
            time.sleep(1)
            state = page.evaluate(STATE)
        time.sleep(3)  # animations
        answers = page.evaluate(ANSWERS)
        page.screenshot(picture)
        bad = [answer for answer in answers if answer["status"] != 200]
        if bad:
            raise Problem(f"charts without data: {bad}")
    say(f"   {state['charts']} charts drawn, without an error; picture {picture}, {picture.stat().st_size:,} bytes")
    return [answer["ms"] for answer in answers]


def sent(cluster, start):
    """The statements over customers that the dashboard sent since the log had `start` bytes, by what they ask for."""
    with open(cluster.log, "rb") as file:
        file.seek(start)
        text = file.read().decode(errors="replace").replace("\n\t", "\n")
    return {SOURCE.sub("FROM customers", " ".join(sql.split())): sql for sql in SENT.findall(text) if "shop.customer" in sql}


def seconds(cluster, sql):
    """How long the reader waits for a statement, the median of some runs."""
    said = cluster.psql("\\timing on\n\\o /dev/null\n" + f"{sql.rstrip().rstrip(';')};\n" * RUNS, db=DB, user=READER)
    return statistics.median(float(ms) for ms in re.findall(r"Time: ([\d.]+) ms", said)) / 1000


def look(cluster, folder, live):
    """Import and draw the bundle in a new Superset; what it asked the database for."""
    what = "live view" if live else "snapshot"
    with timed(f"a new Superset, over the {what}"), Superset(folder / what.replace(" ", "_"), folder / "prepared") as superset:
        superset.load(bundle.zipped(uri=address(cluster), live=live))
        start = cluster.log.stat().st_size
        drawn(superset, folder / "live.png" if live else PICTURE)
        return sent(cluster, start)


def compare(cluster, snapshot, live):
    """Time each statement over both; whether the snapshot takes at most a tenth."""
    both = [key for key in live if key in snapshot and "FROM customers" in key]
    say(f"{'live':>10} {'snapshot':>10}   seconds for")
    totals = [0.0, 0.0]
    for key in both:
        times = [seconds(cluster, sql[key]) for sql in (live, snapshot)]
        totals = [total + one for total, one in zip(totals, times)]
        say(f"{times[0]:10.3f} {times[1]:10.3f}   {key[:110]}")
    for key in sorted(snapshot.keys() - set(both)):
        say(f"{'':>10} {seconds(cluster, snapshot[key]):10.3f}   {key[:110]}")
    say(f"{totals[0]:10.3f} {totals[1]:10.3f}   all {len(both)}: 1/{totals[0] / totals[1]:.1f} of the time")
    return totals[1] <= totals[0] / 10


def main():
    """Draw, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pg", type=int, default=18, help="PostgreSQL version; default: %(default)s")
    parser.add_argument("--customers", type=int, default=100_000, help="of the shop; default: %(default)s")
    arguments = parser.parse_args()
    build.install_private(postgres.ensure(arguments.pg))
    folder = home() / "superset"
    folder.mkdir(exist_ok=True)
    with Cluster(arguments.pg, "dashboards") as cluster:
        fill(cluster, arguments.customers)
        snapshot, live = (look(cluster, folder, live) for live in (False, True))
        enough = compare(cluster, snapshot, live)
    if PICTURE.stat().st_size > LARGEST:
        raise Problem(f"{PICTURE} has more than {LARGEST:,} bytes")
    if not enough:
        raise Problem("a dashboard over snapshots takes more than a tenth of one over the live view")


if __name__ == "__main__":
    with problems_shown():
        main()
