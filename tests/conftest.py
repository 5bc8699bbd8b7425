"""What all tests share: the versions of PostgreSQL, a server of each, a fresh database for each test.

A test that takes `cluster` runs once per version, in a database of its own that has the extension
(cluster.db). The extension is built and installed once per version, when the first test needs it.
After each test the server's log must be free of crashes and internal errors.
"""

import contextlib
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
pytest.register_assert_rewrite("helpers")

import build  # noqa: E402
import postgres  # noqa: E402
from cluster import Cluster  # noqa: E402
from helpers import TEMPLATE  # noqa: E402
from system import Problem, lock, say  # noqa: E402

FIRST = ["test_cargo", "test_regress"]  # the other files follow by name
VERSIONS = pytest.StashKey()
CRASHES = (b" XX000 ", b" PANIC: ", b"was terminated by signal")


# Which tests there are, and in which order


def pytest_addoption(parser):
    """The options beside pytest's own."""
    group = parser.getgroup("customer_value")
    group.addoption("--pg", type=int, action="append", choices=postgres.VERSIONS, metavar="VERSION",
                    help="a PostgreSQL version to test with; may repeat; default: 15 and 18")
    group.addoption("--accept", action="store_true",
                    help="take what the files of sql/ and specs/ print as what is expected")


def pytest_sessionstart(session):
    """Find the versions to test with, which may have to look for packages."""
    try:
        session.config.stash[VERSIONS] = chosen_versions(session.config.getoption("pg"))
    except Problem as problem:
        raise pytest.UsageError(str(problem)) from problem


def chosen_versions(asked):
    """The versions of the command line, or the oldest there is and 18."""
    if asked:
        return sorted(set(asked))
    oldest = postgres.oldest_available()
    if oldest != postgres.VERSIONS[0]:
        say(f"note: there are no packages of PostgreSQL {postgres.VERSIONS[0]} here; testing with "
            + (f"{oldest} and 18" if oldest else "18 only"))
    return [oldest, 18] if oldest else [18]


def pytest_generate_tests(metafunc):
    """Run what needs PostgreSQL once per version."""
    if "version" in metafunc.fixturenames:
        metafunc.parametrize("version", metafunc.config.stash[VERSIONS], ids="pg{}".format,
                             scope="session")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """First what needs no PostgreSQL, then one version after the other, each in the files' order."""
    def place(item):
        file, line, _ = item.location
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        rank = FIRST.index(item.path.stem) if item.path.stem in FIRST else len(FIRST)
        return parameters.get("version", 0), rank, file, line

    items.sort(key=place)


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session):
    """One run at a time: the servers are shared."""
    if session.config.getoption("collectonly"):
        return (yield)
    with lock("tests"):
        return (yield)


# What a test can ask for


@pytest.fixture(scope="session")
def shown(pytestconfig):
    """A context in which output is seen as it comes, for what takes minutes."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    @contextlib.contextmanager
    def context():
        with capture.global_and_fixture_disabled():
            say("")
            yield

    return context


@contextlib.contextmanager
def failing_once(version):
    """Show a Problem in full; what needs this version then fails with its first line."""
    try:
        yield
    except Problem as problem:
        say(f"error: {problem}")
        message = f"PostgreSQL {version}: {str(problem).splitlines()[0]}"
        raise pytest.fail.Exception(message, pytrace=False) from None


@pytest.fixture(scope="session")
def installed(version, shown):
    """The private PostgreSQL of a version, with the extension built and installed."""
    with shown(), failing_once(version):
        pg = postgres.ensure(version)
        build.install_private(pg)
    return pg


class Log:
    """A server's log, read from where the last look ended."""

    def __init__(self, path):
        self.path = path
        self.offset = path.stat().st_size

    def check(self):
        """Fail if crashes or internal errors are new in it."""
        with open(self.path, "rb") as file:
            file.seek(self.offset)
            text = file.read()
        whole = text[:text.rfind(b"\n") + 1]  # a line that is being written waits
        self.offset += len(whole)
        bad = [line for line in whole.splitlines() if any(sign in line for sign in CRASHES)]
        if bad:
            pytest.fail("in the server's log:\n" + b"\n".join(bad).decode(errors="replace"),
                        pytrace=False)


@pytest.fixture(scope="session")
def running(version, installed, shown):
    """The running server of a version and its log, with a template that has the extension."""
    with contextlib.ExitStack() as stack:
        with shown(), failing_once(version):
            cluster = stack.enter_context(Cluster(version, "test"))
            log = Log(cluster.log)
            cluster.fresh_database(TEMPLATE)
            cluster.psql("CREATE EXTENSION customer_value", db=TEMPLATE)
        yield cluster, log
    log.check()


@pytest.fixture
def server(running):
    """The server of a version, for tests that make their databases themselves."""
    cluster, log = running
    yield cluster
    cluster.db = "postgres"
    log.check()


@pytest.fixture
def cluster(server):
    """The server of a version, with a fresh database that has the extension."""
    server.db = server.fresh_database("python_test", template=TEMPLATE)
    return server
