"""Writers, a refresher, trainings and DDL around a segmentation that keeps histories, and checkers.

Two segmentations have the same options over the same orders, shop.kept with option "keep" and shop.live
without. Trainings train both in one snapshot. In every snapshot both views must have the same rows.
"""

import collections
import itertools
import random
import re
import threading
import time

from helpers import QUIET

COLUMNS = "id, customer_id, day, region, total"
DAYS = 700  # from 2025-01-01, about 150 of them after as_of
CUSTOMERS = 200
OPTIONS = '{"as_of": "2026-06-30"%s}'
KEEP = ', "keep": true'
KEEPS = "customer_value_internal.keeps('%s')"

TABLE = """
CREATE TABLE shop.orders (id bigint DEFAULT nextval('shop.ids'), customer_id int, day date, region text,
                          total numeric(12, 2), PRIMARY KEY (id, customer_id, day, region)) %s;
"""
PARTITIONS = """
CREATE TABLE shop.orders_{year} PARTITION OF shop.orders
    FOR VALUES FROM ('{year}-01-01') TO ('{next}-01-01') PARTITION BY LIST (region);
"""
REGION = """
CREATE TABLE shop.orders_{year}_{region} PARTITION OF shop.orders_{year} FOR VALUES IN ('{region}')
    PARTITION BY HASH (customer_id);
CREATE TABLE shop.orders_{year}_{region}_0 PARTITION OF shop.orders_{year}_{region}
    FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE shop.orders_{year}_{region}_1 PARTITION OF shop.orders_{year}_{region}
    FOR VALUES WITH (MODULUS 2, REMAINDER 1);
"""
YEARS, REGIONS = (2025, 2026), ("north", "south")
LEAVES = [f"shop.orders_{y}_{r}_{n}" for y in YEARS for r in REGIONS for n in (0, 1)]
ROW = (f"SELECT nextval('shop.ids'), 1 + (random() * {CUSTOMERS})::int, date '2025-01-01' + (random() * {DAYS})::int,"
       " CASE WHEN random() < 0.5 THEN 'north' ELSE 'south' END, round((random() * 100 - 8)::numeric, 2)")


def tables(shape):
    """SQL that makes the orders: a plain table, or one that is partitioned on three levels."""
    if shape == "plain":
        return TABLE % ""
    parts = [PARTITIONS.format(year=year, next=year + 1)
             + "".join(REGION.format(year=year, region=region) for region in REGIONS) for year in YEARS]
    return TABLE % "PARTITION BY RANGE (day)" + "".join(parts)


def setup(shape):
    """SQL that makes orders, two segmentations and what the acts call."""
    create = ("SELECT customer_value.create_segmentation('shop.{}', 'shop.orders', 'customer_id', 'day', 'total', "
              "'{}');\n")
    return (QUIET + "CREATE SCHEMA shop; CREATE SEQUENCE shop.ids; CREATE TABLE shop.turn (); CREATE TABLE shop.attaching (); SELECT setseed(0.12);" + tables(shape) + f"""
        CREATE INDEX ON shop.orders (customer_id);
        INSERT INTO shop.orders {ROW} FROM generate_series(1, 3000);
        CREATE FUNCTION shop.triggers(what text) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE name text;
        BEGIN
            FOR name IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'shop.orders'::regclass AND NOT tgisinternal
            LOOP
                EXECUTE format(what, name);
            END LOOP;
        END $$;
        """ + create.format("live", OPTIONS % "") + create.format("kept", OPTIONS % KEEP)
        + "SELECT customer_value.refresh_segmentation('shop.kept'); ANALYZE shop.orders;")


# What checkers ask


