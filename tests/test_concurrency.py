"""Trainings wait for one another; readers wait for nobody who trains."""

from helpers import ORDERS, QUIET, creation

SETUP = ORDERS + creation('{"as_of": "2024-08-01"}')
LIMITED = QUIET + "SET statement_timeout = '30s';"
TRAIN = "SELECT customer_value.train_segmentation('shop.segments');"
READ = "SELECT count(*), count(rfm_segment) FROM shop.segments;"


def test_trainings_wait_for_one_another(cluster):
    """Two at once get different numbers, in the order in which they finish."""
    cluster.psql(SETUP)
    with cluster.session() as first, cluster.session() as second:
        first.run(LIMITED + "BEGIN;")
        second.run(LIMITED)
        assert first.run(TRAIN) == "2"
        second.send(TRAIN)
        assert second.waits(), "the second training did not wait for the first"
        first.run("COMMIT;")
        assert second.answer() == "3"
        # and when the first gives up, its number is free
        first.run("BEGIN;")
        assert first.run(TRAIN) == "4"
        second.send(TRAIN)
        assert second.waits(), "the second training did not wait for the first"
        first.run("ROLLBACK;")
        assert second.answer() == "4"
    numbers = cluster.value("SELECT array_agg(number ORDER BY number) FROM customer_value.training")
    assert numbers == "{1,2,3,4}"


def test_trainings_of_two_segmentations(cluster):
    """Trainings of different segmentations do not wait for one another."""
    cluster.psql(SETUP + creation(view="shop.others"))
    with cluster.session() as first, cluster.session() as second:
        first.run(LIMITED + "BEGIN;")
        first.run(TRAIN)
        assert second.run(LIMITED + "SELECT customer_value.train_segmentation('shop.others');") == "2"
        first.run("COMMIT;")


def test_readers_do_not_wait_for_training(cluster):
    """A training that is not done yet blocks neither queries nor orders, and is not seen by them."""
    cluster.psql(SETUP)
    with cluster.session() as trainer, cluster.session() as reader:
        reader.run(LIMITED)
        read = READ + "SELECT DISTINCT trained_at FROM shop.segments;"
        before = reader.run(read, timeout=5)
        trainer.run(LIMITED + "BEGIN;")
        trainer.run(TRAIN)
        assert reader.run(read, timeout=5) == before
        for other in ("SELECT count(*) FROM customer_value.segment_report('shop.segments');",
                      "SELECT count(*) FROM customer_value.explain_customer('shop.segments', 3);",
                      "SELECT count(*) FROM shop.segments_of(3);",
                      "SELECT count(*) FROM customer_value.segmentations;",
                      "INSERT INTO shop.orders VALUES (1, '2024-05-05', 5);"):
            reader.run(other, timeout=5)
        trainer.run("COMMIT;")
        assert reader.run(read, timeout=5) != before


def test_readers_do_not_wait_for_altering_behind_training(cluster):
    """An alteration that waits for a training does not make readers wait with it."""
    cluster.psql(SETUP)
    with cluster.session() as trainer, cluster.session() as altering, cluster.session() as reader:
        trainer.run(LIMITED + "BEGIN;")
        altering.run(LIMITED)
        reader.run(LIMITED)
        trainer.run(TRAIN)
        altering.send("SELECT customer_value.alter_segmentation('shop.segments', '{\"language\": \"zh\"}');")
        assert altering.waits(), "altering did not wait for the training"
        reader.send(READ)
        blocked = reader.waits(2)
        trainer.run("COMMIT;")
        assert altering.answer() == "shop.segments"
        assert reader.answer() == "50|50"
        assert not blocked, "the reader waited"


def test_readers_wait_for_altering_only_shortly(cluster):
    """While an alteration trains anew, over a source that takes its time, readers go on."""
    cluster.psql(SETUP + """
        CREATE FUNCTION shop.gate(x numeric) RETURNS numeric LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock_shared(42);
            RETURN x;
        END $$;
        CREATE VIEW shop.slow AS SELECT customer_id, day, shop.gate(total) AS total FROM shop.orders;""")
    with cluster.session() as gate, cluster.session() as altering, cluster.session() as reader:
        gate.run("SELECT pg_advisory_lock(42);")
        altering.run(LIMITED)
        reader.run(LIMITED)
        altering.send("SELECT customer_value.alter_segmentation('shop.segments', source => 'shop.slow');")
        assert altering.waits(), "the gate did not hold the training back"
        reader.send(READ)
        blocked = reader.waits(2)
        gate.run("SELECT pg_advisory_unlock(42);")
        assert altering.answer() == "shop.segments"
        reader.answer()
        assert not blocked, "the reader waited until the training was done"


