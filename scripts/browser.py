"""A headless Chromium that opens pages and pictures as a person would: screenshots, prints, what the console says.

    with Browser() as browser:
        page = browser.open("segments.html", width=375, dark=True)
        page.screenshot("phone.png")
        assert page.complaints == []

It speaks the DevTools protocol through a pipe, so it needs nothing beside Chromium: no port, no driver. From the
command line it takes a picture of one page: browser.py segments.html phone.png --width 375 --dark
"""

import argparse
import base64
import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import tempfile
import time
from functools import lru_cache
from pathlib import Path

import packages
from system import Problem, clean_env, is_root, problems_shown, which

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-wqy-microhei", "fonts-noto-color-emoji")  # Chinese and emoji would be boxes
FLAGS = ("--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-dev-shm-usage",
         "--hide-scrollbars", "--remote-debugging-pipe")
PATIENCE = 60  # seconds for one answer
PHONE, DESKTOP = 375, 1280  # pixels
TALLEST = 16000  # pixels of a screenshot


@lru_cache(maxsize=None)
def ensure():
    """The path of a Chromium, installed with apt if it is missing and we are root; else a Problem."""
    for name in NAMES:
        if which(name):
            return which(name)
    packages.apt_install(PACKAGES, "a browser opens the pages that the extension makes")
    return which(NAMES[0]) or _missing()


def _missing():
    raise Problem("apt installed chromium, but it is not in the path")


def address(target):
    """The URL of a page, which may be given as a file."""
    text = str(target)
    return text if "://" in text or text.startswith(("data:", "about:")) else Path(target).resolve().as_uri()


class Browser:
    """A Chromium with a profile of its own, which ends with the block."""

    def __init__(self):
        self._stack = contextlib.ExitStack()
        self._number = 0
        self._rest = b""
        self._listeners = {}

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            profile = stack.enter_context(
                tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True))
            theirs_in, self._to = _pipe(stack)
            self._from, theirs_out = _pipe(stack)
            command = [ensure(), *FLAGS, f"--user-data-dir={profile}", "about:blank"]
            if is_root():
                command.insert(1, "--no-sandbox")
            self._process = subprocess.Popen(
                command, env=clean_env(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, close_fds=False, start_new_session=True,
                preexec_fn=lambda: (os.dup2(theirs_in, 3), os.dup2(theirs_out, 4)))
            stack.callback(self._end)
            self.ask("Browser.getVersion")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *failure):
        self._stack.close()

    def _end(self):
        """Ask Chromium to leave, then make it, with the processes that it started."""
        with contextlib.suppress(Problem, OSError):
            self._send("Browser.close", {}, None)
            self._process.wait(5)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def open(self, target, width=DESKTOP, dark=False, height=None, load=True):
        """Open a page in a new tab, `width` pixels wide, and wait until it is loaded."""
        found = self.ask("Target.createTarget", url="about:blank")
        session = self.ask("Target.attachToTarget", targetId=found["targetId"], flatten=True)["sessionId"]
        page = Page(self, session, found["targetId"], width, height or (800 if width > 600 else 812))
        page.prefer(dark)
        if load:
            page.go(target)
        return page

    # The protocol: a JSON text each way, ended by a zero byte.

    def ask(self, method, session=None, **parameters):
        """Call a method of the protocol and return its result; a Problem if it fails."""
        number = self._send(method, parameters, session)
        return self._until(lambda: None, number, method)

    def wait(self, done, what, patience=PATIENCE):
        """Take in what happens until `done()` is true."""
        self._until(done, None, what, patience)

    def listen(self, session, listener):
        """Call `listener(method, parameters)` with each event of a page."""
        self._listeners[session] = listener

    def _send(self, method, parameters, session):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._to, data):]
        return self._number

    def _until(self, done, number, what, patience=PATIENCE):
        end = time.monotonic() + patience
        while number is not None or not done():
            message = self._receive(end)
            if message is None:
                raise Problem(f"the browser did not answer in {patience} s: {what}")
            if "method" in message:
                listener = self._listeners.get(message.get("sessionId"))
                if listener:
                    listener(message["method"], message["params"])
            elif message.get("id") == number:
                if "error" in message:
                    raise Problem(f"the browser refuses {what}: {message['error']['message']}")
                return message["result"]
        return None

    def _receive(self, end):
        """The next message, or None at the end of the patience."""
        while b"\0" not in self._rest:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._from], [], [], left)[0]:
                return None
            data = os.read(self._from, 1 << 20)
            if not data:
                raise Problem("the browser ended")
            self._rest += data
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)


