"""The tools that load tables in the tests, dbt and pandas: fetched once and then used offline.

They lie in a folder of Python packages of their own, and work in a Python that stays open, as
importing them takes longer than what they do.
"""

import contextlib

import wheels
from cluster import PORT
from session import Session
from system import ROOT, clean_env

REQUIREMENTS = ROOT / "tests" / "dbt" / "requirements.txt"

# Takes lines as psql would: each is a statement, but for the \warn that Session asks for.
STATEMENTS = r"""
import code, sys
python = code.InteractiveInterpreter()
for line in sys.stdin:
    if line.startswith("\\warn "):
        print(line[len("\\warn "):], end="", flush=True)
    elif python.runsource(line):
        print("incomplete:", line)
"""


def ensure():
    """The Python that pip belongs to, and the folder that it can import dbt and pandas from."""
    return wheels.ensure("loaders", REQUIREMENTS, "the tests rebuild tables with dbt and pandas")


def session(cluster, **env):
    """A Python that has the tools, whose libpq is led to a cluster's database; close it or use `with`."""
    python, folder = ensure()
    env = clean_env(PYTHONPATH=str(folder), PGHOST=str(cluster.socket), PGPORT=str(PORT),
                    PGUSER="postgres", PGDATABASE=cluster.db, **env)
    return Session([python, "-S", "-u", "-c", STATEMENTS], env)


@contextlib.contextmanager
def dbt(cluster, project, made):
    """What runs dbt on a project, which writes into the folder `made`: it takes arguments, returns what dbt said."""
    with session(cluster, DBT_PROJECT_DIR=str(project), DBT_PROFILES_DIR=str(project), DBT_TARGET_PATH=str(made),
                 DBT_LOG_PATH=str(made), DBT_USE_COLORS="false") as python:
        python.run("from dbt.cli.main import dbtRunner", timeout=120)
        yield lambda *arguments: python.run(f"done = dbtRunner().invoke({list(arguments)})", timeout=120)
