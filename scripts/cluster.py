"""Throwaway PostgreSQL servers: data, log and socket in a folder of their own, no TCP port.

    with Cluster(15, "test") as cluster:
        cluster.fresh_database("play")
        print(cluster.psql("SELECT 1", db="play"))

They live beside any other server, ignore PG* variables, and are only ever stopped by the process
id in their own data folder. One left over by an interrupted run is used again.
"""

import contextlib
import csv
import io
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace

import postgres
from session import Session
from system import Problem, clean_env, home, lock, output, run_as, say, server_user

PORT = 5432  # names the socket file only
LONGEST_SOCKET = 103  # on macOS; a little more elsewhere
CONF = "customer_value.conf"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": PORT,
    "timezone": "UTC",
    "log_timezone": "UTC",
    "client_connection_check_interval": "1s",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "log_line_prefix": "%m [%p] %e %d ",
    "shared_buffers": "256MB",
    "jit": "off",
}


class Cluster:
    """One server of one version. `settings` add to or replace SETTINGS of postgresql.conf."""

    def __init__(self, version, name, settings=None, keep_running=False):
        self.version = version
        self.name = f"{name}-{version}"
        self.folder = clusters() / self.name
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.settings = {**SETTINGS, **(settings or {})}
        self.keep_running = keep_running
        self.db = "postgres"

    @cached_property
    def pg(self):
        """The private install that this cluster belongs to."""
        return postgres.ensure(self.version)

    @cached_property
    def env(self):
        """The environment for PostgreSQL's programs: nothing that leads them elsewhere."""
        return clean_env(**self.pg.env)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if not self.keep_running:
            self.stop()

    @property
    def owner(self):
        """Who runs the server: when we are root, the user who has run it before or postgres."""
        user = server_user()
        if user and self.folder.exists() and self.folder.stat().st_uid:
            found = self.folder.stat()
            return SimpleNamespace(pw_uid=found.st_uid, pw_gid=found.st_gid)
        return user

    @property
    def socket(self):
        """The folder of the socket."""
        place = self.folder / "socket"
        return Path(os.readlink(place)) if place.is_symlink() else place

    def _make_socket_folder(self):
        """Make the socket's folder; a link to one under /tmp if ours is too deep for a socket."""
        place = self.folder / "socket"
        with contextlib.suppress(OSError):
            if self.socket.stat().st_uid == self.data.stat().st_uid:
                return
            place.unlink()
        if len(bytes(place / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET:
            place.mkdir(exist_ok=True)
            self._give(place)
        else:
            short = tempfile.mkdtemp(prefix="customer_value-", dir="/tmp")
            self._give(short)
            place.unlink(missing_ok=True)
            place.symlink_to(short)

    def _give(self, path):
        """Hand a file or folder of ours to the user who runs the server."""
        if self.owner:
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)

    def start(self):
        """Make the cluster if it is new; start it unless it runs with these settings already."""
        with lock(f"cluster-{self.name}"):
            if not self.data.exists():
                self._initdb()
            self._make_socket_folder()
            changed = self._write_settings()
            if self.pid() and (changed or not self._answers()):
                self._stop()
            if not self.pid():
                self._start()
        return self

    def stop(self):
        """Stop the server, if it runs."""
        with lock(f"cluster-{self.name}"):
            self._stop()

    def restart(self, **settings):
        """Stop and start with these settings on top."""
        self.settings.update(settings)
        self.stop()
        self.start()

    def remove(self):
        """Stop the server and remove all of it."""
        self.stop()
        socket = self.folder / "socket"
        if socket.is_symlink():
            shutil.rmtree(socket.resolve(), ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _initdb(self):
        say(f"making a PostgreSQL {self.version} cluster in {self.folder}")
        user = self.owner
        self.folder.mkdir(parents=True, exist_ok=True)
        self._give(self.folder)
        new = self.folder / "data.new"  # renamed when complete
        shutil.rmtree(new, ignore_errors=True)
        output([self.pg.bindir / "initdb", "--pgdata", new, "--username=postgres", "--auth=trust",
                "--encoding=UTF8", "--locale=C", "--no-sync"], env=self.env, **run_as(user))
        with open(new / "postgresql.conf", "a") as conf:
            conf.write(f"include_if_exists = '{CONF}'\n")
        new.rename(self.data)

    def _write_settings(self):
        """Write our settings file; whether it differs from the one that was there."""
        settings = {"unix_socket_directories": f'"{self.socket}"', **self.settings}
        quoted = {name: str(value).replace("'", "''") for name, value in settings.items()}
        text = "".join(f"{name} = '{value}'\n" for name, value in quoted.items())
        conf = self.data / CONF
        try:
            if conf.exists() and conf.read_text() == text:
                return False
            conf.write_text(text)
        except PermissionError as error:
            raise Problem(f"{self.folder} belongs to another user. Run as that user, or remove "
                          "it.") from error
        self._give(conf)
        return True

    def _start(self):
        pid_file = self.data / "postmaster.pid"
        if pid_file.exists():  # of a server that was killed: its number may be someone else's now
            pid_file.unlink()
        command = [str(self.pg.bindir / "pg_ctl"), "--pgdata", str(self.data), "--wait",
                   "--timeout=60", "--silent", "--log", str(self.log), "start"]
        for _ in range(10):  # the last processes of a killed server may take a moment to end
            if subprocess.run(command, env=self.env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              **run_as(self.owner)).returncode == 0 and self._answers():
                return
            if "shared memory block" not in self.log_tail(5):
                break
            time.sleep(1)
        raise Problem(f"PostgreSQL {self.version} does not start in {self.folder}:\n"
                      f"{self.log_tail(20)}")

    def log_tail(self, lines):
        """The last lines of the server's log."""
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def pid(self):
        """The process id of our running server: the one that works in our data folder."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            return pid if works_in(pid, self.data) else None
        except (OSError, ValueError, IndexError):
            return None

    def _answers(self):
        with contextlib.suppress(Problem):
            return self.psql("SELECT 1", db="postgres").split() == ["1"]
        return False

    def _stop(self):
        pid = self.pid()
        for how, seconds in ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
            deadline = time.monotonic() + seconds
            if pid and self.pid() == pid:
                os.kill(pid, how)
            while self.pid() == pid and pid and time.monotonic() < deadline:
                time.sleep(0.05)

    # Talking to it

    def connection(self, db=None, user="postgres"):
        """The options of psql and its relatives that lead here."""
        return ["--host", str(self.socket), "--port", str(PORT), "--username", user,
                "--dbname", db or self.db]

    def psql_line(self, db):
        """A command line for a person to open psql on a database."""
        env = [f"{name}={shlex.quote(value)}" for name, value in self.pg.env.items()]
        command = [str(self.pg.bindir / "psql"), "-h", str(self.socket), "-p", str(PORT),
                   "-U", "postgres", db]
        return " ".join(env + [shlex.quote(part) for part in command])

    def psql(self, sql, db=None, user="postgres", options=("-A", "-t"), check=True, errors=False):
        """Run SQL or psql commands; what they print. Stops at an error with a Problem.

        With check=False it goes on after errors; with errors=True the output includes stderr.
        """
        command = [str(self.pg.bindir / "psql"), "-X", "-q", *options, "-v",
                   f"ON_ERROR_STOP={int(check)}", *self.connection(db, user)]
        done = subprocess.run(command, input=sql, text=True, env=self.env, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT if errors else subprocess.PIPE)
        if check and done.returncode:
            raise Problem(f"psql failed: {done.stderr or done.stdout}\nin: {sql[:500]}")
        return done.stdout

    def rows(self, sql, db=None, user="postgres"):
        """The rows of one query, as lists of text; NULL is None."""
        null = "\u2400"
        text = self.psql(sql, db, user, options=("--csv", "-t", "-P", f"null={null}"))
        return [[None if cell == null else cell for cell in row]
                for row in csv.reader(io.StringIO(text))]

    def value(self, sql, db=None, user="postgres"):
        """The single value of a query, as text."""
        return self.rows(sql, db, user)[0][0]

    def session(self, db=None, user="postgres", options=("-A", "-t")):
        """A psql that stays open, for tests with several sessions; close it or use `with`."""
        command = [str(self.pg.bindir / "psql"), "-X", "-q", *options, *self.connection(db, user)]
        return Session(command, self.env)

    def fresh_database(self, name, template="template0"):
        """Make a database anew, in place of one that an earlier run left."""
        deadline = time.monotonic() + 20
        while not self._answers() and time.monotonic() < deadline:
            time.sleep(0.2)  # the server may be recovering from a crash that a test caused
        self.psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE);\n'
                  f'CREATE DATABASE "{name}" TEMPLATE "{template}";', db="postgres",
                  options=("-A", "-t", "-v", "VERBOSITY=terse", "-c",
                           "SET client_min_messages = warning", "-f", "-"))
        return name


def works_in(pid, folder):
    """Whether a process is a server that works in a data folder."""
    if Path("/proc/self/cwd").exists():
        return Path(f"/proc/{pid}/cwd").resolve() == folder.resolve()
    done = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)  # as on macOS; pg_ctl starts it with -D folder
    return str(folder) in done.stdout


def clusters():
    """The folder of all clusters."""
    folder = home() / "clusters"
    folder.mkdir(exist_ok=True)
    return folder


def all_clusters():
    """Every cluster that exists, to stop or remove it."""
    for folder in sorted(clusters().iterdir()):
        name, _, version = folder.name.rpartition("-")
        if name and version.isdigit():
            yield Cluster(int(version), name)
