"""Parts of a database are dumped and restored: some schemas, the data only, without what they rest on."""

import pytest
from helpers import ORDERS, QUIET
from whole import (ALL, DBA, DEFINITIONS, FROM, NAMED, ODD, OWN, PLACED, PLAIN, QUESTIONS, SCHEMAS, SUPERUSER, TEAM, TO,
                   ask, check_it_goes_on, compare, fill, labels, make, of, only, program, remove, restore, without)

AGAIN = "kept_again"
EXTENSION = "CREATE EXTENSION customer_value;\n"
STATES = "SELECT view, state FROM customer_value.segmentations ORDER BY view"
REFRESH = {"shop": "REFRESH MATERIALIZED VIEW shop.kept;\n", ODD: f"REFRESH MATERIALIZED VIEW {ODD}.kept;\n",
           "staging": ""}
OTHER = [("2024-08-01", "2024-09-01"), ("shop.orders", "shop.others"), ("'total'", "NULL")]
USERS = pytest.mark.parametrize("user", [SUPERUSER, DBA])
EACH_SCHEMA = pytest.mark.parametrize("schema", SCHEMAS)


@pytest.fixture(scope="module")
def answers(running):
    """A database with all there is, and what it answers."""
    cluster, _ = running
    remove(cluster, AGAIN)  # an interrupted run may have left them
    fill(cluster)
    yield ask(cluster, FROM, QUESTIONS)
    remove(cluster, AGAIN)


def states(gone=()):
    """The state of each segmentation, where the views of some are gone."""
    parents = PLACED._replace(view="shop.placed_parents")
    gone = {each.view for each in gone} | ({parents.view} if PLACED in gone else set())
    return sorted([each.view, "view gone" if each.view in gone else "trained"] for each in (*ALL, parents))


@USERS
@EACH_SCHEMA
def test_without_a_schema(server, answers, schema, user):
    """Without one schema, everything else is as before, and the rows of that schema's segmentations are kept."""
    make(server, TO)
    restore(server, program(server, "pg_dump", "-N", schema, user=user), user=user)
    compare(server, TO, without(answers, schema))
    assert sorted(server.rows(STATES, db=TO)) == states(gone=of(schema))
    if schema != ODD:  # where the team may define
        check_it_goes_on(server, TO, [each for each in ALL if each.schema != schema])


@EACH_SCHEMA
def test_archive_without_a_schema(server, answers, schema, tmp_path):
    """The same from an archive of everything, with several jobs."""
    make(server, TO)
    program(server, "pg_dump", "--format=custom", f"--file={tmp_path / 'archive'}")
    name = schema[1:-1].replace('""', '"') if schema == ODD else schema  # pg_restore knows no quotes
    program(server, "pg_restore", "--exit-on-error", "--jobs=4", "-N", name, str(tmp_path / "archive"), db=TO)
    compare(server, TO, without(answers, schema))
    assert sorted(server.rows(STATES, db=TO)) == states(gone=of(schema))


@EACH_SCHEMA
def test_one_schema_with_what_is_stored(server, answers, schema):
    """One schema, and then the tables of the extension, is as before where the extension is there."""
    make(server, TO)
    server.psql(EXTENSION, db=TO, user=DBA)
    for part in (["-n", schema], ["-a", "-t", "customer_value.*"]):
        restore(server, program(server, "pg_dump", *part))
    server.psql(REFRESH[schema], db=TO, user=DBA)
    compare(server, TO, only(answers, schema))
    assert sorted(server.rows(STATES, db=TO)) == states(gone=[each for each in ALL if each.schema != schema])


