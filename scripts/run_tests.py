"""Runs the tests by pytest, which is fetched once and then used offline. The arguments are pytest's.

    python3 scripts/run_tests.py                      everything, PostgreSQL 15 and 18
    python3 scripts/run_tests.py --pg 18 -k rfm       what has rfm in its name, on 18
    python3 scripts/run_tests.py test_regress.py      one file of tests/
    python3 scripts/run_tests.py -k score --accept    take what was printed as what is expected
"""

import os
import sys

import packages
from system import ROOT, lock, made_whole, problems_shown
from toolchain import TOOLS

PYTEST = "pytest==8.4.2"
# What it needs, all in plain Python; the last two only under Python 3.10 and older.
NEEDS = ["iniconfig==2.1.0", "packaging==25.0", "pluggy==1.6.0", "pygments==2.19.2",
         "exceptiongroup==1.2.2", "tomli==2.0.2"]


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


def main():
    """Hand the command line to pytest, in tests/; its exit status."""
    sys.path.insert(0, str(ensure_pytest()))
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # the user's plugins are made for other tests
    os.chdir(ROOT / "tests")
    import pytest
    return pytest.main(sys.argv[1:])


if __name__ == "__main__":
    with problems_shown():
        sys.exit(main())
