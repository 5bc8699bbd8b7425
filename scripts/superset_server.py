"""Apache Superset of its own: installed once into build/tools, started with new metadata, asked by its API.

    with Superset(folder, prepared) as superset:
        superset.load(archive)
        print(superset.url("/superset/dashboard/customer-value/"))
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import wheels
from system import Problem, clean_env, output

SETTINGS = Path(__file__).resolve().parent / "for_superset"  # superset_config.py is found there
REQUIREMENTS = SETTINGS / "requirements.txt"
COMMAND = "from superset.cli.main import superset; superset()"
USER, PASSWORD = "admin", "admin"  # of a server that lives for minutes, on this machine only
SECRET = "of metadata that live for minutes, so it is none"
PATIENCE = 180  # seconds to start


class Superset:
    """A server whose metadata is a copy of `prepared`, a folder that is made once."""

    def __init__(self, folder, prepared):
        self.folder, self.prepared = folder, prepared
        self.python, self.packages = wheels.ensure(
            "superset", REQUIREMENTS, "Apache Superset, about 1 GB, draws the dashboards")
        self.stack = contextlib.ExitStack()

    def env(self, home):
        """The environment of Superset's programs."""
        return clean_env(PYTHONPATH=os.pathsep.join([str(self.packages), str(SETTINGS)]), SUPERSET_HOME=str(home),
                         SUPERSET_SECRET_KEY=SECRET, FLASK_APP="superset", PYTHONWARNINGS="ignore")

    def run(self, home, *arguments):
        """Run a command of Superset's."""
        return output([self.python, "-c", COMMAND, *arguments], env=self.env(home), cwd=home)

    def prepare(self):
        """Make the metadata of a new Superset, with a user who may do everything."""
        if self.prepared.exists():
            return
        new = self.prepared.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        self.run(new, "db", "upgrade")
        self.run(new, "fab", "create-admin", "--username", USER, "--password", PASSWORD, "--firstname", "The",
                 "--lastname", "Shop", "--email", "a@example.com")
        self.run(new, "init")
        new.rename(self.prepared)

    def __enter__(self):
        self.prepare()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.prepared, self.folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        log = self.stack.enter_context(open(self.folder / "log", "w"))
        command = [self.python, "-c", COMMAND, "run", "--port", str(self.port), "--with-threads"]
        self.process = subprocess.Popen(command, env=self.env(self.folder), cwd=self.folder, stdin=subprocess.DEVNULL,
                                        stdout=log, stderr=log, start_new_session=True)
        self.stack.callback(self.end)
        end = time.monotonic() + PATIENCE
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stack.close()
                raise Problem("Superset does not start:\n" + (self.folder / "log").read_text()[-2000:])
            time.sleep(0.5)
        said = self.call("security/login", {"username": USER, "password": PASSWORD, "provider": "db", "refresh": False})
        self.token = said["access_token"]
        return self

    def __exit__(self, *failure):
        self.stack.close()

    def end(self):
        """Stop the server, and what it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def url(self, path):
        """The address of a page."""
        return f"http://127.0.0.1:{self.port}{path}"

    def answers(self):
        """Whether it is up."""
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(self.url("/health"), timeout=5) as said:
                return said.status == 200
        return False

    def call(self, path, body=None, kind="application/json"):
        """Ask the API; what it answers."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url(f"/api/v1/{path}"), data, {"Content-Type": kind})
        if path != "security/login":
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=120) as said:
                return json.load(said)
        except urllib.error.HTTPError as error:
            raise Problem(f"Superset refuses {path}: {error.code} {error.read().decode(errors='replace')[:1000]}") from error

    def load(self, archive):
        """Import a bundle, as its page does."""
        mark = secrets.token_hex(16)
        head = f'--{mark}\r\nContent-Disposition: form-data; name="formData"; filename="bundle.zip"\r\n' \
               "Content-Type: application/zip\r\n\r\n"
        body = head.encode() + archive + f"\r\n--{mark}--\r\n".encode()
        return self.call("dashboard/import/", body, f"multipart/form-data; boundary={mark}")
