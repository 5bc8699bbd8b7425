"""Makes what a release consists of, in build/dist.

    python3 scripts/dist.py                       for each PostgreSQL whose headers are at hand
    python3 scripts/dist.py --pg 18 --only deb    one Debian package
    python3 scripts/dist.py --tag v1.0.0          makes nothing: do this tag and the files agree?

For each version of PostgreSQL a Debian package and an archive of the files, once the source as PGXN
takes it. The dates in them are those of the commit, so that a commit always gives the same archives.
"""

import argparse
import contextlib
import json
import lzma
import os
import platform
import re
import shutil
import string
import sys
import tarfile
import tempfile
from pathlib import Path

import build
import debian
import postgres
from system import BUILD, ROOT, Problem, clean_env, output, problems_shown, say, timed, which

DIST = BUILD / "dist"
PACKAGING = ROOT / "packaging"
KINDS = ("deb", "tar", "source")
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
DOCUMENTS = ("README.md", "CHANGELOG.md", "LICENSE")


# Versions and dates


def versions():
    """The version that each file names which names one; the control file has it from Cargo.toml."""
    meta = json.loads((ROOT / "META.json").read_text())
    newest = re.search(r"^## \[(\d\S*)\]", (ROOT / "CHANGELOG.md").read_text(), re.M)
    return {"Cargo.toml": build.release(), "CHANGELOG.md": newest[1], "META.json": meta["version"],
            "META.json, provides": meta["provides"][build.EXTENSION]["version"]}


def release(tag=None):
    """The version of this tree; a Problem if files, or the tag, name another."""
    found = versions()
    if tag:
        found[f"tag {tag}"] = tag.removeprefix("v")
    if len(set(found.values())) != 1:
        raise Problem("the version is not the same everywhere:\n"
                      + "\n".join(f"  {version}  {where}" for where, version in found.items()))
    return found["Cargo.toml"]


def date():
    """When what we make was last changed, in seconds since 1970."""
    if "SOURCE_DATE_EPOCH" in os.environ:
        return int(os.environ["SOURCE_DATE_EPOCH"])
    if in_git():
        return int(output(["git", "log", "-1", "--format=%ct"], cwd=ROOT))
    return int((ROOT / "CHANGELOG.md").stat().st_mtime)


def in_git():
    """Whether this tree is a checkout, and not an archive of it."""
    return bool(which("git")) and (ROOT / ".git").exists()


# The files of one version


def headers_here(version):
    """The pg_config of a version whose headers are here, else None."""
    system = postgres.system_pg_config(version)
    if system.exists():
        folder = Path(output([system, "--includedir-server"]).strip())
        if (folder / "postgres.h").exists():
            return system
    return postgres.ensure(version).headers if postgres.made_from(version) else None


def pg_config_of(version):
    """The pg_config to build a version with; PostgreSQL is fetched if it is not here."""
    return headers_here(version) or postgres.ensure(version).headers


@contextlib.contextmanager
def files(version, name, trial=None):
    """Yield a folder with lib/ and share/extension/, the built extension for a version."""
    libraries, scripts = build.parts(build.build(pg_config_of(version), version), version)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for part, paths in (("lib", libraries), ("share/extension", scripts)):
            (folder / part).mkdir(parents=True)
            for path in paths:
                shutil.copyfile(path, folder / part / path.name)
        for library in (folder / "lib").iterdir():
            strip(library)
        if trial:
            rename(folder / "share/extension", name, trial)
        yield folder


def strip(library):
    """Leave out what only debuggers read, where there is a tool for it."""
    if which("strip"):
        flags = ["-x"] if sys.platform == "darwin" else ["--strip-unneeded"]
        output(["strip", *flags, library])


def rename(folder, old, new):
    """Call the scripts another version, with an empty upgrade to it: to try upgrades."""
    (folder / f"{build.EXTENSION}--{old}.sql").rename(folder / f"{build.EXTENSION}--{new}.sql")
    (folder / f"{build.EXTENSION}--{old}--{new}.sql").write_text("-- Nothing changes.\n")
    control = folder / f"{build.EXTENSION}.control"
    control.write_text(control.read_text().replace(f"'{old}'", f"'{new}'"))


