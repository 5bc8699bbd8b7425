"""What is installed: all of sql/ in order, by make and by cargo-pgrx alike, where it is told to, by whom may.

`make install` of the extension as it was built for the tests, into folders that stand for /.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import build
import postgres
import pytest
from system import BUILD, ROOT, clean_env, is_root, lock, output, reachable, run_as, server_user
from toolchain import TOOLS

PGRX = re.search(r'^pgrx = .*"=([\d.]+)"', (ROOT / "Cargo.toml").read_text(), re.M)[1]
PATHNAME = re.compile(r"\bFUNCTION\s+([\w.]+)\s*\((?:(?!\bFUNCTION\b|;).)*?'MODULE_PATHNAME'(?:\s*,\s*'(\w+)')?", re.S)


def make(*arguments, pg_config, destdir, env=None, **options):
    """Run make, which may fail; what it prints, and its exit status."""
    done = subprocess.run(["make", "--no-print-directory", *arguments, f"PYTHON={sys.executable}",
                           f"PG_CONFIG={pg_config}", f"DESTDIR={destdir}"],
                          cwd=ROOT, env=env or clean_env(), text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    return done.stdout, done.returncode


def files(folder):
    """The files below a folder and their modes, by their path."""
    return {str(path.relative_to(folder)): oct(path.stat().st_mode & 0o777)
            for path in sorted(folder.rglob("*")) if path.is_file()}


def symbols(library):
    """What a library exports."""
    flags = ["-gU"] if sys.platform == "darwin" else ["-D", "--defined-only"]
    return {line.split()[-1].split("@")[0].lstrip("_" if sys.platform == "darwin" else "")
            for line in output(["nm", *flags, library]).splitlines() if line.strip()}


def statements(script):
    """A script without what only its maker writes: notes between the statements, blank lines."""
    text = re.sub(r"^/\*.*?\*/$", "", script, flags=re.M | re.S)
    text = re.sub(r"^(\\echo .*|-- (src|sql)/\S+|-- (requires|bootstrap):?|--   \w+|-- \w+(::\w+)+|-- Skipped due to .*)$",
                  "", text, flags=re.M)
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def test_every_fragment_is_installed():
    """Each file of sql/ is in src/install.rs once, in the order of its name, and requires the one before."""
    upgrades = build.upgrades()
    assert build.fragments() == [path for path in sorted((ROOT / "sql").glob("*.sql")) if path not in upgrades]
    text = (ROOT / "src" / "install.rs").read_text()
    entries = re.findall(r'extension_sql_file!\(\s*"[^"]+",\s*name = "(\w+)",\s*'
                         r'(?:bootstrap|requires = \["(\w+)"\]),?\s*\)', text)
    assert len(entries) == len(build.fragments())
    assert [required for _, required in entries] == ["", *(name for name, _ in entries[:-1])]


def test_versions_agree(cluster):
    """The version stands in Cargo.toml; what is installed has it."""
    assert cluster.value("SELECT extversion FROM pg_extension WHERE extname = 'customer_value'") == build.release()
    assert re.search(rf"^## \[{re.escape(build.release())}\]", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert f"default_version = '{build.release()}'" in build.control() and "@" not in build.control()


def test_functions_are_in_the_library(installed):
    """Every C function of the script is exported, with the record that PostgreSQL asks for."""
    found = symbols(installed.ask("pkglibdir") / build.library_name(installed.version))
    script = build.script()
    wanted = {symbol or name.rpartition(".")[2] for name, symbol in PATHNAME.findall(script)}
    assert len(wanted) > 150
    assert len(PATHNAME.findall(script)) == len(re.findall("'MODULE_PATHNAME'", script))
    assert {name for name in wanted if not {name, f"pg_finfo_{name}"} <= found} == set()
    assert {"Pg_magic_func", "_PG_init"} <= found


def test_into_a_folder_and_back(installed, tmp_path):
    """make install with DESTDIR puts three files there; make uninstall leaves nothing, and what is not ours."""
    destdir = tmp_path / "package"
    folders = [output([installed.headers, f"--{what}"]).strip().lstrip("/") for what in ("pkglibdir", "sharedir")]
    said, status = make("install", pg_config=installed.headers, destdir=destdir)
    assert status == 0, said
    assert files(destdir) == {
        f"{folders[0]}/{build.library_name(installed.version)}": "0o755",
        f"{folders[1]}/extension/customer_value--{build.release()}.sql": "0o644",
        f"{folders[1]}/extension/customer_value.control": "0o644",
    }
    other = destdir / folders[1] / "extension" / "other.control"
    other.write_text("")
    assert make("uninstall", pg_config=installed.headers, destdir=destdir)[1] == 0
    assert list(files(destdir)) == [f"{folders[1]}/extension/other.control"]
    other.unlink()
    said, status = make("uninstall", pg_config=installed.headers, destdir=destdir)
    assert status == 0 and "nothing is installed there" in said
    assert list(destdir.iterdir()) == []


@pytest.mark.skipif(not is_root(), reason="only root can try what sudo does")
def test_with_sudo(installed, tmp_path):
    """Under sudo, what was built is installed without Rust; what is not current is refused."""
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent", "SUDO_USER": "somebody"}
    said, status = make("install", pg_config=installed.headers, destdir=tmp_path, env=env)
    assert status == 0, said
    note = build.built(installed.version) / "made-from"
    current = note.read_text()
    try:
        note.write_text("other sources")
        said, status = make("install", pg_config=installed.headers, destdir=tmp_path, env=env)
    finally:
        note.write_text(current)
    assert status != 0
    assert "Please build as yourself" in said and f"sudo make install PG_CONFIG={installed.headers}" in said


def test_without_rights(installed, tmp_path):
    """Whoever may not write is told how to go on."""
    user = server_user()
    pythons = [Path(python).resolve() for python in (sys.executable, "/usr/bin/python3")]
    python = next((python for python in pythons if python.exists() and reachable(python.parent, user)), None)
    if not python or not reachable(ROOT, user):
        pytest.skip("PostgreSQL's user cannot read this folder, or run a Python")
    tmp_path.chmod(0o555)
    call = (f"import install; install.Target({str(installed.headers)!r}, {str(tmp_path)!r})"
            ".check_writable('install')")
    done = subprocess.run([python, "-B", "-c", call], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT,
                          **{**run_as(user), "env": clean_env(PYTHONPATH=str(ROOT / "scripts"))})
    tmp_path.chmod(0o755)
    assert "you may not write to" in done.stdout
    assert f"sudo make install PG_CONFIG={installed.headers}" in done.stdout


@pytest.mark.parametrize("answer, says", [
    (None, "Please say where the pg_config of your PostgreSQL is"),
    ("PostgreSQL 14.9", "customer_value runs on 15 to 18"),
    ("PostgreSQL 18.1", "the headers of PostgreSQL 18 are missing"),
])
def test_a_wrong_pg_config(tmp_path, answer, says):
    """A pg_config that is not there, is of another version, or has no headers."""
    pg_config = tmp_path / "pg_config"
    if answer:
        pg_config.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "{answer}" || echo {tmp_path}/"$1"\n')
        pg_config.chmod(0o755)
    env = {name: value for name, value in clean_env().items() if name != "SUDO_USER"}
    said, status = make("all", pg_config=pg_config, destdir="", env=env)
    assert status != 0
    assert says in said and "Traceback" not in said


def cargo_pgrx():
    """The environment in which cargo has a cargo-pgrx of our pgrx's version; skips without one."""
    env = clean_env()
    env["PATH"] = f"{TOOLS / 'bin'}:{env['PATH']}"
    done = subprocess.run(["cargo", "pgrx", "--version"], env=env, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    if done.returncode or done.stdout.split()[-1:] != [PGRX]:
        pytest.skip(f"there is no cargo-pgrx {PGRX} here to compare with")
    return env["PATH"]


def test_as_cargo_pgrx(installed, shown):
    """cargo pgrx installs the same files: the same control file and statements, a library that exports the same."""
    if installed.version != postgres.VERSIONS[-1]:
        pytest.skip("compared once, on the newest version")
    path = cargo_pgrx()
    place = BUILD / "as-pgrx"  # a build of its own, as its flags are; quick rather than good
    out = place / f"package-{installed.version}"
    shutil.rmtree(out, ignore_errors=True)
    env = {**build.cargo_env(installed.headers), "PATH": path, "CARGO_TARGET_DIR": str(place),
           "CARGO_PROFILE_RELEASE_LTO": "off", "CARGO_PROFILE_RELEASE_OPT_LEVEL": "0",
           "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16"}
    with shown(), lock("cargo"):
        output(["cargo", "pgrx", "package", *build.features(installed.version), "--pg-config", installed.headers,
                "--out-dir", out], env=env, cwd=ROOT)
    theirs = {path.name: path for path in out.rglob("*") if path.is_file()}
    ours = {path.name: path for group in build.parts(build.built(installed.version), installed.version)
            for path in group}
    assert sorted(theirs) == sorted(ours)
    control, script = f"{build.EXTENSION}.control", f"{build.EXTENSION}--{build.release()}.sql"
    library = build.library_name(installed.version)
    assert theirs[control].read_text() == ours[control].read_text()
    assert statements(theirs[script].read_text()) == statements(ours[script].read_text())
    assert symbols(theirs[library]) == symbols(ours[library])
