"""Lanes: each test is in one of them, and what one lane finds is the result of all."""

import lanes
import pytest
import run_tests
from system import BUILD

# What stands for pytest: fails, passes, finds no test, or crashes, as its lane is called.
PROGRAM = """
import sys
lane = next(argument for argument in sys.argv if argument.startswith("--lane=")).partition("=")[2]
if lane == "try-bad":
    print("test_a.py::test_b[pg18] FAILED   [ 50%]")
    print("FAILED test_a.py::test_b[pg18] - assert 1 == 2")
    print("==== 1 failed, 1 passed in 0.10s ====")
elif lane == "try-good":
    print("==== 2 passed in 0.10s ====")
sys.exit({"try-bad": 1, "try-good": 0, "try-none": 5}.get(lane, 3))
"""


@pytest.mark.parametrize("names, status", [
    (["try-good", "try-none"], 0),
    (["try-good", "try-bad", "try-none"], 1),
    (["try-crash", "try-good"], 1),
    (["try-none"], 5),
])
def test_status(tmp_path, capsys, names, status):
    """One lane that fails, or that crashes, makes the run fail; lanes without tests do not, unless all are."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    try:
        assert lanes.run([(name, []) for name in names], [], program) == status
    finally:
        for name in names:
            (BUILD / f"tests-{name}.log").unlink()
    said = capsys.readouterr().out
    summary = said.partition("summary")[2]
    assert [name for name in names if name in summary] == names
    if "try-bad" in names:
        assert said.count("try-bad: test_a.py::test_b[pg18] FAILED") == 1
        assert "try-bad: FAILED test_a.py::test_b[pg18] - assert 1 == 2" in summary
    if "try-crash" in names:
        assert "FAILED  exit status 3" in summary


def test_each_version_has_a_lane():
    """Also one that is new in VERSIONS."""
    assert sorted(run_tests.ORDER) == [*(f"pg{version}" for version in run_tests.postgres.VERSIONS), "rest"]
    assert [name for name, _ in run_tests.split([15, 18], brief=False)] == ["pg18", "pg15", "rest"]
