"""The test runner: format, lint, unit tests, then per PostgreSQL version a build and its tests.

    python3 tests/run.py                       everything, PostgreSQL 15 and 18
    python3 tests/run.py --pg 18 --only sql    only the SQL tests, on 18
    python3 tests/run.py --only sql --name score --accept

Kinds of test (--only takes a list):
    lint       cargo fmt and cargo clippy
    unit       cargo test of crates/btyd
    sql        tests/sql/*.sql against tests/expected/*.out, run by pg_regress, each in a fresh
               database that has the extension (what differs from run to run, such as a NOTICE
               with seconds, is kept out with SET client_min_messages = warning)
    isolation  tests/specs/*.spec against tests/expected/*.out, run by pg_isolation_regress
    python     each function test_*(cluster) of tests/test_*.py, in a fresh database (cluster.db)
               that has the extension
    docs       the examples of README.md and docs/ (see scripts/doc_examples.py)
--accept takes what sql and isolation tests printed as what is expected.
"""

import argparse
import importlib.util
import inspect
import re
import shutil
import subprocess
import sys
import time
import traceback
from pathlib import Path

TESTS = Path(__file__).resolve().parent
sys.path[:0] = [str(TESTS.parent / "scripts"), str(TESTS)]

import build  # noqa: E402
import doc_examples  # noqa: E402
import postgres  # noqa: E402
import toolchain  # noqa: E402
from cluster import Cluster  # noqa: E402
from system import BUILD, ROOT, Problem, lock, problems_shown, say, stream  # noqa: E402

KINDS = ("lint", "unit", "sql", "isolation", "python", "docs")
TEMPLATE = "extension_template"


class Report:
    """Prints and counts results."""

    def __init__(self):
        self.passed = 0
        self.failures = []

    def add(self, name, wrong, seconds):
        """One result; `wrong` is None or what is wrong."""
        if wrong is None:
            self.passed += 1
            say(f"ok    {name} ({seconds:.1f} s)")
        else:
            self.failures.append(name)
            say(f"FAIL  {name} ({seconds:.1f} s)\n{wrong}".rstrip())

    def run(self, name, function, *arguments):
        """Run one test, which returns what is wrong or raises; whether it passed."""
        start = time.monotonic()
        try:
            wrong = function(*arguments)
        except Problem as problem:
            wrong = str(problem)
        except Exception:  # a test may fail in any way, and the others still run
            wrong = traceback.format_exc()
        self.add(name, wrong, time.monotonic() - start)
        return wrong is None


def cargo(*arguments, headers=None):
    """Run cargo with its output shown; what is wrong if it fails."""
    env = build.cargo_env(headers) if headers else toolchain.cargo_env_base()
    ok = stream(["cargo", *arguments], env=env, cwd=ROOT)
    return None if ok else f"cargo {' '.join(arguments)} failed; see above"


def unit_tests(report):
    """The tests of the models' crate, each counted."""
    start = time.monotonic()
    done = subprocess.run(["cargo", "test", "--release", "-p", "btyd"], cwd=ROOT, text=True,
                          env=toolchain.cargo_env_base(), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE)
    seconds = time.monotonic() - start
    counts = re.findall(r"^test result: .*? (\d+) passed; (\d+) failed", done.stdout, re.M)
    passed, failed = (sum(int(count[i]) for count in counts) for i in (0, 1))
    if done.returncode == 0:
        report.passed += passed
        say(f"ok    {passed} unit tests of btyd ({seconds:.1f} s)")
    else:
        report.passed += passed
        report.failures += ["unit tests of btyd"] * max(failed, 1)
        say(f"FAIL  unit tests of btyd ({seconds:.1f} s)\n{done.stdout}")


