"""docs/tools.md: each recipe runs, by the blocks of the page, on servers of its own.

The word after a block's language says where it belongs: the database shop or reporting, each on a server of its own,
the pooler, MySQL, or the name of a file. What recipes need beyond PostgreSQL is unpacked below build/, once.
"""

import contextlib
import os
import re
import socket
import subprocess
import time
from dataclasses import dataclass

import cdnow
import packages
import postgres
import pytest
from doc_examples import blocks, examples, put, verdict
from session import Session
from system import ROOT, Problem, clean_env, home, lock, made_whole, output, run_as, server_user
from whole import server_of_its_own

PAGE = ROOT / "docs" / "tools.md"
SEARCH_PATH = "public, customer_value"
PACKAGED, NEWEST = postgres.VERSIONS[0], postgres.VERSIONS[-1]  # Debian's packages are of the first
SECONDS = 30
POOLER_PORT = "6432"  # in the page; it names a socket here


@dataclass
class Recipe:
    """A section of the page: its examples, and its files by their place."""

    title: str

    def __post_init__(self):
        lines = PAGE.read_text().splitlines()
        first = lines.index(f"## {self.title}")
        last = next((number for number in range(first + 1, len(lines)) if lines[number].startswith("## ")), len(lines))
        self.files = {block.place: block.body for block in blocks(lines)
                      if block.language == "ini" and first < block.first < last}
        self.examples = [example for example in examples(lines, lambda block: block.language in ("sql", "sh")
                                                         and block.place) if first < example.line < last]

    def settings(self, place):
        """What the recipe sets in the postgresql.conf of a server."""
        return dict(re.findall(r"^(\S+) = '?(.*?)'?$", self.files.get(place, ""), re.M))

    def play(self, places, replaced=(), before=()):
        """Run all examples; `places` run SQL, names of the page are `replaced`, steps go `before` what holds a text."""
        printed = []
        for example in self.examples:
            for step in [step for text, step in dict(before).items() if text in example.sql]:
                step()
            sql = example.sql
            for name, ours in dict(replaced).items():
                sql = sql.replace(name, ours)
            printed.append((example, places[example.place if example.language == "sql" else example.language](sql)))
        return printed


def check(printed, accept):
    """Each example printed what the page shows; or the page is made to show it."""
    if accept:
        put(PAGE, printed)
    wrong = [f"docs/tools.md:{example.line}\n{found}" for example, text in printed
             if (found := verdict(example, text)) and not (accept and example.text is not None)]
    if wrong:
        pytest.fail("\n\n".join(wrong), pytrace=False)


@pytest.fixture
def accept(pytestconfig):
    """Whether the page takes over what was printed."""
    return pytestconfig.getoption("accept")


class Servers:
    """Servers of a recipe, by the name of their database, each with a psql that stays open."""

    def __init__(self, stack, version, recipe, names):
        self.clusters, self.sessions = {}, {}
        for name in names:
            cluster = stack.enter_context(server_of_its_own(version, f"tools-{name}", recipe.settings(name)))
            cluster.db = cluster.fresh_database(name)
            cluster.psql(f"CREATE EXTENSION customer_value;\nALTER DATABASE {name} SET search_path = {SEARCH_PATH};\n"
                         f"ALTER DATABASE {name} SET client_min_messages = warning;")
            if name == "shop":
                cdnow.load(cluster, name)
            self.clusters[name] = cluster
            self.open(stack, name)

    def open(self, stack, name):
        """Open psql on the database of a server, in place of one that was open."""
        session = self.clusters[name].session(options=("-P", "pager=off"))
        self.sessions[name] = stack.enter_context(session)

    def places(self, **more):
        """What runs SQL, by where."""
        def run(name):
            return lambda sql: self.sessions[name].run(f"{sql}\n;", timeout=60)

        return {**{name: run(name) for name in self.clusters}, **more}

    def wait(self, name, query, expected):
        """Wait until a query of a server gives a value."""
        deadline = time.monotonic() + SECONDS
        while (found := self.clusters[name].rows(query)) != [[expected]] and time.monotonic() < deadline:
            time.sleep(0.1)
        assert found == [[expected]], query


@pytest.fixture
def serve(version, installed):
    """What starts servers of a recipe; they end with the test."""
    with contextlib.ExitStack() as stack:
        def start(recipe, *names):
            servers = Servers(stack, version, recipe, names)
            servers.stack = stack
            return servers

        yield start


def only(version, wanted, why):
    """Skip the test, unless it is the turn of this version."""
    if version != wanted:
        pytest.skip(f"{why}, on PostgreSQL {wanted}")


@contextlib.contextmanager
def skipped_if_missing():
    """What cannot be had here is no failure."""
    try:
        yield
    except Problem as problem:
        pytest.skip(str(problem).splitlines()[0])


