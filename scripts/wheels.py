"""Python tools that are fetched once, by a file of versions, and then used offline: dbt and pandas, the site's generator.

Each set lies in a folder of its own, for PYTHONPATH, so that no set knows of the others or of the system's packages.
"""

import hashlib
from functools import lru_cache

import packages
from system import lock, made_whole, output, say
from toolchain import TOOLS


@lru_cache(maxsize=None)
def ensure(name, requirements, why):
    """The Python that pip belongs to, and the folder from which it can import what the file of versions lists."""
    command, env = packages.pip()
    python = command[0]
    version = output([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).strip()
    made_from = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    folder = TOOLS / f"{name}-{made_from}-python{version}"
    with lock(name):
        if not folder.exists():
            say(f"installing {name} with pip: {why}")
            TOOLS.mkdir(parents=True, exist_ok=True)
            with made_whole(folder) as new:
                output([*command, "install", "--quiet", "--only-binary=:all:", "--target", new,
                        "--requirement", requirements], env=env)
    return python, folder