@USERS
@EACH_SCHEMA
def test_one_schema(server, answers, schema, user):
    """Views of one schema are adopted, where the extension is there; their trainings start anew."""
    make(server, TO)
    server.psql(EXTENSION, db=TO, user=DBA)
    restore(server, program(server, "pg_dump", "-n", schema, user=user), user=user)
    server.psql(DEFINITIONS, db=TO, user=DBA)
    assert server.rows("SELECT * FROM customer_value.segmentation", db=TO) == []
    for each in of(schema):
        assert server.value(f"SELECT count(*) > 0 AND count(rfm_segment) = 0 FROM {each.view}", db=TO) == "t"
        server.psql(QUIET + each.creation, db=TO, user=each.role)
        compare(server, TO, ask(server, FROM, [labels(each)]))
    assert server.rows("SELECT DISTINCT number, newest FROM customer_value.training", db=TO) == [["1", "t"]]
    assert server.rows("SELECT DISTINCT state FROM customer_value.segmentations", db=TO) == [["trained"]]


@pytest.mark.parametrize("other", OTHER, ids=["day", "source", "column"])
def test_adoption_is_refused(server, answers, other):
    """A restored view is not adopted with arguments that give another, and stays as it is."""
    make(server, TO)
    server.psql(EXTENSION, db=TO, user=DBA)
    restore(server, program(server, "pg_dump", "-n", "shop"))
    text = "SELECT pg_get_viewdef('shop.segments'::regclass)"
    server.psql("CREATE TABLE shop.others AS TABLE shop.orders", db=TO, user=DBA)
    before = server.value(text, db=TO)
    said = server.psql(PLAIN.creation.replace(*other), db=TO, user=DBA, check=False, errors=True)
    assert "ERROR" in said and "shop.segments" in said
    assert server.value(text, db=TO) == before
    assert server.rows("SELECT * FROM customer_value.segmentation", db=TO) == []


@pytest.mark.parametrize("parts", [
    [["-a"]],
    [["-a", "-t", "customer_value.*"], ["-a", "-N", "customer_value"]],
    [["-a", "-N", "customer_value"], ["-a", "-t", "customer_value.*"]],
], ids=["at once", "ours first", "ours last"])
@USERS
def test_data_only(server, answers, parts, user):
    """The schema first, then the data, at once or the extension's tables before or after the others."""
    make(server, TO)
    for part in [["-s"], *parts]:
        restore(server, program(server, "pg_dump", *part, user=user), user=user)
    server.psql("".join(REFRESH.values()), db=TO, user=DBA)
    compare(server, TO, answers)
    check_it_goes_on(server, TO)


def test_without_public(server, answers):
    """A database without schema public takes everything."""
    make(server, TO)
    server.psql("DROP SCHEMA public", db=TO)
    restore(server, program(server, "pg_dump", user=DBA), user=DBA)
    compare(server, TO, answers)


@USERS
def test_without_owners(server, answers, user):
    """Restored without owners and grants, segmentations are those of who restores them."""
    make(server, TO)
    restore(server, program(server, "pg_dump", "--no-owner", "--no-privileges", user=user), user=user)
    assert sorted(server.rows(STATES, db=TO)) == states()
    for each in ALL:
        number = f"SELECT newest_training + 1 FROM customer_value.segmentations WHERE view = $${each.view}$$"
        expected = server.value(number, db=TO)
        trained = f"{QUIET}SELECT {each.call('train_segmentation')}"
        assert server.value(trained, db=TO, user=user) == expected
        assert server.value(f"SELECT owner FROM customer_value.segmentation WHERE view = $${each.view}$$", db=TO) == user


def test_row_security_off(server, answers):
    """Where row-level security may not filter, as in a restore, everything reads as it does otherwise."""
    make(server, TO)
    dump = program(server, "pg_dump")
    assert "SET row_security = off;" in dump
    restore(server, dump)
    off = "SET row_security = off;\n"
    compare(server, TO, answers, before=off)
    server.psql(off + "".join(REFRESH.values()), db=TO, user=DBA)
    compare(server, TO, answers)