def unpacked(name, wanted):
    """A folder of ours that has Debian packages, fetched once."""
    folder = home() / "tools" / name  # where the server's user can read
    with skipped_if_missing(), lock("tools"):
        if not folder.exists():
            folder.parent.mkdir(exist_ok=True)
            packages.refresh_lists(wanted)
            with made_whole(folder) as new:
                packages.apt_unpack(wanted, new, "a recipe of docs/tools.md is tested with it")
    return folder


def libraries(folder):
    """The environment in which programs of an unpacked folder find its libraries."""
    found = [str(path) for part in ("usr/lib", "lib") for path in folder.glob(f"{part}/*-linux-gnu*")]
    return clean_env(LD_LIBRARY_PATH=":".join(found), PATH=f"{folder}/usr/bin:{folder}/usr/sbin:{os.environ['PATH']}")


def add_to_postgres(version, name, wanted):
    """Give the private PostgreSQL of a version the files of Debian packages that belong to it."""
    folder = postgres.ensure(version).folder
    note = folder / f"with-{name}"
    with skipped_if_missing(), lock("postgresql"):
        if not note.exists():
            packages.refresh_lists(wanted)
            packages.apt_unpack(wanted, folder, "a recipe of docs/tools.md is tested with it")
            note.write_text("\n".join(wanted))


def test_pg_cron(version, serve, accept, shown):
    """Jobs train and take snapshots. Here they run when the server starts, as no test waits for a Monday."""
    only(version, PACKAGED, "pg_cron comes from Debian's packages")
    with shown():
        add_to_postgres(version, "pg_cron", [f"postgresql-{version}-cron"])
    recipe = Recipe("pg_cron")
    servers = serve(recipe, "shop")
    cluster = servers.clusters["shop"]

    def run_jobs():
        cluster.psql("UPDATE cron.job SET schedule = '@reboot'")
        cluster.restart()
        servers.open(servers.stack, "shop")
        servers.wait("shop", "SELECT count(*) FROM cron.job_run_details WHERE status IN ('succeeded', 'failed')", "2")

    check(recipe.play(servers.places(), before={"job_run_details": run_jobs}), accept)


@contextlib.contextmanager
def listening(process, place, log):
    """A server that we have started, once its socket is there; it ends with the block."""
    try:
        deadline = time.monotonic() + SECONDS
        while not place.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert place.exists(), log.read_text()
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextlib.contextmanager
def pooler(cluster, recipe):
    """PgBouncer in front of a server, as the page sets it up, but on a socket and with one connection to the server."""
    folder = unpacked("pgbouncer", ["pgbouncer"])
    ours = cluster.folder
    text = recipe.files["pgbouncer.ini"]
    for theirs, here in {"/var/run/postgresql": str(cluster.socket), "/etc/pgbouncer": str(ours),
                         "listen_addr = 127.0.0.1": f"unix_socket_dir = {cluster.socket}",
                         "default_pool_size = 20": "default_pool_size = 1"}.items():
        assert theirs in text
        text = text.replace(theirs, here)
    (ours / "pgbouncer.ini").write_text(text + "\n")
    (ours / "userlist.txt").write_text('"postgres" "secret"\n')
    with open(ours / "pgbouncer.log", "w") as log:
        process = subprocess.Popen([folder / "usr/sbin/pgbouncer", ours / "pgbouncer.ini"], env=libraries(folder),
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log, **run_as(server_user()))
    with listening(process, cluster.socket / f".s.PGSQL.{POOLER_PORT}", ours / "pgbouncer.log"):
        yield


def test_pgbouncer(version, serve, accept, shown):
    """Reports and trainings work through a pooler, also when clients take turns on one connection."""
    only(version, NEWEST, "poolers are tested once")
    with shown():
        unpacked("pgbouncer", ["pgbouncer"])
    recipe = Recipe("PgBouncer")
    servers = serve(recipe, "shop")
    cluster = servers.clusters["shop"]

    def client():
        command = [str(cluster.pg.bindir / "psql"), "-X", "-q", "-P", "pager=off", "-h", str(cluster.socket),
                   "-p", POOLER_PORT, "-U", "postgres", "-d", "shop"]
        return Session(command, {**cluster.env, "PGPASSWORD": "secret"})

    with pooler(cluster, recipe), client() as first, client() as second:
        check(recipe.play(servers.places(pooler=lambda sql: first.run(f"{sql}\n;", timeout=60))), accept)
        query = ("BEGIN; SET LOCAL search_path = customer_value; SELECT pg_backend_pid(), "
                 "(SELECT sum(customers) FROM segment_report('shop.customer_segments')); COMMIT;")
        one, two = first.run(query), second.run(query)
        assert one == two and "23570" in one
        second.send("SELECT customer_value.train_segmentation('shop.customer_segments');")
        assert "23570" in first.run(query)  # waits for its turn
        assert "3" in second.answer()


