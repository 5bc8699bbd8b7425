"""Goals: what was found, beside what is wanted."""

from measure import verdict
from system import say


class Goals:
    """Rows of the last table that a part of the benchmark prints."""

    def __init__(self):
        self.rows = []

    def add(self, what, found, goal="", good=None):
        """A row; without a goal it is only told."""
        self.rows.append((what, found, goal, "" if good is None else verdict(good)))

    def faster(self, what, times, name, than, least, most=None):
        """A row: one contender is so many times as fast as another, and takes at most so many seconds."""
        ratio, best = times.faster(name, than)
        taken = times.median(name)
        used = times.cpu(name), times.cpu(than)
        spared = "" if None in used else f", processor {used[1] / used[0]:.1f} ×"
        found = f"{ratio:.1f} × (best {best:.1f} ×{spared}): {taken:.3f} s, {times.median(than):.3f} s"
        goal = f"≥ {least:g} ×" + (f", < {most:g} s" if most else "")
        self.add(what, found, goal, ratio >= least and (most is None or taken < most))

    def within(self, what, times, name, most, unit="s"):
        """A row: a contender takes less than so much."""
        scale = {"s": 1, "ms": 1000}[unit]
        used = "" if times.cpu(name) is None else f", processor {times.cpu(name) * scale:.3f} {unit}"
        found = f"{times.median(name) * scale:.3f} {unit} (best {times.best(name) * scale:.3f} {unit}{used})"
        self.add(what, found, f"< {most:g} {unit}", times.median(name) * scale < most)

    def show(self, title):
        """Print the table."""
        wide = [max(len(row[k]) for row in self.rows) + 2 for k in range(3)]
        say(f"\n{title:<{wide[0]}}{'found':<{wide[1]}}{'goal':<{wide[2]}}")
        for what, found, goal, judged in self.rows:
            say(f"{what:<{wide[0]}}{found:<{wide[1]}}{goal:<{wide[2]}}{judged}".rstrip())
