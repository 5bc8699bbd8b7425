"""A psql that stays open: several of them show what concurrent sessions do to one another."""

import queue
import subprocess
import threading
import time

MARK = "-- end of answer --"


class Session:
    """Made by Cluster.session(). send() does not wait for the answer, answer() and run() do."""

    def __init__(self, command, env):
        self.process = subprocess.Popen(command, env=env, text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.lines = queue.Queue()
        self.partial = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, sql):
        """Start statements (each ended by a semicolon) without waiting for them."""
        self.process.stdin.write(f"{sql}\n\\warn {MARK}\n")
        self.process.stdin.flush()

    def answer(self, timeout=30):
        """What the oldest send() printed, errors included; TimeoutError if it is not done yet."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise TimeoutError("the session is still busy") from None
            if line is None:
                raise EOFError("psql ended: " + "\n".join(self.partial))
            if line == MARK:
                done, self.partial = self.partial, []
                return "\n".join(done)
            self.partial.append(line)

    def run(self, sql, timeout=30):
        """Run statements and return what they printed."""
        self.send(sql)
        return self.answer(timeout)

    def waits(self, timeout=0.5):
        """Whether the statement that was sent is still not done, for example behind a lock."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if MARK in list(self.lines.queue):
                return False
            time.sleep(0.02)
        return True

    def close(self):
        """End psql, and with it its transaction."""
        if self.process.poll() is None:
            try:
                self.process.stdin.close()
                self.process.wait(timeout=5)
            except (OSError, subprocess.TimeoutExpired):
                self.process.kill()
                self.process.wait()