def _pipe(stack):
    """Both ends of a pipe, above the numbers that Chromium expects its own at."""
    ends = []
    for end in os.pipe():
        ends.append(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10))
        stack.callback(os.close, ends[-1])
        os.close(end)
    return ends


class Page:
    """A tab. `complaints`: errors and warnings of its console; `requests`: every address that it asked for."""

    def __init__(self, browser, session, target, width, height):
        self.browser, self.session, self.target = browser, session, target
        self.width, self.height = width, height
        self.complaints, self.requests = [], []
        self._loaded = False
        browser.listen(session, self._hear)
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        self._resize(height)

    def ask(self, method, **parameters):
        """Call a method of the DevTools protocol on this tab."""
        return self.browser.ask(method, self.session, **parameters)

    def prefer(self, dark=False, media=""):
        """Show the page dark or light, as on a screen or as in print."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def go(self, target):
        """Load a page and wait for it."""
        self._loaded = False
        said = self.ask("Page.navigate", url=address(target))
        if said.get("errorText"):
            raise Problem(f"the browser cannot open {target}: {said['errorText']}")
        self.browser.wait(lambda: self._loaded, f"loading {target}")

    def evaluate(self, script):
        """The value of a JavaScript expression, which may be a promise."""
        said = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in said:
            details = said["exceptionDetails"]
            raise Problem(details.get("exception", {}).get("description") or details["text"])
        return said["result"].get("value")

    def wait_for(self, script, patience=PATIENCE):
        """Wait until a JavaScript expression is true."""
        end = time.monotonic() + patience
        while not self.evaluate(f"Boolean({script})"):
            if time.monotonic() > end:
                raise Problem(f"not true after {patience} s: {script}")
            time.sleep(0.2)

    def screenshot(self, out, whole=True):
        """Save what the page looks like as PNG: all of it, or the first screen."""
        if whole:
            size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
            self._resize(min(max(int(size["height"]) + 1, self.height), TALLEST))
        data = self.ask("Page.captureScreenshot", format="png")["data"]
        Path(out).write_bytes(base64.b64decode(data))
        self._resize(self.height)

    def pdf(self, out):
        """Print the page as PDF, on A4."""
        data = self.ask("Page.printToPDF", paperWidth=8.27, paperHeight=11.69, preferCSSPageSize=True)["data"]
        Path(out).write_bytes(base64.b64decode(data))

    def close(self):
        """Close the tab."""
        self.browser.ask("Target.closeTarget", targetId=self.target)

    def _resize(self, height):
        self.ask("Emulation.setDeviceMetricsOverride", width=self.width, height=height, deviceScaleFactor=1,
                 mobile=self.width < 600)

    def _hear(self, method, event):
        if method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Network.requestWillBeSent":
            self.requests.append(event["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            details = event["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and event["type"] in ("error", "warning", "assert"):
            self.complaints.append(" ".join(str(part.get("value", part.get("description")))
                                            for part in event["args"]))
        elif method == "Log.entryAdded" and event["entry"]["level"] in ("error", "warning"):
            entry = event["entry"]
            self.complaints.append(f"{entry['text']} {entry.get('url', '')}".strip())


def screenshot(target, out, width=DESKTOP, dark=False, whole=True):
    """Open a URL or file, save what it looks like as PNG, and return what its console complained of."""
    with Browser() as browser:
        page = browser.open(target, width, dark)
        page.screenshot(out, whole)
        return page.complaints


def main():
    """Take a picture of one page, or print it if the output is called .pdf."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page", help="a URL or a file")
    parser.add_argument("out", help="a .png, or a .pdf")
    parser.add_argument("--width", type=int, default=DESKTOP, help="pixels; default: %(default)s")
    parser.add_argument("--dark", action="store_true", help="as who prefers dark pages sees it")
    parser.add_argument("--first-screen", action="store_true", help="not the whole page")
    arguments = parser.parse_args()
    with Browser() as browser:
        page = browser.open(arguments.page, arguments.width, arguments.dark)
        if arguments.out.endswith(".pdf"):
            page.pdf(arguments.out)
        else:
            page.screenshot(arguments.out, not arguments.first_screen)
        for complaint in page.complaints:
            print(f"the console says: {complaint}")


if __name__ == "__main__":
    with problems_shown():
        main()
