"""The tools that check what a release consists of: fetched once and then used offline."""

import wheels
from system import ROOT, Problem, lock, say, stream
from toolchain import TOOLS

REQUIREMENTS = ROOT / "tests" / "checks" / "requirements.txt"
PGXN_META = "0.7.0"


def ensure():
    """A Python, and the folder that it can import the checkers from."""
    return wheels.ensure("checkers", REQUIREMENTS, "they check Dockerfiles and workflows")


def ensure_pgxn_meta():
    """PGXN's validator of META.json, compiled in half a minute when it is first asked for."""
    root = TOOLS / f"pgxn_meta-{PGXN_META}"
    with lock("cargo"):  # not while another lane measures times
        if not (root / "bin/pgxn_meta").exists():
            say(f"installing pgxn_meta {PGXN_META} with cargo: it checks META.json")
            if not stream(["cargo", "install", "pgxn_meta", "--version", PGXN_META, "--locked", "--debug",
                           "--root", root]):
                raise Problem("could not install pgxn_meta; see above")
    return root / "bin/pgxn_meta"