def regress(cluster, program, name, accept):
    """Run one file with pg_regress or pg_isolation_regress; the difference, if any."""
    where = BUILD / f"regress-{cluster.version}" / name
    shutil.rmtree(where, ignore_errors=True)
    where.mkdir(parents=True)
    cluster.fresh_database("regression", template=TEMPLATE)
    command = [cluster.pg.tool(program), "--use-existing", f"--host={cluster.socket}",
               "--port=5432", "--user=postgres", "--dbname=regression",
               f"--bindir={cluster.pg.bindir}", f"--inputdir={TESTS}", f"--outputdir={where}", name]
    done = subprocess.run([str(part) for part in command], env=cluster.env, cwd=where, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    result, diff = where / "results" / f"{name}.out", where / "regression.diffs"
    if done.returncode and accept and result.exists():
        (TESTS / "expected").mkdir(exist_ok=True)
        shutil.copyfile(result, TESTS / "expected" / f"{name}.out")
        say(f"accepted tests/expected/{name}.out")
        return None
    if done.returncode == 0:
        return None
    if result.exists() and not list(TESTS.glob(f"expected/{name}*.out")):
        return f"no tests/expected/{name}.out yet; printed: {result} (--accept takes it)"
    return (diff.read_text(errors="replace") if diff.exists() else "") or done.stdout


def create_extension(cluster):
    """Make the template of the tests' databases."""
    cluster.fresh_database(TEMPLATE)
    cluster.psql("CREATE EXTENSION customer_value", db=TEMPLATE)


def python_tests(wanted):
    """Name and function of each Python test, in file order."""
    for path in sorted(TESTS.glob("test_*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, function in list(vars(module).items()):
            full = f"{path.stem}.{name}"
            if name.startswith("test_") and inspect.isfunction(function) and wanted(full):
                yield full, function


def run_python(cluster, function):
    """Give a Python test a database of its own."""
    cluster.db = cluster.fresh_database("python_test", template=TEMPLATE)
    function(cluster)


def crashes(cluster, offset):
    """What the server's log says of crashes and internal errors since an offset."""
    with open(cluster.log, errors="replace") as log:
        log.seek(offset)
        bad = [line for line in log if " XX000 " in line or " PANIC: " in line
               or "was terminated by signal" in line]
    return "".join(bad) or None


def test_version(report, version, kinds, wanted, accept):
    """All tests of one PostgreSQL version."""
    def named(text):
        return f"pg{version} {text}"

    pg = postgres.ensure(version)
    if "lint" in kinds:
        toolchain.ensure_component("clippy")
        report.run(named("cargo clippy"), lambda: cargo(
            "clippy", "--release", *build.AS_PGRX, "--workspace", "--all-targets",
            "--no-default-features", "--features", f"customer_value/pg{version}",
            "--", "-D", "warnings", headers=pg.headers))
    if not set(kinds) & {"sql", "isolation", "python", "docs"}:
        return
    if not report.run(named("build and install"), build.install_private, pg):
        return
    with Cluster(version, "test") as cluster:
        offset = cluster.log.stat().st_size
        if not report.run(named("CREATE EXTENSION"), create_extension, cluster):
            return
        for kind, program, files in (("sql", "pg_regress", "sql/*.sql"),
                                     ("isolation", "pg_isolation_regress", "specs/*.spec")):
            for path in sorted(TESTS.glob(files)) if kind in kinds else ():
                if wanted(path.stem):
                    report.run(named(f"{kind} {path.stem}"), regress, cluster, program, path.stem,
                               accept)
        for name, function in python_tests(wanted) if "python" in kinds else ():
            report.run(named(name), run_python, cluster, function)
        for name, wrong, seconds in doc_examples.check(cluster, wanted) if "docs" in kinds else ():
            report.add(named(name), wrong, seconds)
        report.run(named("no crash or internal error in the log"), crashes, cluster, offset)


def main():
    """Run what the command line asks for; exit status 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pg", type=int, action="append", help="PostgreSQL version; may repeat")
    parser.add_argument("--only", default=",".join(KINDS), help="kinds of test, with commas")
    parser.add_argument("--name", default="", help="only tests whose name contains this")
    parser.add_argument("--accept", action="store_true", help="take the output as expected")
    arguments = parser.parse_args()
    kinds = arguments.only.split(",")
    if set(kinds) - set(KINDS):
        raise Problem(f"--only takes {', '.join(KINDS)}")
    report = Report()
    start = time.monotonic()
    with lock("tests"):
        toolchain.ensure_cargo_pgrx()
        versions = arguments.pg or [postgres.oldest_available(), 18]
        if not arguments.pg and versions[0] != postgres.VERSIONS[0]:
            instead = f"{versions[0]} and 18" if versions[0] else "18 only"
            say(f"note: there are no packages of PostgreSQL 15 here; testing with {instead}")
        if "lint" in kinds:
            toolchain.ensure_component("fmt")
            report.run("cargo fmt", cargo, "fmt", "--all", "--check")
        if "unit" in kinds:
            unit_tests(report)
        for version in filter(None, versions):
            try:
                test_version(report, version, kinds, lambda name: arguments.name in name,
                             arguments.accept)
            except Problem as problem:
                report.add(f"pg{version}", str(problem), time.monotonic() - start)
    say(f"\n{time.monotonic() - start:.0f} s in all")
    for name in report.failures:
        say(f"failed: {name}")
    say(f"{report.passed} passed, {len(report.failures)} failed")
    return 1 if report.failures else 0


if __name__ == "__main__":
    with problems_shown():
        sys.exit(main())
