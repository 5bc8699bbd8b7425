"""What a release consists of: Debian packages, archives, the source for PGXN, and how they behave when used."""

import json
import re
import subprocess
import tarfile
import zipfile

import build
import chroot
import debian
import dist
import packages
import postgres
import pytest
from system import ROOT, Problem, clean_env, is_root, output, which

TRY = ROOT / "packaging" / "try_package.sh"
NEWER = f"{dist.release()}.1"  # a trial
# What lintian says of packages that are not Debian's own.
EXPECTED = {"initial-upload-closes-no-bugs"}


def made(pg, kinds, into, **options):
    """The paths of archives made for one version."""
    return list(dist.make([pg], kinds, into, **options))


def needs_debian():
    """Skip where no packages can be made."""
    if not debian.possible():
        pytest.skip("dpkg-dev is not here")


@pytest.fixture(scope="session")
def package(version, installed, tmp_path_factory):
    """The Debian package for a version."""
    needs_debian()
    [path] = made(version, ["deb"], tmp_path_factory.mktemp(f"package-{version}"))
    return path


@pytest.fixture
def unpacked(package, tmp_path):
    """The files of the Debian package."""
    folder = tmp_path / "unpacked"
    output(["dpkg", "-x", package, folder])
    return folder


def contents(folder):
    """The files below a folder by their path in it."""
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file()}


# The archives


def test_versions_agree():
    """All files name one version, and a tag of another is refused."""
    name = dist.release()
    assert dist.release(f"v{name}") == name
    with pytest.raises(Problem, match="9.9.9  tag v9.9.9"):
        dist.release("v9.9.9")


def test_package(version, unpacked, tmp_path):
    """The Debian package holds what `make install` installs, in Debian's places, and the documents."""
    pg = postgres.ensure(version)
    target = tmp_path / "target"
    output(["make", "install", f"DESTDIR={target}", f"PG_CONFIG={dist.headers_here(version)}"],
           cwd=ROOT, env=clean_env())
    for library in target.rglob("*.so"):
        dist.strip(library)
    asked = [output([dist.headers_here(version), option]).strip() for option in ("--pkglibdir", "--sharedir")]
    debian_places = [f"usr/lib/postgresql/{version}/lib", f"usr/share/postgresql/{version}"]
    expected = {}
    for path, content in contents(target).items():
        for place, in_debian in zip(asked, debian_places):
            if f"/{path}".startswith(f"{place}/"):
                expected[in_debian + f"/{path}".removeprefix(place)] = content
    assert len(expected) == len(contents(target)) >= 3
    documents = f"usr/share/doc/postgresql-{version}-customer-value"
    found = contents(unpacked)
    assert {path: found.pop(path) for path in expected} == expected
    assert sorted(found) == [f"{documents}/{name}" for name in
                             ("changelog.Debian.gz", "changelog.gz", "copyright")]
    assert pg.version == version


def test_package_control(version, package):
    """Name, owner, dependencies and sums of the Debian package."""
    fields = output(["dpkg-deb", "--field", package])
    name = f"postgresql-{version}-customer-value"
    assert package.name.startswith(f"{name}_{dist.release()}-1_")
    assert re.search(rf"^Package: {name}$", fields, re.M)
    assert re.search(rf"^Depends: postgresql-{version}, (.+, )?libc6 \(>= [\d.]+\)", fields, re.M)
    listing = output(["dpkg-deb", "--contents", package]).splitlines()
    assert all(re.match(r"(drwxr-xr-x|-rw-r--r--) root/root ", line) for line in listing)


def test_package_is_reproducible(version, package, tmp_path):
    """A second package is the same to the byte."""
    [again] = made(version, ["deb"], tmp_path / "again")
    assert again.read_bytes() == package.read_bytes()


def test_lintian(version, package):
    """Debian's checker of packages finds no errors and no warnings."""
    if not which("lintian"):
        if not is_root():
            pytest.skip("lintian is not here")
        packages.apt_install(["lintian"], "it checks Debian packages")
    done = subprocess.run(["lintian", "--allow-root", "--tag-display-limit=0", package], text=True,
                          env=clean_env(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    tags = re.findall(r"^[EW]: \S+: (\S+)", done.stdout, re.M)
    assert set(tags) <= EXPECTED, done.stdout


def test_tar(version, installed, tmp_path):
    """The archive holds the same files, what to do with them, and nothing of the machine that made it."""
    [path] = made(version, ["tar"], tmp_path)
    with tarfile.open(path) as archive:
        entries = archive.getmembers()
        top = path.name.removesuffix(".tar.xz")
        text = archive.extractfile(f"{top}/INSTALL").read().decode()
    names = {entry.name.removeprefix(f"{top}/") for entry in entries if entry.isfile()}
    share = f"share/extension/{build.EXTENSION}"
    assert names == {f"lib/{build.library_name(version)}", f"{share}.control", f"{share}--{dist.release()}.sql",
                     "INSTALL", *dist.DOCUMENTS}
    assert {entry.uname for entry in entries} == {"root"}
    assert {entry.mtime for entry in entries} == {dist.date()}
    assert f"PostgreSQL {version}" in text and '"$(pg_config --pkglibdir)/"' in text


def test_source(tmp_path):
    """The source archive is the committed tree below one folder, the same whenever it is made."""
    if not dist.in_git():
        pytest.skip("this is not a git checkout")
    (tmp_path / "again").mkdir()
    first, second = (dist.make_source(dist.release(), folder) for folder in (tmp_path, tmp_path / "again"))
    assert first.read_bytes() == second.read_bytes()
    tracked = output(["git", "ls-tree", "-r", "--name-only", "-z", "HEAD"], cwd=ROOT).split("\0")
    with zipfile.ZipFile(first) as archive:
        top = f"{build.EXTENSION}-{dist.release()}/"
        names = {name.removeprefix(top) for name in archive.namelist() if not name.endswith("/")}
        meta = json.loads(archive.read(f"{top}META.json"))
    assert names == set(filter(None, tracked))
    assert {entry["file"] for entry in meta["provides"].values()} <= names
    assert {entry["docfile"] for entry in meta["provides"].values()} <= names


# In use


def test_in_a_clean_system(shown, tmp_path):
    """The package installs into Debian's own PostgreSQL, works, is upgraded and removed without a trace."""
    needs_debian()
    version = chroot.SERVERS.get(chroot.suite())
    with shown():
        folder = chroot.ensure(f"postgresql-{version}", "adduser")
        [package] = made(version, ["deb"], tmp_path)
        [newer] = made(version, ["deb"], tmp_path, trial=NEWER)
    with chroot.copied(folder) as system:
        seen = [TRY.parent, tmp_path]
        chroot.run(system, "true", seen)  # makes the folders to mount on
        before = listing(system)
        said = chroot.run(system, f"{TRY} {package} {newer}", seen)
        assert f"PostgreSQL {version}: the package installs, works and leaves nothing behind" in said
        assert len(re.findall(r"^\w[^|]*\|\d+\|[\d.]+\|\d*$", said, re.M)) > 1, said
        assert listing(system) == before


def listing(system):
    """The files of a system, without what PostgreSQL and apt write as they work."""
    changing = ("/var/lib/postgresql/", "/var/log/", "/var/cache/", "/var/lib/dpkg/", "/var/lib/apt/",
                "/etc/postgresql/", "/run/")
    found = {f"/{path.relative_to(system)}" for path in system.rglob("*")}
    return {path for path in found if not path.startswith(changing)}
