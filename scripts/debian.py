"""Debian packages of the built extension, made from the templates in packaging/debian.

Names and places are those of Debian's own PostgreSQL extensions: postgresql-18-customer-value,
/usr/lib/postgresql/18/lib, /usr/share/postgresql/18/extension.
"""

import gzip
import hashlib
import json
import shutil
import string
import tempfile
from email.utils import formatdate
from pathlib import Path

import packages
from system import ROOT, clean_env, is_root, output, which

TEMPLATES = ROOT / "packaging" / "debian"
REVISION = 1
TOOLS = ("dpkg-deb", "dpkg-shlibdeps")  # both from Debian


def possible():
    """Whether packages can be made here: with Debian's tools, which root may install."""
    return all(map(which, TOOLS)) or bool(is_root() and which("apt-get"))


def ensure_tools():
    """Have Debian's tools for packages."""
    if not all(map(which, TOOLS)):
        packages.apt_install(["dpkg-dev"], "it makes Debian packages")


def filled(name, **values):
    """A template of packaging/debian with its holes filled."""
    return string.Template((TEMPLATES / name).read_text()).substitute(values)


def libraries(library):
    """What the library depends on, as a list of Debian packages: the C library, as a rule."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "debian").mkdir()
        Path(folder, "debian/control").write_text("Source: customer-value\n\nPackage: any\nArchitecture: any\n")
        found = output(["dpkg-shlibdeps", "-O", library], cwd=folder)
    return found.strip().partition("shlibs:Depends=")[2]


def lay_out(tree, package, pg, folder):
    """Copy the files to where Debian's PostgreSQL looks for them."""
    shutil.copytree(folder / "lib", tree / f"usr/lib/postgresql/{pg}/lib")
    shutil.copytree(folder / "share/extension", tree / f"usr/share/postgresql/{pg}/extension")
    documents = tree / "usr/share/doc" / package
    documents.mkdir(parents=True)
    return documents


def compressed(path, content):
    """Write a compressed file without a date in it."""
    path.write_bytes(gzip.compress(content, 9, mtime=0))


def sums(tree):
    """The lines of md5sums, which dpkg --verify reads."""
    return "".join(f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(tree)}\n"
                   for path in sorted(tree.rglob("*"))
                   if path.is_file() and "DEBIAN" not in path.parts)


def make(pg, release, folder, into, when):
    """Make the package for a version of PostgreSQL from the files in `folder`; its path."""
    ensure_tools()
    package, version = f"postgresql-{pg}-customer-value", f"{release}-{REVISION}"
    architecture = output(["dpkg", "--print-architecture"]).strip()
    maintainer = json.loads((ROOT / "META.json").read_text())["maintainer"]
    with tempfile.TemporaryDirectory() as tree:
        tree = Path(tree, "tree")
        documents = lay_out(tree, package, pg, folder)
        (documents / "copyright").write_text(filled("copyright", maintainer=maintainer))
        compressed(documents / "changelog.gz", (ROOT / "CHANGELOG.md").read_bytes())
        compressed(documents / "changelog.Debian.gz",
                   filled("changelog", version=version, release=release, maintainer=maintainer,
                          date=formatdate(when)).encode())
        size = sum(path.stat().st_size for path in tree.rglob("*") if path.is_file())
        (tree / "DEBIAN").mkdir()
        (tree / "DEBIAN/control").write_text(filled(
            "control", package=package, version=version, architecture=architecture, pg=pg,
            maintainer=maintainer, size=-(-size // 1024),
            libraries=libraries(next((tree / "usr/lib").rglob("*.so")))))
        (tree / "DEBIAN/md5sums").write_text(sums(tree))
        for path in [tree, *tree.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        target = into / f"{package}_{version}_{architecture}.deb"
        output(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", tree, target],
               env=clean_env(SOURCE_DATE_EPOCH=str(when)))
    return target
