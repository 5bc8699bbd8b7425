"""Builds the extension and installs it into a private PostgreSQL; as a program, into any.

    python3 scripts/build.py --pg-config /usr/lib/postgresql/16/bin/pg_config
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import toolchain
from system import ROOT, Problem, lock, output, problems_shown

EXTENSION = "customer_value"
# How `cargo pgrx install` calls cargo. With the same flags other commands share what it compiled.
AS_PGRX = ["--config", """target.'cfg(all(target_family = "unix", not(target_os = "macos")))'"""
           """.rustflags = ["-C", "link-arg=-Wl,--no-gc-sections"]"""]


def cargo_env(headers):
    """The environment for cargo: pgrx reads PostgreSQL's headers through the pg_config `headers`.

    Set in one way everywhere, as a changed value makes cargo generate all bindings again.
    """
    env = toolchain.cargo_env_base()
    env.update(toolchain.libclang_env())
    env.update(PGRX_HOME=str(ROOT / ".pgrx"), PGRX_PG_CONFIG_PATH=str(headers))
    return env


def features(version):
    """cargo's options that choose a PostgreSQL version."""
    return ["--no-default-features", "--features", f"pg{version}"]


def install(pg_config, headers, version):
    """Build for release and install; raises Problem if that fails."""
    toolchain.ensure_cargo_pgrx()
    command = ["cargo", "pgrx", "install", "--release", *features(version),
               "--pg-config", str(pg_config)]
    done = subprocess.run(command, env=cargo_env(headers), cwd=ROOT, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)  # errors are shown
    if done.returncode:
        raise Problem(f"the extension does not build; see above\n{done.stdout}")


def install_private(pg):
    """Build and install into a private PostgreSQL, readable for the server's user."""
    with lock("install"):
        install(pg.pg_config, pg.headers, pg.version)
        for folder in (pg.ask("pkglibdir"), pg.ask("sharedir") / "extension"):
            for path in folder.glob(f"{EXTENSION}*"):
                path.chmod(0o755 if path.suffix == ".so" else 0o644)


def installed_files(pg):
    """The extension's script files, to tell whether a database was made from these."""
    return sorted((pg.ask("sharedir") / "extension").glob(f"{EXTENSION}*"))


def main():
    """Install into the PostgreSQL of the pg_config that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pg-config", default="pg_config", help="of the PostgreSQL to change")
    pg_config = parser.parse_args().pg_config
    if "/" in pg_config:
        pg_config = os.path.abspath(pg_config)  # build scripts run in other folders
    version = int(re.search(r"\d+", output([pg_config, "--version"]))[0])
    for what in ("--pkglibdir", "--sharedir"):
        folder = Path(output([pg_config, what]).strip())
        if not os.access(folder, os.W_OK):
            raise Problem(f"you may not write to {folder}. cargo-pgrx can use sudo:\n"
                          f"  PGRX_PG_CONFIG_PATH={pg_config} cargo pgrx install --release --sudo "
                          f"{' '.join(features(version))} --pg-config {pg_config}")
    install(pg_config, pg_config, version)


if __name__ == "__main__":
    with problems_shown():
        sys.exit(main())
