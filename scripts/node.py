"""Tools from npm that are fetched once, by a lockfile, and then used offline: checkers of pages, types of dashboards."""

import hashlib
import shutil
from functools import lru_cache

from system import lock, made_whole, output, say, which
from toolchain import TOOLS


def is_here():
    """Whether tools can be fetched, and run."""
    return bool(which("node") and which("npm"))


@lru_cache(maxsize=None)
def ensure(name, wanted, why):
    """The folder node_modules with what the package.json and the lockfile in the folder `wanted` list."""
    locked = wanted / "package-lock.json"
    folder = TOOLS / f"{name}-{hashlib.sha256(locked.read_bytes()).hexdigest()[:12]}"
    with lock(name):
        if not folder.exists():
            say(f"installing {name} with npm: {why}")
            TOOLS.mkdir(parents=True, exist_ok=True)
            with made_whole(folder) as new:
                for file in (wanted / "package.json", locked):
                    shutil.copy(file, new)
                output(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=peer"], cwd=new)
    return folder / "node_modules"
