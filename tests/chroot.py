"""A small system of this machine's Debian, for what installs packages: made once, copied for each use.

What runs in it sees its own files, processes and network (none, unless asked), and ends with the command.
It takes root, and a kernel that lets root mount; unusable() says what is missing.
"""

import contextlib
import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import packages
import pytest
from system import BUILD, Problem, clean_env, is_root, lock, made_whole, output, say, which

FOLDER = BUILD / "chroots"
# The PostgreSQL that a Debian has.
SERVERS = {"bookworm": 15, "trixie": 17}
INSIDE = """
mount --make-rprivate /
mount --rbind /dev "$1/dev"
mount -t proc proc "$1/proc"
root=$1 script=$2; shift 2
for folder; do mkdir -p "$root$folder"; mount --rbind "$folder" "$root$folder"; done
exec chroot "$root" /bin/bash -euc "$script"
"""


def suite():
    """The name of this machine's Debian, or None."""
    release = Path("/etc/os-release")
    text = release.read_text() if release.exists() else ""
    found = re.search(r"^VERSION_CODENAME=(\w+)", text, re.M)
    return found[1] if found and re.search(r"^ID=debian", text, re.M) else None


def unusable():
    """Why there can be no chroot here, or None."""
    if not is_root():
        return "only root can make a chroot"
    if suite() not in SERVERS:
        return f"this is none of Debian's {', '.join(SERVERS)}"
    trial = "mount --make-rprivate /; mount -t proc proc /proc"
    namespaces = subprocess.run(["unshare", "--mount", "--pid", "--net", "--fork", "/bin/sh", "-euc", trial],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=clean_env())
    return None if namespaces.returncode == 0 else "the kernel lets us make no namespaces, or mount nothing in them"


def sources():
    """The lines of sources.list for this Debian, with the mirror that apt is set up with."""
    offers = output(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)",
                     "Created-By: Packages"])
    return [f"deb {line}" for line in sorted(set(offers.splitlines()))
            if re.fullmatch(rf"\S+ {suite()}(-updates|-security)? main", line)]


def bootstrap(folder, include):
    """Make a system in a folder, as apt is set up here."""
    if not which("mmdebstrap"):
        packages.apt_install(["mmdebstrap"], "it makes the system that packages are tried in")
    settings = folder.parent / f"{folder.name}.apt"
    settings.write_text(output(["apt-config", "dump", "Acquire::Check-Valid-Until"])
                        + output(["apt-config", "dump", "Acquire::Check-Date"])
                        + output(["apt-config", "dump", "Acquire::http"])
                        + output(["apt-config", "dump", "Acquire::https"]))
    try:
        output(["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", f"--aptopt={settings}",
                f"--include={','.join(include)}", suite(), folder, *sources()], env=packages.apt_env())
    finally:
        settings.unlink()


def base(include):
    """The folder of a system with these packages, made when it is first asked for."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(" ".join([suite(), *include]).encode()).hexdigest()[:12]
    folder = FOLDER / f"{suite()}-{name}"
    with lock("chroot"):
        if not folder.exists():
            say(f"making a system of Debian {suite()} with {' '.join(include)} in {folder}")
            with made_whole(folder) as new:
                bootstrap(new, include)
    return folder


def ensure(*include):
    """The folder of a system with these packages; where there can be none, the test is skipped."""
    why = unusable()
    if why:
        pytest.skip(why)
    try:
        return base(include)
    except Problem as problem:
        pytest.skip(f"no system to try packages in: {str(problem).splitlines()[0]}")


def layer(folder, script):
    """The system in `folder` after a script that may use the network, made when it is first asked for."""
    name = hashlib.sha256(f"{folder.name} {script}".encode()).hexdigest()[:12]
    made = FOLDER / f"{suite()}-{name}"
    with lock("chroot"):
        if not made.exists():
            say(f"running in a copy of {folder}:\n{script}")
            with made_whole(made) as new:
                copy(folder, new)
                if Path("/etc/resolv.conf").exists():
                    shutil.copyfile("/etc/resolv.conf", new / "etc/resolv.conf")
                run(new, script, network=True)
    return made


def copy(folder, new):
    """Fill an empty folder with a copy of a system."""
    output(["cp", "-a", "--reflink=auto", f"{folder}/.", new])


@contextlib.contextmanager
def copied(folder):
    """Yield a copy of a system, to change at will; it is removed afterwards."""
    new = FOLDER / f"used-{folder.name}"
    with lock("chroot-used"):
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        try:
            copy(folder, new)
            yield new
        finally:
            shutil.rmtree(new, ignore_errors=True)


def run(folder, script, seen=(), network=False):
    """Run a bash script in a system that also sees some folders of ours; what it wrote. A Problem if it fails."""
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", *([] if network else ["--net"]),
               "/bin/sh", "-euc", INSIDE, "sh", folder, script, *seen]
    env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root",
           "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    return output(command, env=env)
