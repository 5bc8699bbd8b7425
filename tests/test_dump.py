"""A whole database is dumped and restored, in every way there is; the extension itself comes and goes.

A role that is no superuser owns the databases and installs the extension; superusers restore, too.
"""

import pytest
from helpers import ORDERS, QUIET, creation
from whole import (DBA, FROM, QUESTIONS, SUPERUSER, TEAM, TEXTS, TO, ask, check_it_goes_on, compare, fill, make,
                   program, remove, restore)

USERS = pytest.mark.parametrize("user", [SUPERUSER, DBA])
PLAIN = {"plain": [], "inserts": ["--column-inserts"], "quoted": ["--quote-all-identifiers"]}
ARCHIVED = {
    **{f"{jobs} jobs": ("custom", [[f"--jobs={jobs}"]]) for jobs in (1, 2, 4, 8)},
    "directory": ("directory", [["--jobs=4"]]),
    "one transaction": ("custom", [["--single-transaction"]]),
    "section by section": ("custom", [["--section=pre-data"], ["--section=data"], ["--section=post-data"]]),
}


@pytest.fixture(scope="module")
def answers(running):
    """A database with all there is, and what it answers."""
    cluster, _ = running
    remove(cluster)  # an interrupted run may have left them
    fill(cluster)
    yield ask(cluster, FROM, QUESTIONS + TEXTS)
    remove(cluster)


@pytest.fixture(scope="module")
def archives(answers, running, tmp_path_factory):
    """Dumps of that database, by format."""
    cluster, _ = running
    folder = tmp_path_factory.mktemp("archives")
    for kind in ("custom", "directory"):
        program(cluster, "pg_dump", f"--format={kind}", f"--file={folder / kind}")
    return folder


@USERS
@pytest.mark.parametrize("options", PLAIN.values(), ids=PLAIN)
def test_plain(server, answers, user, options):
    """A dump as SQL, run by psql, gives the same answers and goes on working."""
    make(server, TO)
    restore(server, program(server, "pg_dump", *options, user=user), user=user)
    compare(server, TO, answers)
    check_it_goes_on(server, TO)


@USERS
@pytest.mark.parametrize("kind, steps", ARCHIVED.values(), ids=ARCHIVED)
def test_archive(server, answers, archives, user, kind, steps):
    """An archive gives the same answers, however many jobs restore it at once."""
    make(server, TO)
    for step in steps:
        program(server, "pg_restore", "--exit-on-error", *step, str(archives / kind), db=TO, user=user)
    compare(server, TO, answers)


@USERS
def test_over_what_is_there(server, answers, user):
    """A dump that drops first what it makes can be restored over a database like its own."""
    make(server, TO, template=FROM)
    restore(server, program(server, "pg_dump", "--clean", "--if-exists", user=user), user=user)
    compare(server, TO, answers)
    check_it_goes_on(server, TO)


def test_copy(server, answers):
    """A database made from another as its template answers as that one does, and goes on working."""
    make(server, TO, template=FROM)
    compare(server, TO, answers)
    check_it_goes_on(server, TO)


def test_drop_extension(cluster):
    """DROP EXTENSION is refused while a segmentation uses it; with CASCADE nothing is left."""
    cluster.psql(ORDERS + creation(view="public.s"))
    said = cluster.psql("DROP EXTENSION customer_value;", check=False, errors=True)
    assert "cannot drop extension" in said
    cluster.psql(QUIET + "DROP EXTENSION customer_value CASCADE;")
    assert cluster.value("SELECT to_regclass('public.s') IS NULL AND to_regproc('public.s_of') IS NULL "
                         "AND to_regnamespace('customer_value') IS NULL "
                         "AND to_regnamespace('customer_value_internal') IS NULL") == "t"
    cluster.psql("CREATE EXTENSION customer_value;" + creation(view="public.s"))


def test_drop_schema_public(cluster):
    """Schema public goes without the extension and without segmentations in other schemas."""
    cluster.psql(ORDERS + creation() + "DROP SCHEMA public CASCADE;")
    assert cluster.value("SELECT customer_value.train_segmentation('shop.segments')") == "2"
    assert cluster.value("SELECT count(rfm_segment) FROM shop.segments") == "50"


@pytest.mark.parametrize("schema", ["customer_value", "customer_value_internal"])
@pytest.mark.parametrize("maker", [DBA, TEAM])
def test_schema_of_somebody_else(server, answers, schema, maker):
    """A schema of our name that is there already, whoever made it, is not taken for ours."""
    make(server, TO)
    server.psql(f"CREATE SCHEMA {schema} AUTHORIZATION {maker};", db=TO)
    said = server.psql("CREATE EXTENSION customer_value;", db=TO, user=DBA, check=False, errors=True)
    assert f'schema "{schema}" already exists' in said
    assert server.value("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'customer\\_value%'", db=TO) == "1"
    server.psql(f"DROP SCHEMA {schema}; CREATE EXTENSION customer_value;", db=TO, user=DBA)


@USERS
def test_empty_search_path(server, answers, user):
    """CREATE EXTENSION and segmentations need no schema in the search path."""
    make(server, TO)
    server.psql("SET search_path = '';\nCREATE EXTENSION customer_value;\n" + ORDERS + creation(), db=TO, user=user)
    assert server.value("SELECT count(rfm_segment) FROM shop.segments", db=TO) == "50"
