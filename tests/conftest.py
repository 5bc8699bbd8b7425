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
# What `make test` leaves out on the versions between the oldest and the newest: these files take longest, and
# races, dumps, cancels and documents are tried on both ends of the range.
LONG = ["test_kept_oracle", "test_kept_forms", "test_kept_moved", "test_kept_rebuilt", "test_kept_rights",
        "test_kept_servers", "test_kept_sources", "test_kept_transactions", "test_kept_upkeep", "test_rebuilt_sources",
        "test_concurrency", "test_models", "test_dump", "test_restore", "test_documents", "test_cancel"]
VERSIONS = pytest.StashKey()
CRASHES = (b" XX000 ", b" PANIC: ", b"was terminated by signal")


# Which tests there are, and in which order


def pytest_addoption(parser):
    """The options beside pytest's own."""
    group = parser.getgroup("customer_value")
    group.addoption("--pg", type=int, action="append", choices=postgres.VERSIONS, metavar="VERSION",
                    help="a PostgreSQL version to test with; may repeat; default: 18")
    group.addoption("--lane", metavar="LANE",
                    help="only the tests of one version (pg18), or those that need no PostgreSQL (rest)")
    group.addoption("--brief", action="store_true",
                    help="leave out the longest files on the versions between the oldest and the newest")
    group.addoption("--accept", action="store_true",
                    help="take what the files of sql/ and specs/ print as what is expected")


def pytest_configure(config):
    """The versions to test with."""
    config.stash[VERSIONS] = sorted(set(config.getoption("pg") or [postgres.VERSIONS[-1]]))


def pytest_generate_tests(metafunc):
    """Run what needs PostgreSQL once per version."""
    if "version" in metafunc.fixturenames:
        metafunc.parametrize("version", metafunc.config.stash[VERSIONS], ids="pg{}".format,
                             scope="session")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """First what needs no PostgreSQL, then one version after the other, each in the files' order."""
    def place(item):
        file, line, _ = item.location
        rank = FIRST.index(item.path.stem) if item.path.stem in FIRST else len(FIRST)
        return version_of(item), rank, file, line

    chosen = [item for item in items if is_chosen(item, config)]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = sorted(chosen, key=place)


def version_of(item):
    """The version of PostgreSQL that a test runs with; 0 for one that needs none, or several."""
    return item.callspec.params.get("version", 0) if hasattr(item, "callspec") else 0


def is_chosen(item, config):
    """Whether a test belongs to this lane, and is not one that --brief leaves out."""
    version, versions, lane = version_of(item), config.stash[VERSIONS], config.getoption("lane")
    if config.getoption("brief") and item.path.stem in LONG and version not in (0, versions[0], versions[-1]):
        return False
    # what cargo says of all versions needs no server
    belongs = f"pg{version}" if version and item.path.stem != "test_cargo" else "rest"
    return lane in (None, belongs)


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session):
    """One run at a time: the servers are shared. Each lane has its own."""
    if session.config.getoption("collectonly"):
        return (yield)
    lane = session.config.getoption("lane")
    with lock(f"tests-{lane}" if lane else "tests"):
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
