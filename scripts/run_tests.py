"""Runs the tests by pytest, which is fetched once and then used offline. The arguments are pytest's.

    python3 scripts/run_tests.py                      everything, PostgreSQL 15 to 18, two at a time
    python3 scripts/run_tests.py --pg 18 -k rfm       what has rfm in its name, on 18
    python3 scripts/run_tests.py test_regress.py      one file of tests/
    python3 scripts/run_tests.py -k score --accept    take what was printed as what is expected
"""

import argparse
import os
import signal
import sys

import lanes
import packages
import postgres
from system import ROOT, Problem, lock, made_whole, problems_shown, say
from toolchain import TOOLS

PYTEST = "pytest==8.4.2"
# What it needs, all in plain Python; the last two only under Python 3.10 and older.
NEEDS = ["iniconfig==2.1.0", "packaging==25.0", "pluggy==1.6.0", "pygments==2.19.2",
         "exceptiongroup==1.2.2", "tomli==2.0.2"]
# Options with which all versions are tested one after the other, in one process that a person watches.
WATCHED = {"--accept", "--collect-only", "--co", "--pdb", "--trace", "-s", "-h", "--help", "--version", "--fixtures",
           "--markers", "--setup-plan"}
# The longest first. The rest, which tries the packages, waits for what pg15 has built.
ORDER = ["pg18", "pg15", "rest", "pg17", "pg16"]


def ensure_pytest():
    """The folder that pytest can be imported from, made first if need be."""
    folder = TOOLS / PYTEST.replace("==", "-")
    with lock("pytest"):
        if not folder.exists():
            TOOLS.mkdir(exist_ok=True)
            with made_whole(folder) as new:
                for wheel in [PYTEST, *NEEDS]:
                    packages.unpack_wheel(wheel, new, "it runs the tests")
    return folder


def available():
    """The versions of PostgreSQL that this machine has or can get; says which are left out, and why."""
    found = []
    for version in postgres.VERSIONS:
        try:
            found.append(postgres.ensure(version).version)
        except Problem as problem:
            if version == postgres.VERSIONS[-1]:
                raise
            say(f"note: not tested with PostgreSQL {version}: {str(problem).splitlines()[0]}")
    return found


def split(versions, brief):
    """The lanes for these versions, in the order in which they start."""
    chosen = [f"--pg={version}" for version in versions] + (["--brief"] if brief else [])
    names = ["rest", *(f"pg{version}" for version in versions)]
    return [(name, chosen) for name in ORDER if name in names]


def main():
    """Run pytest in tests/, on one version here, on several in lanes; the exit status."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--pg", type=int, action="append")
    parser.add_argument("--lane")
    asked, others = parser.parse_known_args()
    folder = str(ensure_pytest())
    versions = asked.pg or available()
    if asked.lane:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # which a job in the background ignores
    if asked.lane or len(set(versions)) == 1 or WATCHED & set(others):
        arguments = sys.argv[1:] if asked.pg else [*(f"--pg={version}" for version in versions), *others]
        return run_pytest(folder, arguments)
    with lock("tests"):
        return lanes.run(split(versions, brief=not asked.pg), others)


def run_pytest(folder, arguments):
    """Run pytest in this process."""
    sys.path.insert(0, folder)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # the user's plugins are made for other tests
    os.chdir(ROOT / "tests")
    import pytest
    return pytest.main(arguments)


if __name__ == "__main__":
    with problems_shown():
        sys.exit(main())
