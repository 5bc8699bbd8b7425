"""examples/dbt: a segmentation is a dbt model. It stays one object while dbt builds and readers read."""

import re
import shutil

import cdnow
import loaders
import postgres
import pytest
from helpers import QUIET, reading_on
from system import ROOT

READER = "analysts"  # also in examples/dbt/dbt_project.yml
VIEW = "marts.customer_segments"
NEW = "INSERT INTO shop.orders (customer_id, created_at, total) VALUES (3, '1998-06-30 12:00+00', 20);"
READ = f"SELECT frequency FROM {VIEW} WHERE customer_id = 3; SELECT count(*) FROM {VIEW} WHERE customer_id < 500;"
SAME = f"SELECT '{VIEW}'::regclass::oid, id, newest_training, trained_at FROM customer_value.segmentations"
SEGMENTS = "models/customer_segments.sql"
SELECT = "select * from {{ ref('orders') }}"
RUNS = 4
PASSED, FAILED = (1, 0, 0, 0), (0, 0, 1, 0)  # of one node


@pytest.fixture(scope="module", autouse=True)
def tools(shown):
    """dbt, fetched before the first test."""
    with shown():
        loaders.ensure()


@pytest.fixture
def shop(cluster, version):
    """The server, with the orders of CDNOW and a role that reads."""
    if version != postgres.VERSIONS[-1]:
        pytest.skip("dbt is tested on the newest version")
    cdnow.load(cluster, cluster.db)
    cluster.psql(f"{QUIET}DROP ROLE IF EXISTS {READER}; CREATE ROLE {READER} LOGIN;")
    yield cluster
    cluster.psql(f"DROP OWNED BY {READER}; DROP ROLE {READER};")


@pytest.fixture
def project(tmp_path):
    """A copy of the example, to change it."""
    return shutil.copytree(ROOT / "examples" / "dbt", tmp_path / "project")


@pytest.fixture
def dbt(shop, project, tmp_path):
    """What runs dbt on the copy, with the package installed."""
    with loaders.dbt(shop, project, tmp_path / "made") as run:
        assert "Installed from" in run("deps")
        yield run


def rewrite(project, file, old, new):
    """Change the text of a file of the project."""
    path = project / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def counts(said):
    """How many nodes passed, warned, failed and were skipped; the hook that grants the schema does not count."""
    found = re.search(r"Done\. PASS=(\d+) WARN=(\d+) ERROR=(\d+) SKIP=(\d+)", said)
    assert found, said
    passed, *others = (int(count) for count in found.groups())
    return (passed - 1, *others)


def build(dbt):
    """Build the whole project: all models and tests pass, none warns, and nothing is out of date."""
    said = dbt("build")
    assert "eprecat" not in said, said
    passed, *others = counts(said)
    assert passed >= 12 and others == [0, 0, 0], said


def one(dbt, *arguments):
    """Run a command on the segmentation alone."""
    return dbt(*arguments, "--select", "customer_segments")


def test_dbt(shop, project, dbt):
    """All that examples/dbt promises, in one project, as dbt takes longest to start."""
    build(dbt)
    with reading_on(shop, READ, READER) as said:
        check_builds(shop, dbt)
        check_another_option(shop, project, dbt)
    assert len(said) > 50
    assert all(re.fullmatch(r"(\d+)\n499", answer) for answer in said), set(said)
    seen = [int(answer.split()[0]) for answer in said]
    assert seen == sorted(seen) and seen[-1] >= seen[0] + RUNS - 1
    check_training(shop, project, dbt)
    check_mistakes(shop, project, dbt)
    check_optional_input(shop, project, dbt)


def check_builds(shop, dbt):
    """Four builds replace the orders, and the segmentation stays what it is."""
    same = shop.rows(SAME)
    frequency = int(shop.value(READ))
    for turn in range(1, RUNS + 1):
        shop.psql(NEW)
        build(dbt)
        assert shop.rows(SAME) == same
        assert shop.value(READ, user=READER) == str(frequency + turn)
    check_grants_and_comments(shop)