def test_dropping_waits_for_readers(cluster):
    """A reader in the middle of a transaction keeps the view that he reads."""
    cluster.psql(SETUP)
    with cluster.session() as reader, cluster.session() as dropper:
        reader.run(LIMITED + "BEGIN;")
        assert reader.run(READ) == "50|50"
        dropper.run(LIMITED)
        dropper.send("SELECT customer_value.drop_segmentation('shop.segments');")
        assert dropper.waits()
        assert reader.run(READ) == "50|50"
        reader.run("COMMIT;")
        dropper.answer()
    assert cluster.value("SELECT count(*) FROM customer_value.training") == "0"


def test_one_name_for_two_roles(cluster):
    """Of two roles that define the same name at once, the first has it, and the other is refused."""
    cluster.psql(f"""{QUIET}
        DROP ROLE IF EXISTS concurrent_first, concurrent_second;
        CREATE ROLE concurrent_first;
        CREATE ROLE concurrent_second;
        GRANT CREATE ON SCHEMA public TO concurrent_first, concurrent_second;""")
    define = "SELECT customer_value.define_scheme('ours', customer_value.scheme_definition('{}'));"
    with cluster.session() as first, cluster.session() as second:
        first.run(LIMITED + "SET ROLE concurrent_first; BEGIN;")
        second.run("\\set VERBOSITY sqlstate\n" + LIMITED + "SET ROLE concurrent_second;")
        first.run(define.format("eight"))
        second.send(define.format("standard"))
        assert second.waits(), "the second definition did not wait for the first"
        first.run("COMMIT;")
        said = second.answer()
    kept = cluster.rows("SELECT owner, document -> 'bins' FROM customer_value.definition")
    cluster.psql("DROP OWNED BY concurrent_first, concurrent_second; DROP ROLE concurrent_first, concurrent_second;")
    assert kept == [["concurrent_first", "2"]], "the second took the name of the first"
    assert "42501" in said, said


def test_one_matrix_defined_twice(cluster):
    """The second definition keeps to what the first one and its segmentation have settled meanwhile."""
    cluster.psql(ORDERS)
    document = "customer_value.matrix_definition('{}') - 'column'"
    define = f"SELECT customer_value.define_matrix('ours', {document});"
    with cluster.session() as first, cluster.session() as second:
        first.run(LIMITED + "BEGIN;" + define.format("clv_tier") + creation('{"matrices": ["ours"]}'))
        second.run(LIMITED)
        second.send(define.format("growth"))
        assert second.waits(), "the second definition did not wait for the first"
        first.run("COMMIT;")
        assert 'uses matrix "ours", so its axes and its column cannot be changed' in second.answer()
        # the same axes once more are no change
        assert "ERROR" not in second.run(define.format("clv_tier"))
    kept = cluster.value(f"SELECT customer_value.matrix_definition('ours') - 'column' = {document.format('clv_tier')}")
    assert kept == "t"


def test_trainings_under_repeatable_read(cluster):
    """Of two transactions that see the same last training only one goes through; the other can be tried again."""
    cluster.psql(SETUP)
    with cluster.session() as first, cluster.session() as second:
        for session in (first, second):
            session.run(LIMITED + "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM customer_value.training;")
        assert first.run(TRAIN) == "2"
        second.send("\\set VERBOSITY verbose\n" + TRAIN)
        assert second.waits(), "the second training did not wait for the first"
        first.run("COMMIT;")
        assert "40001" in second.answer()
        second.run("ROLLBACK;")
        assert second.run(TRAIN) == "3"
    numbers = cluster.value("SELECT array_agg(number ORDER BY number) FROM customer_value.training")
    assert numbers == "{1,2,3}"


def test_a_definition_is_dropped_while_a_segmentation_begins_to_use_it(cluster):
    """Dropping waits for the segmentation, and is refused then."""
    cluster.psql(ORDERS + """
        SELECT customer_value.define_scheme('ours', customer_value.scheme_definition('eight'));""")
    with cluster.session() as creating, cluster.session() as dropping:
        creating.run(LIMITED + "BEGIN;" + creation('{"scheme": "ours"}'))
        dropping.run(LIMITED)
        dropping.send("SELECT customer_value.drop_scheme('ours');")
        assert dropping.waits(), "dropping did not wait"
        creating.run("COMMIT;")
        assert 'segmentation shop.segments uses RFM scheme "ours", so it cannot be dropped' in dropping.answer()
    cluster.psql(QUIET + TRAIN)


