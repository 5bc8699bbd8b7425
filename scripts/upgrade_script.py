"""Writes the upgrade script of a version that is not released yet from the fragments it consists of.

    python3 scripts/upgrade_script.py sql/customer_value--0.1.0--0.2.0.sql

The script's own part, up to the line `-- fragments: …`, is kept; the fragments of sql/ that this line names
follow. Once released, a script stays as it is, and later versions change the fragments. What
tests/test_upgrade.py compares tells when this has to be run again.
"""

import argparse
import re
from pathlib import Path

from system import ROOT, Problem, problems_shown, say

FRAGMENTS = re.compile(r"^-- fragments: (.*)\n", re.M)


def main():
    """Rewrite the script that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("script", type=Path)
    path = parser.parse_args().script
    text = path.read_text()
    line = FRAGMENTS.search(text)
    if not line:
        raise Problem(f"{path} has no line that names its fragments")
    fragments = [(ROOT / "sql" / name).read_text() for name in line[1].split()]
    path.write_text(text[:line.end()] + "\n" + "\n".join(fragments))
    say(f"wrote {path}")


if __name__ == "__main__":
    with problems_shown():
        main()