def test_reporting_server(version, serve, accept):
    """Orders arrive by logical replication; kept histories take note of them."""
    only(version, NEWEST, "replication is tested in test_publication.py, too; here")
    recipe = Recipe("A reporting server")
    servers = serve(recipe, "shop", "reporting")
    shop = servers.clusters["shop"]

    def copied():
        servers.wait("reporting", "SELECT srsubstate FROM pg_subscription_rel", "r")

    def arrived():
        servers.wait("reporting", "SELECT count(*) FROM shop.orders", shop.value("SELECT count(*) FROM shop.orders"))

    try:
        check(recipe.play(servers.places(), {"shop.internal": f"{shop.socket} port=5432"},
                          {"pg_subscription_rel": copied, "keeping(": arrived}), accept)
    finally:
        servers.clusters["reporting"].psql("DROP SUBSCRIPTION IF EXISTS reporting")


def test_postgres_fdw(version, serve, accept):
    """A segmentation over a foreign table: what goes over there, what is kept here."""
    only(version, NEWEST, "foreign tables are tested once")
    recipe = Recipe("Orders in another PostgreSQL")
    servers = serve(recipe, "shop", "reporting")
    check(recipe.play(servers.places(), {"shop.internal": str(servers.clusters["shop"].socket)}), accept)
    # what the notes below the blocks say
    reporting = servers.clusters["reporting"]
    count = "SELECT count(*) FROM shop.customer_segments"
    reporting.psql("CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA shop TO reader;\n"
                   "GRANT SELECT ON shop.customer_segments, shop.orders TO reader;")
    assert "user mapping not found" in reporting.psql(count, user="reader", check=False, errors=True)
    alter = "SELECT customer_value.alter_segmentation('shop.customer_segments', '{}', train => false);"
    reporting.psql(alter.format('{"security_invoker": false}'))
    assert reporting.value(count, user="reader") == "23570"
    assert "is a foreign table" in reporting.psql(alter.format('{"keep": true}'), check=False, errors=True)
    reporting.psql("ALTER SERVER shop OPTIONS (SET host '/nowhere')")
    assert "could not connect to server" in reporting.psql(count, check=False, errors=True)


def test_file_fdw(version, serve, accept):
    """A segmentation over a file."""
    only(version, NEWEST, "files are tested once")
    recipe = Recipe("Files")
    servers = serve(recipe, "shop", "reporting")
    shop = servers.clusters["shop"]

    def shell(script):
        env = {**shop.env, "PGHOST": str(shop.socket), "PGUSER": "postgres", "PGPORT": "5432",
               "PATH": f"{shop.pg.bindir}:{os.environ['PATH']}"}
        return output(["/bin/sh", "-c", script], env=env)

    check(recipe.play(servers.places(sh=shell), {"/var/lib/shop": str(shop.folder)}), accept)


def test_postgrest(version, serve, accept):
    """PostgREST itself is not run: its roles and transactions, by SQL."""
    only(version, NEWEST, "roles are tested once")
    recipe = Recipe("PostgREST")
    servers = serve(recipe, "shop")
    check(recipe.play(servers.places()), accept)


def free_port():
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def mariadb(folder, here, port):
    """A MariaDB with its files below a folder; yields what runs SQL in it."""
    env, user = libraries(folder), run_as(server_user())
    base = ["--no-defaults", f"--basedir={folder}/usr", f"--datadir={here}/mysql"]
    place = f"--socket={here}/mysql.sock"
    output(["mariadb-install-db", *base, "--auth-root-authentication-method=normal", "--skip-test-db"], env=env, **user)
    with open(here / "mysql.log", "w") as log:
        process = subprocess.Popen(["mariadbd", *base, f"--lc-messages-dir={folder}/usr/share/mysql", place,
                                    "--bind-address=127.0.0.1", f"--port={port}"], env=env,
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log, **user)

    def run(sql):
        return output(["mariadb", "--no-defaults", place, "-u", "root", "-e", sql], env=env)

    with listening(process, here / "mysql.sock", here / "mysql.log"):
        yield run


def test_mysql_fdw(version, serve, accept, shown):
    """A segmentation over a table of MariaDB."""
    only(version, PACKAGED, "mysql_fdw comes from Debian's packages")
    with shown():
        add_to_postgres(version, "mysql_fdw", [f"postgresql-{version}-mysql-fdw", "libmariadb3", "libmariadb-dev",
                                               "libmariadb-dev-compat"])
        folder = unpacked("mariadb", ["mariadb-server-core", "mariadb-client-core", "mariadb-common"])
    recipe = Recipe("Orders in MySQL")
    servers = serve(recipe, "reporting")
    port = free_port()
    with mariadb(folder, servers.clusters["reporting"].folder, port) as mysql:
        check(recipe.play(servers.places(mysql=mysql), {"mysql.internal": "127.0.0.1", "'3306'": f"'{port}'"}), accept)