class Questions:
    """Queries that print one line: check, how many rows differ, whether the gate is open, one of them."""

    def __init__(self, cluster):
        self.id = cluster.value("SELECT id FROM customer_value.segmentations WHERE view = 'shop.kept'")
        every = cluster.value("""
            SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
            WHERE attrelid = 'shop.live'::regclass AND attnum > 0 AND attname <> 'trained_at'""")
        self.every = every
        self.few = ("customer_id, first_purchase, last_purchase, frequency, revenue, average_order_value, rfm_segment, "
                    "abc_class")

    def compare(self, columns, one="shop.live", other="shop.kept"):
        """Compare what two queries or views have, both ways."""
        one, other = (f"SELECT {columns} FROM {of}" for of in (one, other))
        return (f"SELECT 'check', count(*), {KEEPS % self.id}, left(min(d::text), 300) FROM "
                f"(({one} EXCEPT ALL {other}) UNION ALL ({other} EXCEPT ALL {one})) AS d;")

    def some(self, rng):
        """Compare a few customers, whom the planner finds by index."""
        who = ", ".join(str(rng.randint(1, CUSTOMERS)) for _ in range(5))
        where = f"WHERE customer_id IN ({who})"
        return self.compare(self.few, f"shop.live {where}", f"shop.kept {where}")

    def beside(self, rng):
        """Compare the function beside the view with the live one."""
        first = rng.randint(1, CUSTOMERS - 20)
        where = f"WHERE customer_id BETWEEN {first} AND {first + 20}"
        function = f"generate_series({first}, {first + 20}) AS g (n), LATERAL shop.kept_of(g.n)"
        return self.compare(self.few, f"shop.live {where}", function)


# What everybody does


class Errors(collections.Counter):
    """Errors by who met them and their SQLSTATE."""

    EXPECTED = {("40001", who) for who in ("repeatable read", "serializable", "refresher", "trainer", "breaker")}

    def note(self, who, said, details, act=""):
        """Count what psql said; the SQLSTATEs."""
        found = re.findall(r"ERROR:  (\w{5}): (.*(?:\n(?:DETAIL|Process).*)*)", said)
        for place, (state, message) in enumerate(found):
            # those of the statements after another one say nothing
            if not place or state not in ("25P02", "3B001", "42704"):
                # a refresh takes its locks in the order of an alteration, and may not meet it
                is_ddl = state == "40P01" and act.startswith("keep ") and who != "refresher"
                self["turning keep off or on" if is_ddl else who, state] += 1
                if state != "55P03" and (state, who) not in self.EXPECTED:
                    details.append(f"{who}, after {act}: {state}: {message}")
        return [state for state, _ in found]


