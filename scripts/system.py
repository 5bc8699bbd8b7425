"""The ground under the other scripts: paths, running commands, messages, locks, and who we are.

Everything that the scripts make lies in `home()`: that is build/ in the checkout, or, when the
checkout is somewhere that PostgreSQL's user cannot read (a clone under /root, say), a folder of
ours under /var/tmp.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"

os.umask(0o022)  # what we install must be readable by the server's user


class Problem(Exception):
    """Something the user has to know or do; shown without a traceback."""


def say(text):
    """Print one line about what is going on, in order with the output of commands."""
    print(text, flush=True)


@contextlib.contextmanager
def problems_shown():
    """Wrap a script's main(): a Problem becomes a message and exit status 1."""
    try:
        yield
    except Problem as problem:
        sys.stdout.flush()
        sys.exit(f"error: {problem}")
    except KeyboardInterrupt:
        sys.exit("interrupted")


@contextlib.contextmanager
def timed(what):
    """Say what is being done and how long it took."""
    start = time.monotonic()
    say(f"== {what}")
    yield
    say(f"   ({time.monotonic() - start:.1f} s)")


def clean_env(**extra):
    """Our environment without the user's PG* and PGRX_* settings, which must not steer us."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    env.setdefault("USER", pwd.getpwuid(os.geteuid()).pw_name if user_has_name() else "nobody")
    env.setdefault("HOME", str(ROOT))
    env.update(LC_ALL="C.UTF-8", **extra)
    cargo_bin = Path(env.get("CARGO_HOME") or Path(env["HOME"], ".cargo")) / "bin"
    if os.path.isdir(cargo_bin) and str(cargo_bin) not in env.get("PATH", "").split(":"):
        env["PATH"] = f"{env.get('PATH', os.defpath)}:{cargo_bin}"
    return env


def user_has_name():
    """Containers may run us under a number that has no name."""
    with contextlib.suppress(KeyError):
        return bool(pwd.getpwuid(os.geteuid()).pw_name)
    return False


def which(program):
    """Where a program is, also looking where rustup puts cargo and in Debian's sbin folders."""
    return shutil.which(program, path=clean_env()["PATH"] + ":/usr/sbin:/sbin")


def output(command, env=None, **options):
    """Run quietly and return what it wrote; on failure a Problem that shows everything it wrote."""
    command = [str(part) for part in command]
    try:
        done = subprocess.run(command, env=env or clean_env(), text=True, errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, **options)
    except OSError as error:
        raise Problem(f"cannot run {command[0]}: {error}") from error
    if done.returncode:
        raise Problem(f"{' '.join(command)} failed ({done.returncode}):\n"
                      f"{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def stream(command, env=None, **options):
    """Run with its output shown as it comes; False if it failed."""
    sys.stdout.flush()
    command = [str(part) for part in command]
    try:
        return subprocess.run(command, env=env or clean_env(), stdin=subprocess.DEVNULL,
                              **options).returncode == 0
    except OSError as error:
        raise Problem(f"cannot run {command[0]}: {error}") from error


def is_root():
    """Whether we may install packages, and must not run a server ourselves."""
    return os.geteuid() == 0


@lru_cache(maxsize=None)
def server_user():
    """The account that runs servers when we are root (PostgreSQL refuses root), else None."""
    if not is_root():
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Problem("neither a user postgres nor a user nobody exists to run PostgreSQL as")


def run_as(user):
    """The options of subprocess that run a command as `user` (None: as ourselves)."""
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}


def reachable(folder, user):
    """Whether `user` can read in a folder: decided by trying, as rights can be subtle."""
    check = ["/bin/sh", "-c", 'cd "$1" && ls >/dev/null', "sh", str(folder)]
    return subprocess.run(check, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          stdin=subprocess.DEVNULL, **run_as(user)).returncode == 0


def elsewhere():
    """The folder that stands in for build/ when PostgreSQL's user cannot reach build/."""
    return Path("/var/tmp") / f"customer_value-{hashlib.sha256(bytes(ROOT)).hexdigest()[:12]}"


@lru_cache(maxsize=None)
def home():
    """The folder for private installs, clusters and data; made if missing."""
    try:
        BUILD.mkdir(exist_ok=True)
        probe = tempfile.TemporaryFile(dir=BUILD)
        probe.close()
    except OSError as error:
        raise Problem(f"cannot write in {BUILD} ({error.strerror}). Was it made by another user? "
                      "Run as that user, or remove it.") from error
    if reachable(BUILD, server_user()):
        return BUILD
    folder = elsewhere()
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o755)
        say(f"PostgreSQL's user cannot read {BUILD}; private installs and clusters go to {folder}")
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise Problem(f"{folder} is not a folder that only we can write to; please remove it")
    if not reachable(folder, server_user()):
        raise Problem(f"PostgreSQL's user can read neither {BUILD} nor {folder}")
    return folder


@contextlib.contextmanager
def lock(name):
    """Let one run at a time do this; another run waits. Ends with the process, even if killed."""
    path = home() / f".{name}.lock"
    try:
        file = open(path, "a")
    except PermissionError as error:
        raise Problem(f"{path} belongs to another user, who ran this before. Run as that user, "
                      f"or remove {path.parent}.") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say(f"waiting for another run to finish ({name}) ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def made_whole(target):
    """Yield a new empty folder that becomes `target` only if the block succeeds.

    An interrupted run leaves a folder called .new-…; the next one removes it. Call under a lock.
    """
    for old in target.parent.glob(f".new-{target.name}-*"):
        shutil.rmtree(old, ignore_errors=True)
    new = Path(tempfile.mkdtemp(prefix=f".new-{target.name}-", dir=target.parent))
    new.chmod(0o755)
    try:
        yield new
        if target.exists():
            old = Path(tempfile.mkdtemp(prefix=f".new-{target.name}-", dir=target.parent))
            target.rename(old / "old")
            new.rename(target)
            shutil.rmtree(old, ignore_errors=True)
        else:
            new.rename(target)
    finally:
        shutil.rmtree(new, ignore_errors=True)
