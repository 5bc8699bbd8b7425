"""Databases that cannot hold the labels are refused with a clear error, and nothing is left in them."""


def refused(cluster, encoding):
    """CREATE EXTENSION in a database of another encoding."""
    cluster.psql("DROP DATABASE IF EXISTS python_encoding;\n"
                 f"CREATE DATABASE python_encoding ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;",
                 db="postgres", options=("-A", "-t", "-v", "VERBOSITY=terse", "-c", "SET client_min_messages = warning", "-f", "-"))
    said = cluster.psql("\\set VERBOSITY verbose\nCREATE EXTENSION customer_value;", db="python_encoding", check=False, errors=True)
    left = cluster.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'customer_value'", db="python_encoding")
    cluster.psql("DROP DATABASE python_encoding", db="postgres")
    assert "0A000" in said and "UTF8" in said and "HINT" in said, said
    assert left == "0", "the schema is left behind"


def test_latin1(cluster):
    """LATIN1 has no Chinese."""
    refused(cluster, "LATIN1")


def test_sql_ascii(cluster):
    """SQL_ASCII does not know what its bytes mean."""
    refused(cluster, "SQL_ASCII")
