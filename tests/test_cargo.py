"""What cargo says: format, lint, and the unit tests of the crates without PostgreSQL."""

import re
import subprocess

import build
import postgres
import pytest
import toolchain
from system import ROOT, clean_env, lock, say, stream

CRATES = sorted(path.parent for path in ROOT.glob("crates/*/Cargo.toml"))
RESULT = re.compile(r"^test result: .*? (\d+) passed; (\d+) failed", re.M)


def cargo(*arguments, env):
    """Run cargo with its output shown, one at a time; fail if it does."""
    with lock("cargo"):
        done = stream(["cargo", *arguments], env=env, cwd=ROOT)
    if not done:
        pytest.fail(f"cargo {arguments[0]} failed; see above", pytrace=False)


def test_format(shown):
    """Rust code is as cargo fmt writes it."""
    with shown():
        toolchain.ensure_cargo()
        toolchain.ensure_component("fmt")
        cargo("fmt", "--all", "--check", env=clean_env())


@pytest.mark.parametrize("crate", CRATES, ids=lambda crate: crate.name)
def test_units(crate, shown):
    """The unit tests of a crate; there are some."""
    with shown(), lock("cargo"):
        toolchain.ensure_cargo()
        done = subprocess.run(["cargo", "test", "--profile", "units", "--manifest-path", crate / "Cargo.toml"],
                              cwd=ROOT, text=True, env=clean_env(),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        counts = RESULT.findall(done.stdout)
        passed, failed = (sum(int(count[which]) for count in counts) for which in (0, 1))
        say(f"{crate.name}: {passed} unit tests passed, {failed} failed")
    if done.returncode:
        pytest.fail(done.stdout, pytrace=False)
    assert passed


def test_lint(version, shown):
    """Clippy has no complaint about the code for a version of PostgreSQL."""
    with shown():
        pg = postgres.ensure(version)
        toolchain.ensure_cargo()
        toolchain.ensure_component("clippy")
        cargo("clippy", "--release", "--workspace", "--all-targets",
              "--no-default-features", "--features", f"customer_value/pg{version}",
              "--", "-D", "warnings", env=build.cargo_env(pg.headers))