# The archives


def system_name():
    """What the files run on, for example linux-amd64."""
    machine = platform.machine().lower()
    return platform.system().lower(), MACHINES.get(machine, machine)


def make_tar(version, name, folder, into):
    """The files of one version as .tar.xz, with a text that says where to put them."""
    system, machine = system_name()
    top = f"{build.EXTENSION}-{name}-postgresql-{version}-{system}-{machine}"
    text = string.Template((PACKAGING / "INSTALL").read_text()).substitute(
        release=name, pg=version, system=system, architecture=machine)
    (folder / "INSTALL").write_text(text)
    for document in DOCUMENTS:
        shutil.copyfile(ROOT / document, folder / document)
    when = date()

    def plain(entry):
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime, entry.mode = when, 0o755 if entry.isdir() else 0o644
        return entry

    target = into / f"{top}.tar.xz"
    with lzma.open(target, "wb") as file, tarfile.open(fileobj=file, mode="w") as archive:
        archive.add(folder, top, filter=plain)  # sorts what is in a folder
    return target


def make_source(name, into):
    """The committed tree as PGXN takes it."""
    if not in_git():
        raise Problem("the source archive is made from a git checkout, which this is not")
    if output(["git", "status", "--porcelain"], cwd=ROOT):
        say("note: the source archive leaves out what is not committed")
    top = f"{build.EXTENSION}-{name}"
    target = into / f"{top}.zip"
    output(["git", "archive", "--format=zip", f"--prefix={top}/", f"--output={target}", "HEAD"],
           cwd=ROOT, env=clean_env(TZ="UTC"))  # zip has times without zone
    return target


def make(pgs, kinds, into, trial=None):
    """Make archives of these kinds for these versions of PostgreSQL; yield each path."""
    into.mkdir(parents=True, exist_ok=True)
    name = release()
    if "source" in kinds:
        yield make_source(name, into)
    for version in pgs if {"deb", "tar"} & set(kinds) else ():
        with timed(f"PostgreSQL {version}"), files(version, name, trial) as folder:
            if "deb" in kinds:
                yield debian.make(version, trial or name, folder, into, date())
            if "tar" in kinds:
                yield make_tar(version, trial or name, folder, into)


def main():
    """Make what the command line asks for, or check versions."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pg", type=int, action="append", choices=postgres.VERSIONS,
                        help="a PostgreSQL version; may repeat; default: those at hand")
    parser.add_argument("--only", action="append", choices=KINDS, help="a kind; may repeat")
    parser.add_argument("--into", type=Path, default=DIST, help="the folder to write to")
    parser.add_argument("--trial", metavar="VERSION",
                        help="call it this version, with an empty upgrade script to it")
    parser.add_argument("--tag", help="only check that all files name the version of this tag")
    arguments = parser.parse_args()
    if arguments.tag:
        say(f"{arguments.tag} is version {release(arguments.tag)} in every file")
        return
    kinds = arguments.only or [kind for kind in KINDS if kind != "deb" or debian.possible()]
    if "deb" not in kinds and not arguments.only:
        say("note: no Debian packages, as dpkg-dev is not here")
    if "source" in kinds and not arguments.only and not in_git():
        kinds.remove("source")
        say("note: no source archive, as this is not a git checkout")
    pgs = arguments.pg or [version for version in postgres.VERSIONS if headers_here(version)]
    if not pgs:
        raise Problem("no headers of PostgreSQL are here; name a version to fetch, as in --pg 18")
    for path in make(sorted(set(pgs)), kinds, arguments.into.resolve(), arguments.trial):
        say(f"{path.stat().st_size:>12,}  {path}")


if __name__ == "__main__":
    with problems_shown():
        sys.exit(main())