def test_taken_up_again(server, answers):
    """A row whose view is gone survives further dumps; the view, made again, goes on where it was."""
    make(server, TO)
    restore(server, program(server, "pg_dump", "-N", "staging"))
    make(server, AGAIN)
    restore(server, program(server, "pg_dump", db=TO), db=AGAIN)
    compare(server, AGAIN, without(answers, "staging"))
    assert sorted(server.rows(STATES, db=AGAIN)) == states(gone=[NAMED])
    server.psql(QUIET + "CREATE SCHEMA staging;\nCREATE TABLE staging.orders AS TABLE shop.orders;\n"
                "CREATE TABLE staging.customers AS TABLE shop.customers;\n"
                + NAMED._replace(options="{}").creation, db=AGAIN, user=DBA)
    compare(server, AGAIN, ask(server, FROM, [labels(NAMED)]))
    row = "SELECT id, options, newest_training FROM customer_value.segmentations WHERE view = 'staging.by_name'"
    [[identity, options, number]] = server.rows(row, db=FROM)
    assert server.rows(row, db=AGAIN) == [[identity, options, str(int(number) + 1)]]


def test_source_left_out(server, answers):
    """A view that is bound by name is restored without its source, and works once that is there."""
    make(server, TO)
    schemas = "CREATE SCHEMA raw;\nCREATE TABLE raw.orders AS TABLE shop.orders;\n"
    make(server, AGAIN)
    elsewhere = NAMED._replace(schema="raw", view="shop.elsewhere", options='{"as_of": "2024-08-01", "bind": "name"}')
    server.psql(EXTENSION + ORDERS + schemas + elsewhere.creation, db=AGAIN, user=DBA)
    restore(server, program(server, "pg_dump", "-N", "raw", db=AGAIN, user=DBA), user=DBA)
    assert server.rows(STATES, db=TO) == [["shop.elsewhere", "source gone"]]
    server.psql(schemas, db=TO, user=DBA)
    assert server.rows(STATES, db=TO) == [["shop.elsewhere", "trained"]]
    compare(server, TO, ask(server, AGAIN, ["SELECT * FROM shop.elsewhere ORDER BY 1"]))


def test_renamed_after_a_restore(server, answers):
    """A view that is renamed in the restored database is still known, as its text holds its identity."""
    make(server, TO)
    restore(server, program(server, "pg_dump"))
    server.psql("ALTER VIEW shop.placed RENAME TO moved;\nALTER FUNCTION shop.placed_of RENAME TO moved_of;",
                db=TO, user=DBA)
    moved = PLACED._replace(view="shop.moved", of="shop.moved_of")
    trained = server.value(f"{QUIET}SELECT {moved.call('train_segmentation')}", db=TO, user=DBA)
    assert trained == "2"
    assert ["shop.moved", "trained"] in server.rows(STATES, db=TO)
    found = server.rows(labels(moved), db=TO)
    assert found == server.rows(labels(PLACED), db=FROM)


@pytest.mark.parametrize("when", ["before the dump", "after the restore"])
def test_renamed_source(server, answers, when):
    """Where the source was renamed and another table has its name, what the view reads is what is trained."""
    swap = ("ALTER TABLE shop.orders RENAME TO all_orders;\n"
            "CREATE TABLE shop.orders AS SELECT * FROM shop.all_orders LIMIT 100;\n")
    make(server, AGAIN)
    server.psql(EXTENSION + ORDERS + PLAIN.creation, db=AGAIN, user=DBA)
    make(server, TO)
    server.psql(swap if when == "before the dump" else "", db=AGAIN, user=DBA)
    restore(server, program(server, "pg_dump", db=AGAIN))
    server.psql(swap if when == "after the restore" else "", db=TO, user=DBA)
    server.psql(f"{QUIET}SELECT {PLAIN.call('train_segmentation')}", db=TO, user=DBA)
    assert server.rows("SELECT state, source, orders FROM customer_value.segmentations", db=TO) \
        == [["trained", "shop.all_orders", "2000"]]