class Chaos:
    """Runs until so many checks are made and every act is done, and counts."""

    def __init__(self, cluster, shape, checks, acts, longest=240):
        self.cluster, self.shape, self.wanted, self.acts = cluster, shape, checks, acts
        self.questions = Questions(cluster)
        self.end = time.monotonic() + longest
        self.all_acts_done = threading.Event()
        self.stopped = threading.Event()
        self.lock = threading.Lock()
        self.checks, self.done = collections.Counter(), collections.Counter()
        self.open = collections.Counter()
        self.errors, self.details, self.crashed = Errors(), [], []
        self.wrong, self.passed = [], []
        self.act = "none"

    def over(self):
        """Whether it is enough."""
        enough = sum(self.checks.values()) >= self.wanted and self.all_acts_done.is_set()
        return enough or self.crashed or self.stopped.is_set() or time.monotonic() > self.end

    def run(self):
        """Start everybody, and wait for their end."""
        jobs = [(writer, n) for n in range(2)] + [(refresher, 0), (trainer, 0), (breaker, 0)]
        jobs += [(checker, 0), (parallel_checker, 0), (long_checker, "REPEATABLE READ"),
                 (long_checker, "SERIALIZABLE")]
        threads = [threading.Thread(target=self._work, args=job) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self

    def _work(self, job, argument):
        try:
            with self.cluster.session() as session:
                session.run(QUIET + "\\set VERBOSITY verbose\nSET statement_timeout = '60s';")
                job(self, session, random.Random(f"{job.__name__} {argument}"), argument)
        except Exception as error:  # an end of its own would be no end of the others
            self.crashed.append(f"{job.__name__}: {error!r}")

    def say(self, session, who, sql, allowed=()):
        """Run SQL, note errors and checks in what it prints; whether there was no error."""
        said = session.run(sql, timeout=90)
        differ = []
        with self.lock:
            states = self.errors.note(who, said, self.details, self.act)
            self.done[who] += not states
            for line in re.findall(r"^check\|(.*)$", said, re.M):
                count, is_open, one = line.split("|", 2)
                self.checks[who] += 1
                self.open[is_open] += 1
                if count != "0":
                    differ.append(f"{who}, after {self.act}, gate {is_open}: {count} differ: {one}")
        if differ:
            have_passed = who in self.ONE_QUESTION and self.ask_again(session, sql)
            with self.lock:
                (self.passed if have_passed else self.wrong).extend(differ)
        return not states

    # who asks one question at a time, planned and run by itself
    ONE_QUESTION = {"few columns", "every column", "few customers", "function", "plpgsql", "parallel", "prepared, custom",
                    "prepared, generic"}

    def ask_again(self, session, sql):
        """Whether there is no difference any more when the same question is asked again at once, or soon: sessions are told
        of a partition a moment after it can be seen."""
        for _ in range(3):
            said = session.run(sql, timeout=90)
            if re.findall(r"^check\|(\d+)", said, re.M) == ["0"]:
                return True
            time.sleep(0.05)
        return False

    def compare_texts(self, who, first, second):
        """Note a check that was made here."""
        with self.lock:
            self.checks[who] += 1
            if first != second:
                differ = sorted(set(first.splitlines()) ^ set(second.splitlines()))
                self.wrong.append(f"{who}, after {self.act}: {differ[:2]}")

    def report(self):
        """What was done, in a line or two."""
        return (f"{self.shape}: {sum(self.checks.values())} checks {dict(self.checks)}, gate {dict(self.open)}, "
                f"{len(self.wrong)} wrong, {len(self.passed)} for a moment; done {dict(self.done)}; errors "
                f"{ {' '.join(key): n for key, n in self.errors.items()} }")


# Writers


def write(rng, n):
    """A transaction of a writer; customers are changed one by one, so that writers alone cannot run into a deadlock."""
    customer, other = rng.randint(1, CUSTOMERS + 10), rng.randint(1, CUSTOMERS + 10)
    day, region = f"date '2025-01-01' + {rng.randint(0, DAYS)}", rng.choice(["'north'", "'south'"])
    insert = f"INSERT INTO shop.orders ({COLUMNS}) VALUES (nextval('shop.ids'), %s, {day}, {region}, 10);"
    one = f"(SELECT max(id) FROM shop.orders WHERE customer_id = {customer})"
    new = f"SELECT nextval('shop.ids'), {customer}, {day}, {region}, 7"
    line = f"\t{customer}\t2026-02-02\tnorth\t3\n"
    return rng.choice([
        insert % customer,
        insert % customer,
        f"INSERT INTO shop.orders ({COLUMNS}) {ROW} FROM generate_series(1, 3);",
        f"UPDATE shop.orders SET total = total + 1 WHERE id = {one};",
        f"UPDATE shop.orders SET customer_id = {other} WHERE id = {one};",
        f"UPDATE shop.orders SET day = {day}, region = {region} WHERE id = {one};",
        f"DELETE FROM shop.orders WHERE id = {one};",
        f"DELETE FROM shop.orders WHERE customer_id = {customer};",
        f"BEGIN; {insert % other} SAVEPOINT a; {insert % customer} ROLLBACK TO a; {insert % customer} COMMIT;",
        f"BEGIN; SAVEPOINT a; {insert % other} SAVEPOINT b; {insert % customer} RELEASE a; SAVEPOINT c; "
        f"DELETE FROM shop.orders WHERE customer_id = {customer}; ROLLBACK TO c; COMMIT;",
        f"BEGIN; SAVEPOINT a; {insert % customer} ROLLBACK TO a; {insert % customer} SELECT pg_sleep(0.05); COMMIT;",
        f"BEGIN; {insert % customer} ROLLBACK;",
        f"BEGIN; {insert % customer} PREPARE TRANSACTION 'chaos_{n}'; SELECT pg_sleep(0.05); COMMIT PREPARED 'chaos_{n}';",
        f"BEGIN; {insert % customer} PREPARE TRANSACTION 'chaos_{n}'; ROLLBACK PREPARED 'chaos_{n}';",
        f"INSERT INTO shop.orders ({COLUMNS}) {new} ON CONFLICT DO NOTHING;",
        f"INSERT INTO shop.orders AS o ({COLUMNS}) SELECT {COLUMNS} FROM shop.orders WHERE id = {one} "
        "ON CONFLICT (id, customer_id, day, region) DO UPDATE SET total = o.total + 2;",
        f"MERGE INTO shop.orders AS o USING ({new}) AS n (id, customer_id, day, region, total) ON o.id = {one} "
        f"WHEN MATCHED THEN UPDATE SET customer_id = {other} "
        f"WHEN NOT MATCHED THEN INSERT ({COLUMNS}) VALUES (n.id, n.customer_id, n.day, n.region, n.total);",
        f"COPY shop.orders ({COLUMNS}) FROM STDIN;\n"
        + "".join(f"{rng.randint(10 ** 9, 10 ** 15)}{line}" for _ in range(5)) + "\\.\n",
    ])


def writer(chaos, session, rng, n):
    """Changes orders; a partition that is detached may be missed."""
    while not chaos.over():
        chaos.say(session, "writer", write(rng, n))
        time.sleep(0.02)


# Refreshing and training


def refresher(chaos, session, rng, _):
    """Refreshes what was touched, and every seventh time all."""
    for n in itertools.count():
        if chaos.over():
            return
        anew = "true" if n % 7 == 6 else "false"
        begin = rng.choice(["BEGIN;", "BEGIN; SAVEPOINT a;", "BEGIN ISOLATION LEVEL REPEATABLE READ;"])
        end = rng.choice(["COMMIT;", "SELECT pg_sleep(0.1); COMMIT;", "ROLLBACK;"])
        call = f"SELECT 1 FROM customer_value.refresh_segmentation('shop.kept', {anew});"
        chaos.say(session, "refresher", call if rng.random() < 0.6 else begin + call + end)
        time.sleep(rng.choice([0.02, 0.1, 0.3]))


def trainer(chaos, session, rng, _):
    """Trains both in one snapshot. A partition that is attached in between would count for the second one alone, whatever the
    snapshot."""
    while not chaos.over():
        chaos.say(session, "trainer", """
            BEGIN ISOLATION LEVEL REPEATABLE READ; LOCK TABLE shop.turn;
            LOCK TABLE shop.orders IN SHARE UPDATE EXCLUSIVE MODE;
            SELECT 1 FROM customer_value.train_segmentation('shop.live');
            SELECT 1 FROM customer_value.train_segmentation('shop.kept');
            COMMIT;""")
        time.sleep(1.5)


# What breaks histories


def acts(shape, check):
    """Acts of DDL, by name; some look at what they did before they commit."""
    table = "shop.orders"
    insert = f"INSERT INTO {table} ({COLUMNS}) {ROW} FROM generate_series(1, 15);"
    alone = f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE;"

    def triggers(what):
        return f"SELECT shop.triggers('{what}');"

    # an alteration trains, so both are trained anew in its snapshot
    keep = ("BEGIN ISOLATION LEVEL REPEATABLE READ; LOCK TABLE shop.turn;"
            "SELECT 1 FROM customer_value.alter_segmentation('shop.kept', '{\"keep\": %s}');"
            "SELECT 1 FROM customer_value.train_segmentation('shop.live');"
            "SELECT 1 FROM customer_value.train_segmentation('shop.kept'); COMMIT;")
    found = {
        "triggers disabled": f"{alone} {triggers(f'ALTER TABLE {table} DISABLE TRIGGER %I')} {insert} {check}"
                             f"{triggers(f'ALTER TABLE {table} ENABLE ALWAYS TRIGGER %I')} {check} COMMIT;",
        "triggers disabled for a while": f"{triggers(f'ALTER TABLE {table} DISABLE TRIGGER %I')} {insert} {check}"
                                         f"{triggers(f'ALTER TABLE {table} ENABLE ALWAYS TRIGGER %I')} {check}",
        "triggers of origin only": f"{triggers(f'ALTER TABLE {table} ENABLE TRIGGER %I')} "
                                   f"SET session_replication_role = replica; {insert} RESET session_replication_role;"
                                   f"{check}",
        "truncated and undone": f"{alone} TRUNCATE {table}; {insert} {check} ROLLBACK; {check}",
        "truncated to a savepoint": f"{alone} SAVEPOINT a; TRUNCATE {table}; {check} ROLLBACK TO a; {insert} {check}"
                                    "COMMIT;",
        "truncated and filled": f"{alone} CREATE TEMP TABLE o ON COMMIT DROP AS SELECT * FROM {table} WHERE "
                                f"random() < 0.95; TRUNCATE {table}; INSERT INTO {table} SELECT * FROM o; {check} COMMIT;",
        "vacuumed in full": f"VACUUM FULL {table}; {check}",
        "inserted as a replica": f"SET session_replication_role = replica; {insert} RESET session_replication_role;"
                                 f"{check}",
        "triggers dropped": f"{alone} {triggers(f'DROP TRIGGER %I ON {table}')} {insert} {check} COMMIT;",
        "rewritten": f"ALTER TABLE {table} ADD COLUMN more double precision DEFAULT random(); {check}"
                     f"ALTER TABLE {table} DROP COLUMN more; {check}",
        "clustered": f"CLUSTER {table} USING orders_pkey; {check}",
        "row security": f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; {check} SELECT pg_sleep(0.2);"
                        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY; {check}"
                        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY; {check}",
        "renamed": f"{alone} ALTER TABLE {table} RENAME TO bills; INSERT INTO shop.bills ({COLUMNS}) {ROW}; {check}"
                   f"ALTER TABLE shop.bills RENAME TO orders; {check} COMMIT;",
        "column renamed": f"{alone} ALTER TABLE {table} RENAME total TO amount; {check}"
                          f"UPDATE {table} SET amount = amount + 1 WHERE customer_id = 7; {check}"
                          f"ALTER TABLE {table} RENAME amount TO total; {check} COMMIT;",
        "keep off": keep % "false" + check,
        "keep on": keep % "true" + check,
    }
    if shape == "plain":
        return found | {"unlogged": f"ALTER TABLE {table} SET UNLOGGED; {insert} {check} SELECT pg_sleep(0.2);"
                                    f"ALTER TABLE {table} SET LOGGED; {check}"}
    parent, leaf = LEAVES[0].rsplit("_", 1)[0], LEAVES[0]
    more = f"INSERT INTO {leaf} SELECT nextval('shop.ids'), customer_id, day, region, 9 FROM {leaf} LIMIT 20;"
    attach = f"ALTER TABLE {parent} ATTACH PARTITION {leaf} FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
    branch = f"ALTER TABLE shop.orders DETACH PARTITION shop.orders_{YEARS[1]}"
    graft = (f"ALTER TABLE shop.orders ATTACH PARTITION shop.orders_{YEARS[1]} "
             f"FOR VALUES FROM ('{YEARS[1]}-01-01') TO ('{YEARS[1] + 1}-01-01');")
    attach_alone, graft = (f"BEGIN; LOCK TABLE shop.attaching; {sql} COMMIT;" for sql in (attach, graft))
    return found | {
        "leaf detached": f"{alone} ALTER TABLE {parent} DETACH PARTITION {leaf}; {check} {more} {attach} {check} COMMIT;",
        "leaf detached for a while": f"ALTER TABLE {parent} DETACH PARTITION {leaf}; {check} {more}"
                                     f"SELECT pg_sleep(0.2); {attach_alone} {check}",
        "leaf detached beside readers": f"ALTER TABLE {parent} DETACH PARTITION {leaf} CONCURRENTLY; {check} {more}"
                                        f"{attach_alone} {check}",
        "branch detached": f"{branch}; {check} SELECT pg_sleep(0.2); {graft} {check}",
        "leaf truncated": f"{alone} TRUNCATE {LEAVES[-1]}; {check} COMMIT;",
        "leaf truncated and undone": f"{alone} TRUNCATE {LEAVES[-1]}; INSERT INTO {table} ({COLUMNS}) {ROW}; {check}"
                                     "ROLLBACK;",
    }


def breaker(chaos, session, rng, _):
    """One act after the other; one that waited too long for its lock is tried again."""
    session.run("SET lock_timeout = '2s';")
    names = [name for name in chaos.acts if name not in ("keep off", "keep on")]
    while not chaos.over():
        rng.shuffle(names)
        half = len(names) // 2
        keeps = [name for name in ("keep off", "keep on") if name in chaos.acts]
        for name in names[:half] + keeps + names[half:]:
            for _ in range(10):
                if chaos.stopped.is_set() or chaos.crashed:
                    return
                chaos.act = name
                if chaos.say(session, "breaker", chaos.acts[name]):
                    break
                session.run("ROLLBACK;")
            time.sleep(rng.choice([0.05, 0.3]))
        chaos.all_acts_done.set()


# Checkers


def checker(chaos, session, rng, _):
    """Each statement has a snapshot of its own; every form of a query takes its turn."""
    ask = chaos.questions
    few, every = ask.compare(ask.few), ask.compare(ask.every)
    body = few.rstrip(";")
    session.run(f"""
        PREPARE often AS {few}
        PREPARE once AS {few}
        CREATE FUNCTION pg_temp.ask() RETURNS TABLE (w text, n bigint, o boolean, one text) LANGUAGE plpgsql AS
            $$ BEGIN RETURN QUERY {few} END $$;""")
    forms = {
        "few columns": lambda: few,
        "every column": lambda: every,
        "few customers": lambda: ask.some(rng),
        "function": lambda: ask.beside(rng),
        "prepared, generic": lambda: "SET plan_cache_mode = force_generic_plan; EXECUTE often; RESET plan_cache_mode;",
        "prepared, custom": lambda: "SET plan_cache_mode = force_custom_plan; EXECUTE once; RESET plan_cache_mode;",
        "cursor": lambda: f"BEGIN; DECLARE c CURSOR FOR {body}; SELECT pg_sleep(0.02); FETCH ALL FROM c; COMMIT;",
        "plpgsql": lambda: "SELECT * FROM pg_temp.ask();",
        "own changes": lambda: own_changes(few, rng),
    }
    for name in itertools.cycle(forms):
        if chaos.over():
            return
        chaos.say(session, name, forms[name]())


def own_changes(check, rng):
    """Checks between changes of one's own, which are undone in part."""
    insert = (f"INSERT INTO shop.orders ({COLUMNS}) VALUES (nextval('shop.ids'), {rng.randint(1, CUSTOMERS)}, "
              "'2026-03-03', 'south', 4);")
    end = rng.choice(["COMMIT;", "ROLLBACK;"])
    return (f"BEGIN; {check} {insert} {check} SAVEPOINT a; {insert} {check} ROLLBACK TO a; {check} {insert} "
            f"{check} {end}")


def parallel_checker(chaos, session, rng, _):
    """The same with workers wherever the planner may use them."""
    force = "debug_parallel_query" if chaos.cluster.version >= 16 else "force_parallel_mode"
    session.run(f"""
        SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
        SET min_parallel_index_scan_size = 0; SET max_parallel_workers_per_gather = 2;""")
    few = chaos.questions.compare(chaos.questions.few)
    for n in itertools.count():
        if chaos.over():
            return
        session.run(f"SET {force} = {'on' if n % 2 else 'off'};")
        chaos.say(session, "parallel", few)
        time.sleep(0.05)


def long_checker(chaos, session, rng, level):
    """Checks in a transaction whose snapshot is older than refreshes, trainings and DDL of others."""
    ask, who = chaos.questions, level.lower()
    few, every = ask.compare(ask.few), ask.compare(ask.every)
    rows = f"SELECT {ask.few} FROM shop.%s ORDER BY customer_id"
    for n in itertools.count():
        if chaos.over():
            return
        session.run(f"BEGIN ISOLATION LEVEL {level}; SELECT 1 FROM pg_am LIMIT 1;")
        time.sleep(rng.choice([0.05, 0.3, 0.6]))  # no lock on the orders is held here
        if n % 4 == 3:
            # a cursor that is open over a change of one's own, and reads what was before it; a partition that is attached
            # between the two would count for the second one alone, whatever the snapshot
            session.run("LOCK TABLE shop.attaching IN SHARE MODE;"
                        f"DECLARE kept CURSOR FOR {rows % 'kept'}; DECLARE live CURSOR FOR {rows % 'live'};")
            time.sleep(0.05)
            change = (f"INSERT INTO shop.orders ({COLUMNS}) VALUES (nextval('shop.ids'), 3, '2026-03-03', 'south', 4);"
                      if n % 8 == 3 else "")
            said = [session.run(sql) for sql in (f"{change} FETCH 10 FROM kept;", "FETCH 10 FROM live;",
                                                 "FETCH ALL FROM kept;", "FETCH ALL FROM live;")]
            with chaos.lock:
                states = chaos.errors.note(who, "\n".join(said), chaos.details)
            if not states:
                chaos.compare_texts(who + " cursor", said[0] + "\n" + said[2], said[1] + "\n" + said[3])
        else:
            for question in (few, every if n % 4 == 1 else few, ask.beside(rng), few):
                if not chaos.say(session, who, question):
                    break
                time.sleep(rng.choice([0, 0.05, 0.15]))
        session.run("ROLLBACK;" if n % 3 == 2 else "COMMIT;")
