"""What dumps, restores, upgrades and replication must keep: a database with all there is, and its answers.

SETUP makes it, as a role that owns the database and is no superuser. QUESTIONS are asked before and after.
"""

import contextlib
import subprocess
from typing import NamedTuple

from cluster import Cluster
from conftest import Log
from helpers import ORDERS, QUIET

SUPERUSER = "postgres"
DBA = "kept_dba"  # owns the databases and installs the extension
TEAM = "kept_team"  # owns a schema, and a segmentation with a scheme of its own
READER = "kept_reader"  # has been granted what it reads
ROLES = (TEAM, READER, DBA)
FROM, TO = "kept_from", "kept_to"
ODD = '"Odd ""place"""'  # a schema
SCHEMAS = ("shop", ODD, "staging")


class Kept(NamedTuple):
    """A segmentation: its schema, its view and the function beside it, as SQL writes them."""

    schema: str
    view: str
    of: str
    role: str  # that makes it
    options: str

    @property
    def creation(self):
        """The statement that makes it, or takes it up again."""
        return (f"SELECT customer_value.create_segmentation($${self.view}$$, $${self.schema}.orders$$, "
                f"'customer_id', 'day', 'total', '{self.options}');\n")

    def call(self, function, *more):
        """The call of a function about it."""
        return f"customer_value.{function}({', '.join([f'$${self.view}$$', *more])})"


PLAIN = Kept("shop", "shop.segments", "shop.segments_of", DBA, '{"as_of": "2024-08-01"}')
PLACED = Kept("shop", "shop.placed", "shop.placed_of", DBA,
              '{"as_of": "2024-08-01", "matrices": ["own"], "security_invoker": false, "parent": "region", "customers": '
              '{"source": "shop.customers", "customer": "id", "columns": ["region"]}}')
OWN = Kept(ODD, f'{ODD}."Who\'s in"', f'{ODD}."Who\'s in_of"', TEAM,
           '{"as_of": "2024-08-01", "scheme": "mine"}')
NAMED = Kept("staging", "staging.by_name", "staging.by_name_of", DBA,
             '{"as_of": "2024-08-01", "bind": "name", "customers": '
             '{"source": "staging.customers", "customer": "id", "columns": ["region"]}}')
ALL = (PLAIN, PLACED, OWN, NAMED)

