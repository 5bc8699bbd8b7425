"""Python packages that the benchmark runs beside us: fetched by pip once, into a folder of their own under build/."""

import subprocess

import packages
from system import clean_env, home, lock, made_whole, output, say


def environment(folder):
    """Ours, with the packages of the folder, and without what is set for the BLAS of other programs."""
    env = clean_env(PYTHONPATH=str(folder))
    return {name: value for name, value in env.items() if not name.startswith("OPENBLAS_")}


def works(python, folder, imports):
    """Whether this Python can use what is in the folder."""
    return subprocess.run([python, "-s", "-c", f"import {imports}"], env=environment(folder),
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def ensure(name, requirements, imports):
    """The start of a command line that runs Python with these packages, and its environment."""
    command, env = packages.pip()
    python, folder = command[0], home() / name
    with lock(name):
        if not works(python, folder, imports):
            say(f"downloading {imports} with pip: the benchmark runs it beside us")
            with made_whole(folder) as new:
                output([*command, "install", "--quiet", "--only-binary=:all:", "--target", new, *requirements],
                       env=env)
    return [python, "-s"], environment(folder)
