"""The tools that load tables in the tests, dbt and pandas: fetched once and then used offline.

They lie in a folder of Python packages of their own, and work in a Python that stays open, as
importing them takes longer than what they do.
"""

import contextlib
import hashlib
from functools import lru_cache

import packages
from cluster import PORT
from session import Session
from system import ROOT, clean_env, lock, made_whole, output, say
from toolchain import TOOLS

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


@lru_cache(maxsize=None)
def ensure():
    """The Python that pip belongs to, and the folder that it can import dbt and pandas from."""
    command, env = packages.pip()
    python = command[0]
    version = output([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).strip()
    made_from = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    folder = TOOLS / f"loaders-{made_from}-python{version}"
    with lock("loaders"):
        if not folder.exists():
            say("installing dbt and pandas with pip: the tests rebuild tables with them")
            TOOLS.mkdir(parents=True, exist_ok=True)
            with made_whole(folder) as new:
                output([*command, "install", "--quiet", "--only-binary=:all:", "--target", new,
                        "--requirement", REQUIREMENTS], env=env)
    return python, folder


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