SCHEME = """
SELECT customer_value.define_scheme('mine', '{"bins": 2, "description": "two", "segments": [
    {"code": "recent", "labels": {"en": "Recent", "zh": "最近"}, "actions": {"en": "Greet them."},
     "ranges": [{"recency": 2}]},
    {"code": "rest", "labels": {"en": "Rest", "zh": "其他"}, "ranges": [{"recency": 1}]}]}');
"""
MATRIX = """
SELECT customer_value.define_matrix('own', '{"x": {"axis": "frequency", "split": "quantile", "cuts": [0.5]},
    "y": {"axis": "power", "split": "mean"}, "positions": [
    {"x": 2, "y": 2, "code": "best", "labels": {"en": "Best", "zh": "最好"}, "actions": {"en": "Keep them."}},
    {"x": 2, "y": 1, "code": "good", "labels": {"en": "Good", "zh": "好"}},
    {"x": 1, "y": 2, "code": "fair", "labels": {"en": "Fair", "zh": "一般"}},
    {"x": 1, "y": 1, "code": "poor", "labels": {"en": "Poor", "zh": "差"}}]}');
"""
WORDING = """
SELECT customer_value.reword_matrix('growth', '{"high_high":
    {"labels": {"en": "Stars", "zh": "明星客户"}, "actions": {"en": "Call them.", "zh": "致电。"}}}');
"""
DEFINITIONS = SCHEME + MATRIX + WORDING
TABLES = f"""
CREATE TABLE shop.customers (id int PRIMARY KEY, region text, power float8);
INSERT INTO shop.customers SELECT i, 'r' || i % 3, i % 7 FROM generate_series(0, 59) AS i;
CREATE SCHEMA staging;
CREATE TABLE staging.orders AS TABLE shop.orders;
CREATE TABLE staging.customers AS TABLE shop.customers;
CREATE SCHEMA {ODD} AUTHORIZATION {TEAM};
CREATE TABLE {ODD}.orders AS TABLE shop.orders;
ALTER TABLE {ODD}.orders OWNER TO {TEAM};
CREATE TABLE shop.stored AS
SELECT customer_id, customer_value.purchase_history(day, total) AS h FROM shop.orders GROUP BY 1;
CREATE INDEX ON shop.stored (customer_value.order_count(h));
CREATE TABLE shop.models AS
SELECT customer_value.fit_purchase_model(h, '2024-08-01'::date) AS purchases,
       customer_value.fit_spend_model(h, '2024-08-01'::date) AS spend,
       customer_value.rfm_cuts(h, '2024-08-01'::date) AS cuts FROM shop.stored;
"""
ON_TOP = f"""
CREATE VIEW shop.dashboard AS SELECT s.rfm_segment, count(*) FROM shop.segments AS s GROUP BY 1;
CREATE MATERIALIZED VIEW shop.kept AS SELECT s.* FROM (SELECT DISTINCT customer_id FROM shop.orders) AS c
CROSS JOIN LATERAL shop.segments_of(c.customer_id) AS s;
GRANT USAGE ON SCHEMA shop, staging TO {READER};
GRANT SELECT ON shop.segments, shop.placed, staging.by_name, staging.orders, staging.customers TO {READER};
GRANT SELECT (customer_id, day, total) ON shop.orders TO {READER};
REVOKE EXECUTE ON FUNCTION shop.segments_of FROM PUBLIC;
COMMENT ON VIEW shop.placed IS 'Ask the team before you use this';
SET ROLE {TEAM};
CREATE MATERIALIZED VIEW {ODD}.kept AS SELECT * FROM {OWN.view};
GRANT USAGE ON SCHEMA {ODD} TO {READER};
GRANT SELECT ON {OWN.view}, {ODD}.orders TO {READER};
RESET ROLE;
"""
SETUP = (QUIET + "CREATE EXTENSION customer_value;\n" + ORDERS + TABLES + MATRIX + WORDING
         + PLAIN.creation + PLACED.creation + NAMED.creation
         + f"SET ROLE {TEAM};\n" + SCHEME + OWN.creation + "RESET ROLE;\n"
         + f"SELECT {PLAIN.call('train_segmentation')};\n" + ON_TOP)


def of(schema):
    """The segmentations in a schema."""
    return [each for each in ALL if each.schema == schema]


# Questions

END = "-- end of answer --"


def labels(each):
    """The rows of a view, but for when it was trained."""
    return f"SELECT to_jsonb(s) - 'trained_at' FROM {each.view} AS s ORDER BY customer_id"


def about(each):
    """The questions about one segmentation."""
    return [
        f"SELECT * FROM {each.view} ORDER BY 1",
        f"SELECT * FROM {each.of}(7)",
        f"SELECT segment, customers, revenue FROM {each.call('segment_report')}",
        f"SELECT * FROM {each.call('segment_playbook')}",
        f"SELECT * FROM {each.call('explain_customer', '$$7$$')}",
        f"SELECT * FROM {each.call('segmentation_drift')}",
        f"SELECT * FROM {each.call('segmentation_doubts')}",
        "SELECT to_jsonb(s) - 'training_age' FROM customer_value.segmentations AS s "
        f"WHERE view = $${each.view}$$",
        f"SELECT attname, atttypid::regtype, col_description(attrelid, attnum), obj_description(attrelid, 'pg_class') "
        f"FROM pg_attribute WHERE attrelid = $${each.view}$$::regclass AND attnum > 0 ORDER BY attnum",
        "SELECT relowner::regrole, reloptions, (SELECT string_agg(role || ' ' || privilege_type, ', ' "
        "ORDER BY role, privilege_type) FROM aclexplode(relacl), CAST(grantee::regrole AS text) AS role "
        f"WHERE grantee <> relowner) FROM pg_class WHERE oid = $${each.view}$$::regclass",
        f"SELECT oid::regprocedure, proowner::regrole, coalesce(proacl, acldefault('f', proowner)) FROM pg_proc "
        f"WHERE pronamespace = (SELECT relnamespace FROM pg_class WHERE oid = $${each.view}$$::regclass) "
        "ORDER BY oid::regprocedure::text",
        f"SET ROLE {READER};\nSELECT count(*), count(rfm_segment) FROM {each.view}",
    ]


