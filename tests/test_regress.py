"""Each file of sql/ and specs/ prints what expected/ has, run by pg_regress or pg_isolation_regress.

What differs from run to run is kept out with SET client_min_messages = warning, or is in CHANGING.
--accept takes what was printed as what is expected.
"""

import re
import shutil
import subprocess

import pytest
from helpers import TEMPLATE, TESTS
from system import BUILD, say

PROGRAMS = {".sql": "pg_regress", ".spec": "pg_isolation_regress"}
CHANGING = [  # what a busy machine changes in NOTICEs, and what stands for it
    (re.compile(r"^(NOTICE:  training .* in )[\d.]+ s$", re.M), r"\1N s"),
    (re.compile(r"^(NOTICE:  reading \S+), about [\d,]+ rows$", re.M), r"\1"),  # autovacuum has been there
]
FILES = [path for files in ("sql/*.sql", "specs/*.spec") for path in sorted(TESTS.glob(files))]


def regress(server, path, where):
    """Run one file in the database regression; its program's exit status and what that says."""
    command = [server.pg.tool(PROGRAMS[path.suffix]), "--use-existing", f"--host={server.socket}",
               "--port=5432", "--user=postgres", "--dbname=regression",
               f"--bindir={server.pg.bindir}", f"--inputdir={TESTS}", f"--outputdir={where}",
               path.stem]
    return subprocess.run([str(part) for part in command], env=server.env, cwd=where, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)


def tidy(path):
    """What a file has, but for what changes."""
    text = path.read_text(errors="replace")
    for pattern, replacement in CHANGING:
        text = pattern.sub(replacement, text)
    return text


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_file(server, path, pytestconfig, shown):
    """Run it in a fresh database that has the extension, and compare."""
    name = path.stem
    where = BUILD / f"regress-{server.version}" / name
    shutil.rmtree(where, ignore_errors=True)
    where.mkdir(parents=True)
    server.fresh_database("regression", template=TEMPLATE)
    done = regress(server, path, where)
    if done.returncode == 0:
        return
    result, expected = where / "results" / f"{name}.out", TESTS / "expected" / f"{name}.out"
    if result.exists() and expected.exists() and tidy(result) == tidy(expected):
        return
    if pytestconfig.getoption("accept") and result.exists():
        shutil.copyfile(result, expected)
        with shown():
            say(f"accepted tests/expected/{name}.out")
        return
    if result.exists() and not list(TESTS.glob(f"expected/{name}*.out")):
        pytest.fail(f"no tests/expected/{name}.out yet; printed: {result} (--accept takes it)",
                    pytrace=False)
    differences = where / "regression.diffs"
    pytest.fail(differences.read_text(errors="replace") if differences.exists() else done.stdout,
                pytrace=False)
