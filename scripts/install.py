"""Installs the extension into the PostgreSQL of a pg_config, or removes it from there.

    python3 scripts/install.py build     --pg-config /usr/lib/postgresql/18/bin/pg_config
    python3 scripts/install.py install   --pg-config … [--destdir /tmp/package]
    python3 scripts/install.py uninstall --pg-config … [--destdir /tmp/package]

Whoever may not write to that PostgreSQL builds as themselves, and then installs what they built with sudo:
root neither builds nor needs Rust.
"""

import argparse
import contextlib
import os
import re
import sys
from pathlib import Path

import build
import postgres
from system import Problem, is_root, output, problems_shown, say, which


class Target:
    """The PostgreSQL to change: its version, and where it looks for libraries and for scripts."""

    def __init__(self, pg_config, destdir=""):
        self.pg_config = found(pg_config)
        self.destdir = destdir
        self.version = int(re.search(r"\d+", output([self.pg_config, "--version"]))[0])
        if self.version not in postgres.VERSIONS:
            raise Problem(f"{self.pg_config} is of PostgreSQL {self.version}; customer_value runs on "
                          f"{postgres.VERSIONS[0]} to {postgres.VERSIONS[-1]}")

    def ask(self, what):
        """What pg_config answers."""
        return output([self.pg_config, f"--{what}"]).strip()

    @property
    def places(self):
        """The folder of the library and that of the control file and the scripts."""
        return [self.below(self.ask("pkglibdir")), self.below(f"{self.ask('sharedir')}/extension")]

    def below(self, path):
        """A path, below DESTDIR if there is one."""
        return Path(self.destdir) / path.lstrip("/") if self.destdir else Path(path)

    def check_headers(self):
        """Refuse to build where PostgreSQL's headers are missing."""
        if not (Path(self.ask("includedir-server")) / "postgres.h").exists():
            raise Problem(f"the headers of PostgreSQL {self.version} are missing from "
                          f"{self.ask('includedir-server')}; on Debian and Ubuntu they are in "
                          f"postgresql-server-dev-{self.version}")

    def check_writable(self, command):
        """Refuse if we may not write, and say how to go on."""
        for place in self.places:
            existing = next(folder for folder in (place, *place.parents) if os.path.exists(folder))
            if not os.access(existing, os.W_OK):
                raise Problem(f"you may not write to {place}. Please run\n"
                              f"  sudo make {command} PG_CONFIG={self.pg_config}")


def found(pg_config):
    """The whole path of a pg_config, as build scripts run in other folders."""
    path = which(pg_config)
    if not path:
        raise Problem(f"{pg_config} is not here. Please say where the pg_config of your PostgreSQL is, as in\n"
                      "  make install PG_CONFIG=/usr/lib/postgresql/18/bin/pg_config\n"
                      "On Debian and Ubuntu it is in postgresql-server-dev-18, elsewhere often in postgresql-devel.")
    return os.path.abspath(path)


def ready(target):
    """The folder with the files to install: what is built, if it is current, else built now."""
    if is_root() and build.is_current(target.pg_config, target.version):
        return build.built(target.version)
    if is_root() and ("SUDO_USER" in os.environ or not which("cargo")):
        raise Problem(f"nothing current is built for {target.pg_config}. Please build as yourself, with Rust, "
                      "then install:\n"
                      f"  make PG_CONFIG={target.pg_config}\n"
                      f"  sudo make install PG_CONFIG={target.pg_config}")
    target.check_headers()
    return build.build(target.pg_config, target.version)


def install(target):
    """Copy what is built, and say where to."""
    folder = ready(target)
    target.check_writable("install")
    for files, place in zip(build.parts(folder, target.version), target.places):
        place.mkdir(parents=True, exist_ok=True)
        build.copy(files, place)
        for file in files:
            say(f"installed {place / file.name}")


def uninstall(target):
    """Remove our files; below DESTDIR also the folders that are empty then."""
    target.check_writable("uninstall")
    names = [build.library_name(target.version), f"{build.EXTENSION}.control", f"{build.EXTENSION}--*.sql"]
    removed = [path for place in target.places for name in names for path in sorted(place.glob(name))]
    for path in removed:
        path.unlink()
        say(f"removed {path}")
    if not removed:
        say("nothing is installed there")
    if target.destdir:
        for place in target.places:
            remove_empty(place, Path(target.destdir))


def remove_empty(folder, above):
    """Remove a folder and those it lies in, as far as they are empty, but for `above`."""
    with contextlib.suppress(OSError):  # one is not empty, or not there
        while folder != above:
            folder.rmdir()
            folder = folder.parent


def main():
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["build", "install", "uninstall"])
    parser.add_argument("--pg-config", default="pg_config", help="of the PostgreSQL to change")
    parser.add_argument("--destdir", default="", help="a folder that stands for /, as packagers use it")
    arguments = parser.parse_args()
    target = Target(arguments.pg_config, arguments.destdir)
    if arguments.what == "build":
        target.check_headers()
        say(f"built {build.build(target.pg_config, target.version)}")
    else:
        {"install": install, "uninstall": uninstall}[arguments.what](target)


if __name__ == "__main__":
    with problems_shown():
        sys.exit(main())
