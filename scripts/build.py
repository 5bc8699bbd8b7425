"""Builds the extension with plain `cargo build`: the library, the control file and the install script.

The SQL is written by hand, so that nothing has to be generated: the script is sql/*.sql, joined in the
order of src/install.rs. What is built lies in build/built/pgNN, from where it is installed. Installing
into any PostgreSQL is scripts/install.py.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import toolchain
from system import BUILD, ROOT, Problem, clean_env, lock, made_whole, output

EXTENSION = "customer_value"
# What the build is made from, to tell whether what is built is current.
SOURCES = ["scripts/build.py", "Cargo.toml", "Cargo.lock", f"{EXTENSION}.control", ".cargo/config.toml", "src/**/*",
           "crates/**/*", "sql/**/*"]
FRAGMENT = re.compile(r'^\s*(?:pgrx::)?extension_sql_file!\(\s*"\.\./(sql/[^"]+)"', re.M)
GUARD = f'\\echo Use "CREATE EXTENSION {EXTENSION}" to load this file. \\quit\n'


def release():
    """The version of the extension: that of Cargo.toml, and nowhere else."""
    return re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(), re.M)[1]


def fragments():
    """The SQL files that make up the install script, in order."""
    return [ROOT / name for name in FRAGMENT.findall((ROOT / "src" / "install.rs").read_text())]


def script():
    """The install script."""
    parts = [f"-- {path.relative_to(ROOT)}\n{path.read_text().rstrip()}\n" for path in fragments()]
    return "\n".join([GUARD, *parts])


def control():
    """The control file, with the version filled in."""
    return filled((ROOT / f"{EXTENSION}.control").read_text())


def filled(text):
    """Text of ours with the version in it, where pgrx would put it too."""
    return text.replace("@CARGO_VERSION@", release())


def library_name(version):
    """The file name of the library; macOS has had its own since PostgreSQL 16."""
    return EXTENSION + (".dylib" if sys.platform == "darwin" and version >= 16 else ".so")


def cargo_env(headers):
    """The environment for cargo: pgrx reads PostgreSQL's headers through the pg_config `headers`.

    Set in one way everywhere, as a changed value makes cargo generate all bindings again.
    """
    env = clean_env(**toolchain.libclang_env())
    env.update(PGRX_HOME=str(ROOT / ".pgrx"), PGRX_PG_CONFIG_PATH=str(headers))
    return env


def features(version):
    """cargo's options that choose a PostgreSQL version."""
    return ["--no-default-features", "--features", f"pg{version}"]


def built(version):
    """The folder of what is built for a version of PostgreSQL."""
    return BUILD / "built" / f"pg{version}"


def made_from(headers):
    """What a build would be made from now: our sources, and the PostgreSQL whose headers it reads."""
    sources = hashlib.sha256()
    for path in sorted({path for pattern in SOURCES for path in ROOT.glob(pattern) if path.is_file()}):
        sources.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return json.dumps({"sources": sources.hexdigest(),
                       "PostgreSQL": output([headers, "--version", "--includedir-server"]).split("\n")[:2]})


def is_current(headers, version):
    """Whether what is built for a version is made from what is there now."""
    note = built(version) / "made-from"
    return note.exists() and note.read_text() == made_from(headers)


def made_how():
    """What else changes a build: the compiler, and settings of cargo and rustc in the environment."""
    names = [name for name in os.environ if name.startswith(("CARGO_", "RUST")) and "HOME" not in name]
    return "".join([output(["rustc", "--version"]), *(f"{name}={os.environ[name]}\n" for name in sorted(names))])


def build(headers, version):
    """Build for release; the folder with the files to install. Raises Problem if that fails.

    What is current stays: cargo names the libraries of all versions alike, and would link this one again
    after it has built another.
    """
    toolchain.ensure_cargo()
    folder, how = built(version), made_how()
    if is_current(headers, version) and (folder / "made-how").read_text() == how:
        return folder
    with lock("cargo"):
        note = made_from(headers)
        library = compile_library(headers, version)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with made_whole(folder) as new:
            for name, content in {library_name(version): library.read_bytes(),
                                  f"{EXTENSION}.control": control().encode(),
                                  f"{EXTENSION}--{release()}.sql": script().encode(),
                                  **{path.name: filled(path.read_text()).encode() for path in upgrades()}}.items():
                (new / name).write_bytes(content)
                (new / name).chmod(0o755 if name == library_name(version) else 0o644)
            (new / "made-how").write_text(how)
            (new / "made-from").write_text(note)
    return folder


def compile_library(headers, version):
    """Run cargo, whose progress is shown; the library that it made."""
    command = ["cargo", "build", "--release", "--lib", *features(version),
               "--message-format=json-render-diagnostics"]
    done = subprocess.run(command, env=cargo_env(headers), cwd=ROOT, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)  # the rest is shown
    if done.returncode:
        raise Problem("the extension does not build; see above")
    messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    made = [Path(name) for message in messages
            if message.get("reason") == "compiler-artifact" and message["target"]["name"] == EXTENSION
            for name in message["filenames"] if name.endswith((".so", ".dylib"))]
    if not made:
        raise Problem("cargo built no library; is crate-type in Cargo.toml cdylib?")
    return made[-1]


def upgrades():
    """The scripts that upgrade from one version to another."""
    return sorted((ROOT / "sql").glob(f"{EXTENSION}--*--*.sql"))


def parts(folder, version):
    """The files of a build: those for pkglibdir, and those for sharedir/extension."""
    library = folder / library_name(version)
    scripts = [folder / f"{EXTENSION}.control", *sorted(folder.glob(f"{EXTENSION}--*.sql"))]
    return [library], scripts


def install_private(pg):
    """Build and install into a private PostgreSQL, readable for the server's user."""
    with lock(f"install-{pg.version}"):
        folder = build(pg.headers, pg.version)
        places = (pg.ask("pkglibdir"), pg.ask("sharedir") / "extension")
        for files, place in zip(parts(folder, pg.version), places):
            copy(files, place)


def copy(files, place):
    """Copy files into a folder, each in place of an old one that a server may be using."""
    for file in files:
        new = place / f".{file.name}.new"
        new.write_bytes(file.read_bytes())
        new.chmod(file.stat().st_mode & 0o777)
        new.replace(place / file.name)


def installed_files(pg):
    """The extension's script files, to tell whether a database was made from these."""
    return sorted((pg.ask("sharedir") / "extension").glob(f"{EXTENSION}*"))
