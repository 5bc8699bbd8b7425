"""What others read of a release: META.json, workflows, Dockerfiles and manifests are valid, and the steps work."""

import json
import os
import re
import shlex
import subprocess
import tempfile
from pathlib import Path

import build
import checkers
import chroot
import debian
import dist
import postgres
import pytest
from system import ROOT, Problem, clean_env, home, output, stream

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PACKAGING = ROOT / "packaging"
MANIFEST = PACKAGING / "cloudnative-pg" / "cluster.yaml"
SCHEMA = ROOT / "tests" / "checks" / "cloudnative-pg.json"
DOCKERFILES = [PACKAGING / "Dockerfile", PACKAGING / "cloudnative-pg" / "Dockerfile"]


@pytest.fixture(scope="module")
def checker(shown):
    """Runs a program of the Python packages that check files; what it said, or a failure."""
    with shown():
        python, folder = checkers.ensure()

    def check(*command):
        done = subprocess.run([python, *command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=clean_env(PYTHONPATH=str(folder)))
        return done.returncode, done.stdout

    return check


def documents(checker, path):
    """The documents of a YAML file."""
    code, said = checker("-c", "import sys, json, ruamel.yaml as y; json.dump(list(y.YAML(typ='safe', pure=True)"
                         f".load_all(open({str(path)!r}))), sys.stdout)")
    assert code == 0, said
    return json.loads(said)


# META.json


def test_meta(shown):
    """PGXN's own validator accepts META.json, and refuses one without a license."""
    with shown():
        validator = checkers.ensure_pgxn_meta()
    assert output([validator, ROOT / "META.json"]).strip().endswith("META.json is OK")


def test_meta_without_license(shown, tmp_path):
    """The validator refuses a META.json without a license, so that its word counts."""
    with shown():
        validator = checkers.ensure_pgxn_meta()
    meta = json.loads((ROOT / "META.json").read_text())
    del meta["license"]
    (tmp_path / "META.json").write_text(json.dumps(meta))
    assert subprocess.run([validator, tmp_path / "META.json"], env=clean_env(), stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode != 0


def test_meta_says_what_the_control_file_says():
    """The abstract is the extension's comment."""
    meta = json.loads((ROOT / "META.json").read_text())
    comment = re.search(r"^comment = '(.*)'$", build.control(), re.M)[1]
    assert meta["abstract"] == meta["provides"][build.EXTENSION]["abstract"] == comment
    assert set(meta["provides"]) == {build.EXTENSION}


# Workflows


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow(checker, path):
    """A workflow is valid by the schema of workflows."""
    code, said = checker("-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", path)
    assert code == 0, said


def test_workflow_check_finds_mistakes(checker, tmp_path):
    """A job without a runner is refused."""
    (tmp_path / "bad.yml").write_text(WORKFLOWS[0].read_text().replace("runs-on", "runs-at"))
    code, said = checker("-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows",
                         tmp_path / "bad.yml")
    assert code == 1, said


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_steps_are_shell(checker, path):
    """Every step of a workflow is a script that bash can read, and what it starts of ours is there."""
    [workflow] = documents(checker, path)
    scripts = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    assert scripts
    for script in scripts:
        plain = re.sub(r"\$\{\{.*?\}\}", "true", script)
        done = subprocess.run(["bash", "-n"], input=plain, text=True, stderr=subprocess.PIPE, env=clean_env())
        assert done.returncode == 0, f"{script}\n{done.stderr}"
        for name in re.findall(r"(?:^|\s)((?:scripts|packaging)/\S+\.(?:py|sh))", script):
            assert os.access(ROOT / name, os.R_OK), name


def test_release_workflow_has_every_version(checker):
    """The release is made for each PostgreSQL that is supported."""
    [workflow] = documents(checker, ROOT / ".github/workflows/release.yml")
    asked = [re.findall(r"--pg (\d+)", step.get("run", "")) for step in workflow["jobs"]["build"]["steps"]]
    assert [str(version) for version in postgres.VERSIONS] in asked


# CloudNativePG


def test_manifest(checker, tmp_path):
    """The manifest is as the operator's reference has it, and names what the extension is called."""
    parts = documents(checker, MANIFEST)
    for number, part in enumerate(parts):
        (tmp_path / f"{number}.json").write_text(json.dumps(part))
    code, said = checker("-m", "check_jsonschema", "--schemafile", SCHEMA, *sorted(tmp_path.glob("*.json")))
    assert code == 0, said
    cluster, database = parts
    assert database["spec"]["cluster"]["name"] == cluster["metadata"]["name"]
    assert database["spec"]["extensions"] == [{"name": build.EXTENSION, "version": dist.release()}]
    [extension] = cluster["spec"]["postgresql"]["extensions"]
    assert f":{dist.release()}-18-" in extension["image"]["reference"]


def test_install_page():
    """The page that says how to install names the files of this release."""
    text = (ROOT / "docs" / "install.md").read_text()
    named = set(re.findall(r"customer[_-]value(?:--|-|_|:)(\d+\.\d+\.\d+)", text))
    assert named == {dist.release()}


# Dockerfiles


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_dockerfile(path):
    """A linter of Dockerfiles has no complaint, but that versions of Debian's packages are not pinned."""
    _, folder = checkers.ensure()
    output([folder / "bin/hadolint", "--failure-threshold", "info", "--ignore", "DL3008", path])


def test_linter_finds_mistakes(tmp_path):
    """A base image without a tag is a complaint."""
    _, folder = checkers.ensure()
    (tmp_path / "Dockerfile").write_text("FROM debian\n")
    with pytest.raises(Problem, match="DL3006"):
        output([folder / "bin/hadolint", tmp_path / "Dockerfile"])


def steps(checker, path, **arguments):
    """The instructions of a Dockerfile, one list per stage, with build arguments filled in."""
    code, said = checker("-c", "import sys, json, dockerfile_parse as d; json.dump([[i['instruction'], i['value']] "
                         f"for i in d.DockerfileParser({str(path)!r}).structure], sys.stdout)")
    assert code == 0, said
    stages = []
    for name, value in json.loads(said):
        if name == "FROM":
            stages.append([])
        if stages:
            for argument, filling in arguments.items():
                value = value.replace(f"${{{argument}}}", filling)
            stages[-1].append((name, value))
    return stages


def only(name, stage):
    """The values of one instruction in a stage."""
    return [value for instruction, value in stage if instruction == name]


def test_image_is_built(checker, shown, tmp_path):
    """The steps of the Dockerfile give an image in which the extension works.

    There is no container engine. In place of the official image stands a system with Debian's own PostgreSQL,
    in place of the copied Rust this machine's, in place of the copied source this checkout at its own place.
    """
    version = chroot.SERVERS.get(chroot.suite())
    _, stage, last = steps(checker, DOCKERFILES[0], PG_MAJOR=str(version))
    packages, make = only("RUN", stage)
    rust = [os.path.realpath(os.environ.get(name, default)) for name, default in
            (("CARGO_HOME", os.path.expanduser("~/.cargo")), ("RUSTUP_HOME", os.path.expanduser("~/.rustup")))]
    with shown():
        image = chroot.ensure(f"postgresql-{version}", "adduser")
        with_tools = chroot.layer(image, packages)
        with chroot.copied(with_tools) as system:
            chroot.run(system, f"export PATH={rust[0]}/bin:$PATH CARGO_HOME={rust[0]} RUSTUP_HOME={rust[1]} "
                       f"{PASSED}\ncd {ROOT}\n{make}", [*rust, ROOT])
            output(["cp", "-a", system / "package", tmp_path])
    assert only("COPY", last) == ["--from=build /package/ /"]
    with chroot.copied(image) as system:
        output(["cp", "-a", "--no-preserve=ownership", f"{tmp_path}/package/.", system])
        assert dist.release() in chroot.run(system, IN_IMAGE.format(version))


# What tells cargo how to compile, as in build.made_how, so that it need not compile again
PASSED = " ".join(f"{name}={shlex.quote(value)}" for name, value in os.environ.items()
                  if name.startswith(("CARGO_", "RUST")) and "HOME" not in name)
IN_IMAGE = """
pg_createcluster {0} image -o listen_addresses= --start >/dev/null
runuser -u postgres -- psql --cluster {0}/image -XqAtc 'CREATE EXTENSION customer_value' \
  -c "SELECT extversion FROM pg_extension WHERE extname = 'customer_value'"
"""


@pytest.fixture
def extension_image(checker, version, installed):
    """The files of the extension image, made by the steps of its Dockerfile outside of any container."""
    if version < 18:
        pytest.skip("PostgreSQL has had extension_control_path since 18")
    if not debian.possible():
        pytest.skip("dpkg-dev is not here")
    stage, last = steps(checker, DOCKERFILES[1], PG_MAJOR=str(version))
    with tempfile.TemporaryDirectory(dir=home()) as folder:
        os.chmod(folder, 0o755)
        [package] = dist.make([version], ["deb"], Path(folder, "packages"))
        assert only("COPY", stage) == [f"build/dist/{package.name.partition('_')[0]}_*.deb /packages/"]
        [run] = only("RUN", stage)
        script = re.sub(r"(?<![\w/.-])/(packages|package|image)\b", rf"{folder}/\1", run)
        assert stream(["bash", "-euc", script])
        assert only("COPY", last) == ["--from=files /image/ /"]
        yield Path(folder, "image")


def test_extension_image(extension_image, server):
    """PostgreSQL 18 finds the extension in the image's folders alone, and loads the library from there."""
    files = {str(path.relative_to(extension_image)) for path in extension_image.rglob("*") if path.is_file()}
    name = build.EXTENSION
    assert files == {f"lib/{name}.so", f"share/extension/{name}.control", "licenses/copyright",
                     f"share/extension/{name}--{dist.release()}.sql"}
    server.db = server.fresh_database("extension_image", template="template0")
    said = server.psql(f"""
        SET extension_control_path = '{extension_image}/share';
        SET dynamic_library_path = '{extension_image}/lib';
        CREATE EXTENSION {name};
        SELECT customer_value.order_count(customer_value.purchase_history(date '2024-01-01', 1::numeric));
        SELECT file_name FROM pg_get_loaded_modules() WHERE file_name LIKE '%{name}%';""")
    assert f"{extension_image}/lib/{name}.so" in said or f"\n{name}.so" in f"\n{said}"