def check_another_option(shop, project, dbt):
    """Another option is another training of the same object."""
    same = shop.rows(SAME)
    rewrite(project, SEGMENTS, "'horizon_days': 180", "'horizon_days': 90, 'scheme': 'eight'")
    assert counts(one(dbt, "run")) == PASSED
    assert shop.rows(SAME)[0][:3] == [*same[0][:2], "2"]
    assert shop.value("SELECT options FROM customer_value.segmentations") == (
        '{"bind": "name", "as_of": "1998-07-01", "scheme": "eight", "horizon_days": 90}')
    check_grants_and_comments(shop)
    assert counts(one(dbt, "run", "--empty")) == PASSED  # which leaves rows out of what it builds: nothing here
    assert shop.rows(SAME)[0][2] == "2"
    rewrite(project, SEGMENTS, ", 'scheme': 'eight'", "")
    assert counts(one(dbt, "run", "--full-refresh")) == PASSED
    assert shop.rows(SAME)[0][:3] == [*same[0][:2], "3"]


def check_grants_and_comments(shop):
    """The reader may read; descriptions of the project are comments, other columns have those of the extension."""
    assert shop.rows(f"SELECT has_table_privilege('{READER}', '{VIEW}', 'SELECT'),"
                     f" obj_description('{VIEW}'::regclass) LIKE 'One row per customer, with segment and%',"
                     f" (SELECT count(*) FROM pg_attribute AS a WHERE attrelid = '{VIEW}'::regclass AND attnum > 0"
                     f" AND col_description(attrelid, attnum) IS NULL)") == [["t", "t", "0"]]
    comments = dict(shop.rows("SELECT attname, col_description(attrelid, attnum) FROM pg_attribute"
                              f" WHERE attrelid = '{VIEW}'::regclass AND attname IN ('clv', 'rfm_segment_code')"))
    assert comments["clv"] == "Expected revenue of the next 180 days in US dollars, discounted"
    assert comments["rfm_segment_code"].startswith("Stable code of the segment")


def check_training(shop, project, dbt):
    """A training that is too old fails the test; the operation trains; `train_after` does so in a build."""
    age = "UPDATE customer_value.training SET trained_at = trained_at - interval '9 days'"
    fresh = ("test", "--select", "test_name:training_within")
    shop.psql(age)
    assert counts(dbt(*fresh)) == FAILED
    said = dbt("run-operation", "train_segmentation")
    assert "customer_segments: training 4, doubts: " in said
    assert counts(dbt(*fresh)) == PASSED
    assert "is not materialized as a segmentation" in dbt(
        "run-operation", "train_segmentation", "--args", "{model: orders}")
    # in a build
    rewrite(project, SEGMENTS, "amount='total',", "amount='total', train_after='8 days',")
    for number in ("4", "5"):
        assert counts(one(dbt, "run")) == PASSED
        assert shop.rows(SAME)[0][2] == number
        shop.psql(age)
    # what is not there is not fresh, and is made again
    shop.psql(f"{QUIET}SELECT customer_value.drop_segmentation('{VIEW}')")
    assert counts(dbt(*fresh)) == FAILED
    assert counts(one(dbt, "run")) == PASSED
    assert counts(dbt(*fresh)) == PASSED
    check_grants_and_comments(shop)


def check_mistakes(shop, project, dbt):
    """Mistakes in a model are told, and change nothing."""
    same, right = shop.rows(SAME), (project / SEGMENTS).read_text()
    for old, new, message in [(SELECT, SELECT + " where total > 0", "a segmentation reads one model or source as it"),
                              ("90", "'many'", 'option "horizon_days"'),
                              ("amount='total',", "", "a segmentation cannot lose its amounts")]:
        rewrite(project, SEGMENTS, old, new)
        said = one(dbt, "run")
        assert message in said and counts(said) == FAILED, said
        assert shop.rows(SAME) == same
        (project / SEGMENTS).write_text(right)


def check_optional_input(shop, project, dbt):
    """An optional input may be a model, too."""
    number = int(shop.rows(SAME)[0][2])
    (project / "models/customers.sql").write_text(
        "{{ config(materialized='table') }} select distinct customer_id, 'it''s ' || customer_id % 2 as half"
        " from {{ source('shop', 'orders') }}")
    rewrite(project, SEGMENTS, "'horizon_days': 90",
            "'customers': {'source': 'customers', 'customer': 'customer_id', 'columns': ['half']}")
    rewrite(project, SEGMENTS, SELECT, f"-- depends_on: {{{{ ref('customers') }}}}\n{SELECT}")
    for _ in range(2):
        build(dbt)
        assert shop.rows(SAME)[0][2] == str(number + 1)
        assert shop.rows(f"SELECT DISTINCT half FROM {VIEW} ORDER BY 1") == [["it's 0"], ["it's 1"]]
