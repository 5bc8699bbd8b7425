"""Databases that cannot hold the labels are refused with a clear error, and nothing is left in them."""

import pytest
from helpers import QUIET

DB = "python_encoding"


@pytest.mark.parametrize("encoding", [
    "LATIN1",  # has no Chinese
    "SQL_ASCII",  # does not know what its bytes mean
])
def test_refused(server, encoding):
    """CREATE EXTENSION in a database of another encoding."""
    server.psql(f"{QUIET}DROP DATABASE IF EXISTS {DB};\nCREATE DATABASE {DB} ENCODING '{encoding}' "
                "LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;")
    said = server.psql("\\set VERBOSITY verbose\nCREATE EXTENSION customer_value;", db=DB, check=False,
                       errors=True)
    left = server.value("SELECT count(*) FROM pg_namespace WHERE nspname ~ 'customer_value'", db=DB)
    server.psql(f"DROP DATABASE {DB}")
    assert "0A000" in said and "UTF8" in said and "HINT" in said
    assert left == "0", "the schema is left behind"
