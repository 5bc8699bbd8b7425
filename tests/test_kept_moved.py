"""Kept histories that come with a dump: the view is right before the first refresh, and keeps again after it."""

import pytest
from moved import assert_goes_on, assert_holds, assert_right, fill_kept
from whole import DBA, SUPERUSER, TO, make, program, remove

USERS = pytest.mark.parametrize("user", [SUPERUSER, DBA])
ARCHIVED = {
    "jobs": [["--jobs=2"]],
    "sections": [["--section=pre-data"], ["--section=data"], ["--section=post-data"]],
    "one transaction": [["--single-transaction"]],
}


@pytest.fixture(scope="module")
def filled(running):
    """A database where histories are kept."""
    cluster, _ = running
    remove(cluster)  # an interrupted run may have left them
    fill_kept(cluster)
    yield
    remove(cluster)


@pytest.fixture
def target(server, filled):
    """The server, with an empty database beside that one, for a restore."""
    make(server, TO)
    return server


def check_moved(cluster, db=TO, user=DBA):
    """What came with a dump is not read before it is refreshed."""
    assert_right(cluster, db)
    assert_holds(cluster, db, expected=False)
    assert_goes_on(cluster, db, user)


@USERS
def test_plain(target, user):
    """A plain dump, into another database of the same server."""
    said = target.psql(program(target, "pg_dump", user=user), db=TO, user=user, errors=True)
    assert said.strip().isdigit()  # where the sequence stands, and no complaint
    check_moved(target)


@USERS
@pytest.mark.parametrize("steps", ARCHIVED.values(), ids=ARCHIVED)
def test_archive(target, tmp_path, user, steps):
    """An archive, restored by several jobs, section by section, in one transaction."""
    program(target, "pg_dump", "--format=custom", f"--file={tmp_path / 'archive'}", user=user)
    for step in steps:
        program(target, "pg_restore", "--exit-on-error", *step, str(tmp_path / "archive"), db=TO, user=user)
    check_moved(target)