def test_taken_up_while_another_drops_it(cluster):
    """What is left of a segmentation is not dropped once it has been taken up again."""
    cluster.psql(SETUP + "DROP VIEW shop.segments CASCADE;")
    with cluster.session() as creating, cluster.session() as dropping:
        creating.run(LIMITED + "BEGIN;" + creation('{"as_of": "2024-08-01"}'))
        dropping.run(LIMITED)
        dropping.send("SELECT customer_value.drop_segmentation('shop.segments');")
        assert dropping.waits(), "dropping did not wait"
        creating.run("COMMIT;")
        dropping.answer()
    # dropped as a whole, or not at all
    left = cluster.rows("SELECT to_regclass('shop.segments') IS NOT NULL, count(*) FROM customer_value.segmentation")
    assert left in ([["t", "1"]], [["f", "0"]])


def test_two_wordings_at_once(cluster):
    """The one that is written last holds."""
    word = """SELECT customer_value.reword_matrix('growth', '{"high_high": {"labels": {"en": "%s"}}}');"""
    with cluster.session() as first, cluster.session() as second:
        first.run(LIMITED + "BEGIN;" + word % "First")
        second.run(LIMITED)
        second.send(word % "Second")
        assert second.waits(), "the second wording did not wait"
        first.run("COMMIT;")
        assert "ERROR" not in second.answer()
    assert cluster.value("SELECT customer_value.matrix_label_of('growth', 'high_high')") == "Second"


def test_a_view_is_dropped_while_it_is_altered(cluster):
    """Altering waits for whoever drops the view, and says then that it is gone."""
    cluster.psql(SETUP)
    with cluster.session() as dropping, cluster.session() as altering:
        dropping.run(LIMITED + "BEGIN; DROP VIEW shop.segments CASCADE;")
        altering.run(LIMITED)
        altering.send("\\set VERBOSITY verbose\nSELECT customer_value.alter_segmentation('shop.segments');")
        assert altering.waits(), "altering did not wait"
        dropping.run("COMMIT;")
        assert "42P01" in altering.answer()
    assert cluster.value("SELECT state FROM customer_value.segmentations") == "view gone"


def test_one_name_created_twice(cluster):
    """One of two sessions that create the same segmentation is told so, without an internal error."""
    cluster.psql(ORDERS)
    with cluster.session() as first, cluster.session() as second:
        first.run(LIMITED + "BEGIN;" + creation())
        second.run(LIMITED)
        second.send("\\set VERBOSITY verbose\n" + creation())
        assert second.waits(), "the second creation did not wait"
        first.run("COMMIT;")
        assert any(state in second.answer() for state in ("40001", "42P07"))
    assert cluster.value("SELECT count(*) FROM customer_value.segmentation") == "1"


def test_reports_wait_for_a_rebuild(cluster):
    """A report that waits while the source is swapped reads the new table, though that is younger than its query."""
    cluster.psql(ORDERS + creation('{"as_of": "2024-08-01", "bind": "name"}'))
    reports = {"SELECT sum(customers) FROM customer_value.segment_report('shop.segments');": "50",
               "SELECT sum(customers) FROM customer_value.segment_playbook('shop.segments');": "50",
               "SELECT sum(customers) FROM customer_value.segment_crosstab('shop.segments', 'rfm_segment', 'abc_class');": "50",
               "SELECT sum(customers_now) FROM customer_value.segmentation_drift('shop.segments') WHERE axis = 'recency';": "50",
               "SELECT count(*) > 3 FROM customer_value.explain_customer('shop.segments', 7);": "t",
               "SELECT count(*) > 0 FROM customer_value.segment_profile('shop.segments', 'abc_class', min_customers => 1);": "t",
               "SELECT count(*) > 0 FROM customer_value.compare_purchase_models('shop.segments');": "t"}
    for report, expected in reports.items():
        with cluster.session() as rebuilding, cluster.session() as reader:
            reader.run(LIMITED)
            rebuilding.run(LIMITED + """
                BEGIN;
                ALTER TABLE shop.orders RENAME TO old;
                CREATE TABLE shop.orders AS TABLE shop.old;
                DROP TABLE shop.old;""")
            reader.send(report)
            assert reader.waits(), "the report did not wait"
            rebuilding.run("COMMIT;")
            assert reader.answer() == expected, report
