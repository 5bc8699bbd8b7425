"""Test runs side by side: one lane per version of PostgreSQL, and `rest` for what needs none.

Test bodies keep one core busy, so two lanes run at a time. Each is a pytest of its own, with its own servers
and folders, whose output is kept whole, in build/tests-LANE.log, and shown when the lane is done. Until then
a line a minute tells how far the lanes are, and what fails is named at once.
"""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from system import BUILD, ROOT, home, say

PROGRAM = Path(__file__).parent / "run_tests.py"
SIDE_BY_SIDE = 2
EVERY = 60  # seconds between two lines about how far the lanes are
BAD = re.compile(r"^(\S+::\S.*? (?:FAILED|ERROR))\b", re.M)  # as it happens
WRONG = re.compile(r"^(?:FAILED|ERROR) \S+\.py.*", re.M)  # at the end
PERCENT = re.compile(r"\[ *(\d+)%\]")
SUMMARY = re.compile(r"^=* ?(\d+ (?:passed|failed|error|skipped|deselected).* in [\d.]+s.*?)(?: =+)?$", re.M)
NOTHING_RAN = 5  # pytest's exit status then


class Lane:
    """One pytest process and its output."""

    def __init__(self, name, arguments, program):
        self.name = name
        self.log = BUILD / f"tests-{name}.log"
        self.seen = 0
        command = [sys.executable, "-u", str(program), f"--lane={name}", "-o",
                   f"cache_dir={BUILD / f'pytest-cache-{name}'}", *arguments]
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT, start_new_session=True)

    def interrupt(self):
        """End it as Ctrl-C would, so that it stops its servers."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=60)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def text(self):
        """What it has printed so far."""
        return self.log.read_text(errors="replace")

    def news(self):
        """Tests that have failed since the last call."""
        bad = BAD.findall(self.text())
        new, self.seen = bad[self.seen:], max(self.seen, len(bad))
        return new

    def progress(self):
        """How far it is, for a person."""
        percent = PERCENT.findall(self.text())
        return f"{self.name} {percent[-1]}%" if percent else f"{self.name} starts"

    def summary(self):
        """Its last word: counts, or its exit status."""
        found = SUMMARY.findall(self.text())
        return found[-1] if found else f"exit status {self.process.returncode}"

    def good(self):
        """Whether it found nothing wrong, perhaps as it had nothing to do."""
        return self.process.returncode in (0, NOTHING_RAN)


def run(lanes, common, program=PROGRAM):
    """Run all lanes, given as names with their arguments; the exit status."""
    home()  # makes build/
    waiting, running, done = list(lanes), [], []
    told = time.monotonic()
    for number in (signal.SIGTERM, signal.SIGHUP):  # lanes have sessions of their own, and would go on
        if signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, signal.default_int_handler)
    try:
        while waiting or running:
            while waiting and len(running) < SIDE_BY_SIDE:
                name, arguments = waiting.pop(0)
                running.append(Lane(name, [*arguments, *common], program))
                say(f"== {name}: started; its output is in {running[-1].log.relative_to(ROOT)}")
            time.sleep(0.5)
            for lane in list(running):
                ended = lane.process.poll() is not None
                for line in lane.news():
                    say(f"{lane.name}: {line}")
                if ended:
                    running.remove(lane)
                    done.append(lane)
                    say(f"== {lane.name}: {lane.summary()}")
                    if lane.process.returncode != NOTHING_RAN:
                        say(f"\n======== {lane.name}, all of its output ========\n\n{lane.text().rstrip()}\n")
            if time.monotonic() - told > EVERY and running:
                told = time.monotonic()
                say(f"{time.strftime('%H:%M:%S')}  " + ", ".join(lane.progress() for lane in running))
    finally:
        for lane in running:
            lane.interrupt()
    return conclude(done)


def conclude(done):
    """One line per lane, and what failed; the exit status."""
    say("======== summary ========")
    for lane in done:
        say(f"{lane.name:>5}  {'ok    ' if lane.good() else 'FAILED'}  {lane.summary()}")
    for lane in done:
        for line in WRONG.findall(lane.text()):
            say(f"{lane.name}: {line}")
    if all(lane.process.returncode == NOTHING_RAN for lane in done):
        say("no test has such a name")
        return NOTHING_RAN
    return 0 if all(lane.good() for lane in done) else 1
