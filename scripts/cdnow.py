"""The CDNOW orders, the example that the demo, the documents and the benchmark share.

69,659 orders of the 23,570 customers who first bought at the CD shop CDNOW in early 1997, until
June 1998. The files come in the wheel of the Python package lifetimes, fetched once.
"""

from datetime import datetime
from pathlib import Path

import packages
from system import Problem, home, lock, made_whole

WHEEL = "lifetimes==0.11.3"
FILES = {"master": "CDNOW_master.txt", "sample": "CDNOW_sample.txt"}
ORDERS = {"master": 69659, "sample": 6919}

TABLE = """
CREATE SCHEMA IF NOT EXISTS shop;
DROP TABLE IF EXISTS shop.orders CASCADE;
CREATE TABLE shop.orders (
    order_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL,
    created_at  timestamptz NOT NULL,
    cds         int,
    total       numeric(10,2) NOT NULL
);
"""


def file(which="master"):
    """The path of the whole data (master) or of the 1/10 sample that the papers use (sample)."""
    folder = home() / "data" / "cdnow"
    with lock("cdnow"):
        if not folder.exists():
            folder.parent.mkdir(exist_ok=True)
            with made_whole(folder) as new:
                packages.unpack_wheel(WHEEL, new, "it carries the CDNOW orders",
                                      lambda name: Path(name).name in FILES.values())
                for path in list(new.glob("lifetimes/datasets/*")):
                    path.rename(new / path.name)
    return folder / FILES[which]


def orders(which="master"):
    """Yield each order as customer, datetime (12:00 UTC of its day), CDs, dollars."""
    count = 0
    with open(file(which)) as lines:
        for line in lines:
            # The sample's customers have two numbers; the first is the one in the whole data.
            customer, *_, day, cds, dollars = line.split()
            if customer.isdigit():
                count += 1
                yield int(customer), datetime.strptime(day + "12", "%Y%m%d%H"), int(cds), dollars
    if count != ORDERS[which]:
        raise Problem(f"{file(which)} has {count} orders, not {ORDERS[which]}; please remove it")


def load(cluster, db, which="master"):
    """Make shop.orders in a database: the orders in the file's order, an index, statistics."""
    rows = "".join(f"{customer}\t{when:%Y-%m-%d %H:%M:%S}+00\t{cds}\t{dollars}\n"
                   for customer, when, cds, dollars in orders(which))
    cluster.psql("SET client_min_messages = warning;\nBEGIN;\n" + TABLE +
                 "COPY shop.orders (customer_id, created_at, cds, total) FROM STDIN;\n" + rows +
                 "\\.\nCREATE INDEX ON shop.orders (customer_id);\nCOMMIT;\n"
                 "ANALYZE shop.orders;\n", db=db)