# The texts of views, which versions of PostgreSQL write differently
TEXTS = [f"SELECT pg_get_viewdef($${each.view}$$::regclass)" for each in ALL]
QUESTIONS = [question for each in ALL for question in about(each)] + [
    "SELECT * FROM shop.placed_parents ORDER BY 1",
    "SELECT * FROM shop.placed_parents_of($$r1$$)",
    "SELECT * FROM shop.dashboard ORDER BY 1",
    "SELECT * FROM shop.kept ORDER BY 1",
    f"SELECT * FROM {ODD}.kept ORDER BY 1",
    "SELECT *, customer_value.revenue(h) FROM shop.stored ORDER BY 1",
    "SELECT * FROM shop.models",
    f"SELECT * FROM {PLACED.call('segment_playbook', '$$own$$')}",
    f"SELECT * FROM {PLAIN.call('segment_playbook', '$$growth$$', '$$zh$$')}",
    "SELECT * FROM customer_value.training ORDER BY segmentation, number",
    "SELECT * FROM customer_value.training_axis ORDER BY 1, 2, 3",
    "SELECT * FROM customer_value.training_matrix ORDER BY 1, 2, 3",
    "SELECT to_jsonb(s) - '{view_oid, source_oid, owner_oid}'::text[] FROM customer_value.segmentation AS s "
    "ORDER BY id",
    "SELECT to_jsonb(d) - 'owner_oid' FROM customer_value.definition AS d ORDER BY kind, name",
    "SELECT customer_value.scheme_definition('mine'), customer_value.matrix_definition('own'), "
    "customer_value.matrix_definition('growth')",
    "SELECT * FROM customer_value.rfm_scheme ORDER BY 1",
    "SELECT * FROM customer_value.rfm_scheme_cell ORDER BY 1, 2, 3, 5, 7",
    "SELECT * FROM customer_value.matrix_position ORDER BY 1, 2, 3",
    "SELECT * FROM customer_value.matrix_label ORDER BY 1, 2, 3",
    "SELECT customer_value.matrix_label_of('growth', 'high_high'), customer_value.rfm_segment(2, 1, 1, 'mine')",
    "SELECT extversion, extnamespace::regnamespace FROM pg_extension WHERE extname = 'customer_value'",
]


def ask(cluster, db, questions, before=""):
    """Questions with their answers, as the owner of the database gets them; none may be empty."""
    script = "".join(f"{before}{question};\nRESET ALL;\nRESET ROLE;\n\\echo {END}\n" for question in questions)
    texts = cluster.psql(script, db=db, user=DBA).split(f"{END}\n")
    answers = dict(zip(questions, texts))
    assert all(answers.values()), [question for question in answers if not answers[question]]
    return answers


def compare(cluster, db, answers, before=""):
    """A database answers as another one did, after what is to be run before each question."""
    now = ask(cluster, db, answers, before)
    different = [f"{question}\n  before: {difference(answer, now[question])}\n"
                 f"  now:    {difference(now[question], answer)}"
                 for question, answer in answers.items() if now[question] != answer]
    assert not different, "\n".join(different)


