"""A private place for lifetimes 0.11.3 and what it needs, filled by pip once and then used offline."""

import subprocess

import packages
from system import clean_env, home, lock, made_whole, output, say

# With these versions it works as it was published.
REQUIREMENTS = ["lifetimes==0.11.3", "autograd==1.9.1", "dill==0.4.1", "numpy==2.4.6", "pandas==3.1.1",
                "scipy==1.17.1"]


def environment(folder):
    """Ours, with the packages of the folder, and without what is set for the BLAS of other programs."""
    env = clean_env(PYTHONPATH=str(folder))
    return {name: value for name, value in env.items() if not name.startswith("OPENBLAS_")}


def ensure():
    """The start of a command line that runs Python with lifetimes, and its environment."""
    command, env = packages.pip()
    python, folder = command[0], home() / "lifetimes"
    with lock("lifetimes"):
        if not works(python, folder):
            say("downloading lifetimes with pip: the benchmark runs it beside us")
            with made_whole(folder) as new:
                output([*command, "install", "--quiet", "--only-binary=:all:", "--target", new,
                        *REQUIREMENTS], env=env)
    return [python, "-s"], environment(folder)


def works(python, folder):
    """Whether this Python can use what is in the folder."""
    return subprocess.run([python, "-s", "-c", "import lifetimes"], env=environment(folder),
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
