"""From the oldest version of PostgreSQL to the newest: by a dump, and by pg_upgrade."""

import build
import postgres
import pytest
from conftest import VERSIONS, failing_once
from helpers import QUIET
from moved import ALL, CHANGES, NOTED, assert_goes_on, assert_holds, assert_right, make_kept, refresh_once
from whole import (DBA, DEFINITIONS, FROM, ODD, QUESTIONS, ROLES, TO, ask, check_it_goes_on, compare, fill, labels,
                   make, make_roles, of, program, restore, server_of_its_own)
from system import clean_env, output, run_as

# Debian's 15.19 and later note in pg_attribute.attoptions which version an attribute was made with, as an option
# pg_attver that other builds do not know: their tools refuse it. It says nothing about us, so it is taken away.
STRIP = """
SET allow_system_table_mods = on;
UPDATE pg_attribute SET attoptions = NULL WHERE attoptions::text LIKE '%pg\\_attver%';
"""
KEPT = "kept_histories"  # a database
# what lies in the tables, and what is registered of them
LIES = """
SELECT (SELECT count(*) FROM shop.seg_kept), (SELECT count(*) FROM shop.seg_touched),
       (SELECT count(*) FROM shop.sold_touched), (SELECT count(*) FROM shop.late_kept),
       (SELECT count(*) FROM customer_value.keeping WHERE fingerprint IS NOT NULL),
       (SELECT count(*) FROM pg_trigger WHERE tgname ~ '^customer_value_' AND tgenabled = 'A')
"""


@pytest.fixture(scope="module")
def versions(pytestconfig, shown):
    """The oldest and the newest version, both with the extension."""
    chosen = pytestconfig.stash[VERSIONS]
    if len(chosen) == 1:
        pytest.skip("the run is limited to one version")
    for version in (chosen[0], chosen[-1]):
        with shown(), failing_once(version):
            build.install_private(postgres.ensure(version))
    return chosen[0], chosen[-1]


@pytest.fixture(scope="module")
def old(versions):
    """A server of the oldest version, with all there is in database FROM."""
    with server_of_its_own(versions[0], "upgrade-from") as cluster:
        fill(cluster)
        make_kept(cluster, KEPT)
        for db in (FROM, KEPT, "postgres", "template1"):
            cluster.psql(STRIP, db=db)
        yield cluster


@pytest.fixture(scope="module")
def answers(old):
    """What it answers."""
    return ask(old, FROM, QUESTIONS)


@pytest.fixture
def new(versions):
    """An empty server of the newest version."""
    with server_of_its_own(versions[1], "upgrade-to") as cluster:
        yield cluster


def as_owner(cluster, *command, env):
    """Run a program of PostgreSQL as the server's user, in the folder of the cluster, which is theirs."""
    output(command, env=env, **{**run_as(cluster.owner), "cwd": cluster.folder})


def environment(*clusters):
    """The environment in which programs of several installs run."""
    libraries = [cluster.pg.env["LD_LIBRARY_PATH"] for cluster in clusters if cluster.pg.env]
    return clean_env(**({"LD_LIBRARY_PATH": ":".join(libraries)} if libraries else {}))


def test_dump(old, new, answers):
    """The newest pg_dump reads the old server; roles come in another order, so that numbers mean others."""
    make_roles(new, reversed(ROLES))
    make(new, TO)
    restore(new, program(old, "pg_dump", tools=new))
    compare(new, TO, answers)
    check_it_goes_on(new, TO)


@pytest.mark.parametrize("schema", ["shop", ODD, "staging"])
def test_one_schema(old, new, schema):
    """Views that the old version wrote are adopted by the new one."""
    make_roles(new)
    make(new, TO)
    new.psql("CREATE EXTENSION customer_value", db=TO, user=DBA)
    restore(new, program(old, "pg_dump", "-n", schema, tools=new))
    new.psql(DEFINITIONS, db=TO, user=DBA)
    for each in of(schema):
        new.psql(QUIET + each.creation, db=TO, user=each.role)
        compare(new, TO, ask(old, FROM, [labels(each)]))


def test_pg_upgrade(old, new, answers):
    """The files of the old server, taken over by the new one, give the same answers and go on working."""
    lies = old.rows(LIES, db=KEPT)
    checksums = [cluster.value("SHOW data_checksums") for cluster in (old, new)]
    old.stop()
    new.stop()
    if checksums == ["off", "on"]:
        as_owner(old, old.pg.bindir / "pg_checksums", "--enable", "--pgdata", old.data, env=old.env)
    as_owner(new, new.pg.bindir / "pg_upgrade", "--no-sync", "--username=postgres", f"--socketdir={new.socket}",
             "--old-bindir", old.pg.bindir, "--old-datadir", old.data,
             "--new-bindir", new.pg.bindir, "--new-datadir", new.data, env=environment(new, old))
    new.start()
    compare(new, FROM, answers)
    check_it_goes_on(new, FROM)
    check_kept(new, lies)


def check_kept(new, lies):
    """Kept histories came along as they were, and are not read until the second refresh."""
    assert new.rows(LIES, db=KEPT) == lies
    assert all(int(rows) > 0 for rows in lies[0])
    assert_right(new, KEPT)
    assert_holds(new, KEPT, expected=False)
    reasons = new.rows("SELECT DISTINCT kept_reason FROM customer_value.segmentations WHERE kept_reason IS NOT NULL", db=KEPT)
    assert reasons == [["it came with a dump or from another server, and nothing has been kept here yet"]]
    # what changes now is not noted
    new.psql(CHANGES, db=KEPT)
    assert new.rows(LIES, db=KEPT) == lies
    assert_right(new, KEPT)
    assert [refresh_once(new, KEPT, view) for view in NOTED] == [None] * len(NOTED), "the first refresh gets ready"
    assert_holds(new, KEPT, expected=False)
    # and now it is
    new.psql(CHANGES, db=KEPT)
    assert new.rows(LIES, db=KEPT) != lies
    assert_right(new, KEPT)
    assert all(refresh_once(new, KEPT, view) > 40 for view in ALL), "the second folds all"
    assert_holds(new, KEPT)
    assert_right(new, KEPT)
    assert_goes_on(new, KEPT, views=NOTED)