def difference(one, other):
    """The first line of an answer that is not in another; without one, they differ in their order."""
    return next((line for line in one.splitlines() if line not in other.splitlines()), None)


def without(answers, schema):
    """The answers that are not about a schema."""
    return {question: answer for question, answer in answers.items() if f"{schema}." not in question}


def only(answers, schema):
    """The answers about a schema."""
    return {question: answer for question, answer in answers.items() if f"{schema}." in question}


# Servers, databases and roles


@contextlib.contextmanager
def server_of_its_own(version, name, settings=None):
    """A server made anew and removed afterwards, whose log must be free of crashes."""
    cluster = Cluster(version, name, settings)
    cluster.remove()  # an interrupted run may have left it
    with cluster:
        log = Log(cluster.log)
        yield cluster
        log.check()
    cluster.remove()


def make_roles(cluster, roles=ROLES):
    """The roles; the owner of databases is a member of the others."""
    cluster.psql("".join(f"CREATE ROLE {role} LOGIN;\n" for role in roles)
                 + f"GRANT {TEAM}, {READER} TO {DBA};", db="postgres")


def make(cluster, name, template="template0"):
    """A database of the owner."""
    cluster.fresh_database(name, template)
    cluster.psql(f"ALTER DATABASE {name} OWNER TO {DBA}", db="postgres")


def remove(cluster, *more):
    """Remove the databases and the roles, if they are there."""
    for db in (FROM, TO, *more):
        cluster.psql(f"{QUIET}DROP DATABASE IF EXISTS {db} WITH (FORCE)", db="postgres")
    cluster.psql(f"{QUIET}DROP ROLE IF EXISTS {', '.join(ROLES)}", db="postgres")


def fill(cluster):
    """The roles, and a database with all there is."""
    make_roles(cluster)
    make(cluster, FROM)
    cluster.psql(SETUP, db=FROM, user=DBA)


# Dumps


def program(cluster, name, *options, db=FROM, user=SUPERUSER, tools=None):
    """Run pg_dump or one of its relatives, of this server or another; what it prints, without a complaint."""
    tools = tools or cluster
    command = [str(tools.pg.bindir / name), *options, *cluster.connection(db, user)]
    done = subprocess.run(command, env=tools.env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout


def restore(cluster, script, db=TO, user=SUPERUSER):
    """Run a plain dump, which stops at an error and may complain of nothing."""
    said = cluster.psql(script, db=db, user=user, errors=True).strip()
    assert not said, said


def check_it_goes_on(cluster, db, segmentations=ALL):
    """Everything can be trained, altered and defined anew by who owns it; creating and dropping work."""
    cluster.psql(QUIET + SCHEME.replace("Recent", "Fresh"), db=db, user=TEAM)
    for each in segmentations:
        newest = f"SELECT newest_training FROM customer_value.segmentations WHERE view = $${each.view}$$"
        number = int(cluster.value(newest, db=db))
        trained = cluster.value(f"{QUIET}SELECT {each.call('train_segmentation')}", db=db, user=each.role)
        assert int(trained) == number + 1
        found = cluster.value(f"SELECT string_agg(DISTINCT rfm_segment, ' ') FROM {each.view}", db=db)
        assert found.isascii() and ("Fresh" in found) == (each is OWN)
        alter = each.call("alter_segmentation", """'{"language": "zh"}'""")
        cluster.psql(f"{QUIET}SELECT {alter}", db=db, user=each.role)
        found = cluster.value(f"SELECT string_agg(DISTINCT rfm_segment, ' ') FROM {each.view}", db=db)
        assert not found.isascii()
        more = each._replace(view=each.view.rstrip('"') + ' 2"' if each is OWN else each.view + "2")
        cluster.psql(QUIET + more.creation + f"SELECT {more.call('drop_segmentation')}", db=db, user=each.role)
