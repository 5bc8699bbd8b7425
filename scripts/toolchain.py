"""What the build needs besides PostgreSQL: cargo, a C compiler and libclang."""

import os
import re
import subprocess
import sys
from pathlib import Path

import packages
from system import BUILD, Problem, clean_env, home, is_root, lock, made_whole, output, say, which

RUST = (1, 95)  # as in Cargo.toml
TOOLS = BUILD / "tools"


def ensure_cargo():
    """Check that Rust is here and new enough, and have a C compiler for it to link with."""
    if not which("cargo"):
        raise Problem("cargo is missing: please install Rust with rustup, then run again")
    found = re.search(r"(\d+)\.(\d+)", output(["rustc", "--version"]))
    if tuple(map(int, found.groups())) < RUST:
        raise Problem(f"Rust {RUST[0]}.{RUST[1]} or newer is needed, this is {found[0]}; "
                      "`rustup update stable` brings it")
    if not which("cc"):
        packages.apt_install(["gcc", "libc6-dev"], "Rust links with a C compiler")


def ensure_component(name):
    """Have cargo fmt and cargo clippy, which minimal installs of Rust lack."""
    if subprocess.run(["cargo", name, "--version"], env=clean_env(), stdout=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL).returncode:
        component = {"fmt": "rustfmt"}.get(name, name)
        if not which("rustup"):
            raise Problem(f"`cargo {name}` is missing: please install {component}")
        say(f"installing {component} with rustup: the tests run cargo {name}")
        output(["rustup", "component", "add", component])


def libclang_env():
    """What bindgen needs to find libclang: nothing if the system has it, as a rule."""
    if "LIBCLANG_PATH" in os.environ or sys.platform == "darwin" or system_libclang():
        return {}  # on macOS, bindgen finds that of Xcode's command line tools
    private = home() / "libclang"
    if not private.exists():
        if is_root():
            packages.refresh_lists(["libclang-dev"])
            packages.apt_install(libclang_packages(), "bindgen reads PostgreSQL's headers with it")
            return {}
        with lock("libclang"), made_whole(private) as new:
            packages.apt_unpack(libclang_packages(), new,
                                "bindgen reads PostgreSQL's headers with libclang")
    libraries = sorted(private.glob("usr/lib/llvm-*/lib/libclang*.so*")) + sorted(
        private.glob("usr/lib/*/libclang*.so*"))
    headers = sorted(private.glob("usr/lib/llvm-*/lib/clang/*/include"))
    if not libraries or not headers:
        raise Problem(f"{private} holds no libclang; please remove it and run again")
    # libclang's own libraries lie in the multiarch folder of what we unpacked.
    folders = sorted({str(path) for path in private.glob("usr/lib/*-linux-gnu*")})
    return {"LIBCLANG_PATH": str(libraries[0].parent),
            "LD_LIBRARY_PATH": ":".join(folders),
            "BINDGEN_EXTRA_CLANG_ARGS": f"-isystem {headers[0]}"}


def system_libclang():
    """Whether libclang with its headers is where bindgen looks for it."""
    folders = [Path(folder) for pattern in ("/usr/lib/llvm-*/lib", "/usr/lib/*-linux-gnu*",
                                            "/usr/lib64", "/usr/lib", "/usr/local/lib")
               for folder in Path("/").glob(pattern[1:])]
    library = any(re.match(r"libclang(-[\d.]+)?\.so", path.name)
                  for folder in folders for path in folder.glob("libclang*.so*"))
    headers = [path for pattern in ("usr/lib/llvm-*/lib/clang/*/include", "usr/lib/clang/*/include",
                                    "usr/lib64/clang/*/include", "usr/local/lib/clang/*/include")
               for path in Path("/").glob(pattern)]
    return bool(library and headers)


def libclang_packages():
    """The libclang of this system's default version, with the compiler's headers, no more."""
    depends = output(["apt-cache", "depends", "libclang-dev"]) if which("apt-cache") else ""
    default = re.search(r"Depends: libclang-(\d+)-dev", depends)
    if not default:
        return ["libclang-dev"]
    return [f"libclang1-{default[1]}", f"libclang-common-{default[1]}-dev"]
