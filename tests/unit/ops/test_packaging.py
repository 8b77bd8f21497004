"""The package for Lambda: its content, that it suffices to run, and that the same input makes the same bytes."""

import importlib.util
import json
import marshal
import os
import shutil
import subprocess
import sys
import zipfile
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path, PurePosixPath

import pytest

from ops import package as command
from ops.packaging import PackagingError, bundle, cache, coldstart, libraries, lock, sbom

ENOUGH = 6.4e6
"""The largest size of the zip file, in bytes."""
HANDLERS = {
    "app.app": coldstart.API,
    "chalicelib.events.fan_out": coldstart.FAN_OUT,
    "chalicelib.events.views": coldstart.FAN_OUT.replace("fan_out", "views"),
    "chalicelib.events.on_relationship": coldstart.FAN_OUT.replace("fan_out", "on_relationship"),
    "chalicelib.events.on_reaction": coldstart.FAN_OUT.replace("fan_out", "on_reaction"),
    "a password": "from fstream_app.people import passwords as p; assert p.verify(p.hash_password('secret'), 'secret')",
}
CLIENTS = """
import json, botocore.session
session = botocore.session.get_session()
regions = [r for p in session.get_available_partitions() for r in session.get_available_regions("dynamodb", p)]
found = {}
for region in regions:
    client = session.create_client("dynamodb", region)
    found[region] = client.meta.endpoint_url, client._client_config.region_name, client._request_signer.signing_name
model = client.meta.service_model
print(json.dumps([found, model.operation_names, model.shape_names, client.waiter_names]))
"""


def contents(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def python(program: str, folder: Path | None = None) -> str:
    """Run a program with only the modules of a folder, or (None) the installed ones; return its output."""
    isolated = ["-I", "-S"] if folder else ["-I", "-B"]
    paths = f"import sys; sys.path[:0] = [{str(folder)!r}]\n" if folder else ""
    return subprocess.check_output(
        [sys.executable, *isolated, "-c", paths + program], env=coldstart.surroundings(), text=True
    )


SEALING = """
from fstream_app.core import sealing
public, private = sealing.new_keys()
assert sealing.unseal(sealing.seal(b"text", public), [private]) == b"text"
"""
"""Uses a library that no handler imports before it is needed."""


@pytest.mark.parametrize("program", [*HANDLERS.values(), SEALING], ids=[*HANDLERS, "sealing"])
def test_what_lambda_calls_needs_nothing_but_the_package_and_writes_nothing(package: Path, program: str) -> None:
    before = contents(package)
    python(program, package)
    assert contents(package) == before


def test_every_module_has_bytecode_that_is_never_compared_with_its_source(package: Path) -> None:
    modules = [package / name for name in contents(package) if name.endswith(".py")]
    assert len(modules) > 200
    for module in modules:
        bytecode = Path(importlib.util.cache_from_source(str(module))).read_bytes()
        assert bytecode[:8] == importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little"), module
        assert marshal.loads(bytecode[16:]).co_filename == f"/var/task/{module.relative_to(package)}"


def test_it_is_small_enough(zipped: Path) -> None:
    assert zipped.stat().st_size <= ENOUGH


def test_what_does_not_run_in_lambda_stays_behind(package: Path) -> None:
    tops = {name.partition("/")[0] for name in contents(package)}
    assert tops.isdisjoint({"boto3", "s3transfer", "pip", "setuptools", "cffi", "pycparser", "ops", "tests", "bin"})
    assert not [top for top in tops if top.endswith((".dist-info", ".pth"))]
    assert {path.name for path in (package / "botocore" / "data").iterdir() if path.is_dir()} == {
        "apigatewaymanagementapi",
        "dynamodb",
        "sqs",
    }


def test_own_files_are_all_in_it(package: Path) -> None:
    for folder in ("chalicelib", "fstream_app"):
        own = {name for name in contents(bundle.ROOT / folder) if not name.endswith(".pyc")}
        assert {name for name in contents(package / folder) if not name.endswith(".pyc")} == own


def test_clients_are_the_same_in_every_region_as_with_all_of_botocore(package: Path) -> None:
    clients = json.loads(python(CLIENTS, package))
    assert clients == json.loads(python(CLIENTS))
    assert {"eu-central-1", "cn-north-1", "us-gov-west-1"} <= clients[0].keys()


def test_the_same_input_makes_the_same_bytes(zipped: Path, tmp_path: Path) -> None:
    file = tmp_path / "another.zip"
    bundle.make(file)
    assert file.read_bytes() == zipped.read_bytes()
    assert json.loads(sbom.path(file).read_text())["bomFormat"] == "CycloneDX"


def test_the_zip_file_contains_neither_times_nor_modes(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    for name in ("b.py", "a/z.py", "a/b.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x = 1\n")
    bundle.archive(folder, tmp_path / "first.zip")
    for path in folder.rglob("*.py"):
        path.chmod(0o700)
        os.utime(path, (1_700_000_000, 1_700_000_000))
    bundle.archive(folder, tmp_path / "second.zip")
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "first.zip") as packed:
        assert packed.namelist() == ["a/b.py", "a/z.py", "b.py"]
        assert {entry.external_attr >> 16 for entry in packed.infolist()} == {0o644}


@pytest.mark.parametrize(
    ("file", "is_needed"),
    [
        ("six.py", True),
        ("chalice/app.py", True),
        ("chalice/local.py", False),
        ("chalice/deploy/__init__.py", False),
        ("botocore/cacert.pem", True),
        ("botocore/data/partitions.json", True),
        ("botocore/data/dynamodb/2012-08-10/service-2.json.gz", True),
        ("botocore/data/dynamodb/2012-08-10/examples-1.json", False),
        ("botocore/data/dynamodb/2011-12-05/service-2.json.gz", False),
        ("botocore/data/dynamodbstreams/2012-08-10/service-2.json.gz", False),
        ("_cffi_backend.cpython-311-aarch64-linux-gnu.so", True),
        ("cffi/api.py", False),
        ("msgspec/_core.pyi", False),
        ("urllib3/contrib/socks.py", True),
        ("urllib3/contrib/emscripten/fetch.py", False),
        ("urllib3-2.8.0.dist-info/RECORD", False),
        ("../../../bin/jp.py", False),
        ("bin/jp.py", False),
        ("pynamodb/__pycache__/models.cpython-311.pyc", False),
    ],
)
def test_of_libraries_only_what_runs_is_taken(file: str, is_needed: bool) -> None:
    assert libraries.is_needed(PurePosixPath(file)) == is_needed


def test_what_is_deployed_is_what_is_tested() -> None:
    locked = libraries.locked()
    assert {name: pin.version for name, pin in locked.items()} == {name: version(name) for name in locked}
    direct = (bundle.ROOT / "requirements.in").read_text().splitlines()
    pinned = {f"{pin.name}=={pin.version}" for pin in locked.values()}
    assert {line for line in direct if not line.startswith("#")} <= pinned


def test_another_version_than_the_locked_is_not_packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "locked", lambda: {"six": lock.Pin("six", "0.1", ())})
    with pytest.raises(PackagingError, match=r"but the package needs 0\.1"):
        libraries.install(tmp_path)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder as pip's only package index."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": str(folder), "CONFIG_FILE": os.devnull}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.setattr(libraries, "LOCK", tmp_path / "lock.txt")
    return folder


def add_wheel(index: Path, platform: str, digest: str = "") -> None:
    """Add a wheel, and lock it with its hash, or with another."""
    about = "example-1.0.dist-info"
    file = index / f"example-1.0-py3-none-{platform}.whl"
    with zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr("example/__init__.py", f"PLATFORM = {platform!r}")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: example\nVersion: 1.0\nRequires-Dist: more\n")
        wheel.writestr(f"{about}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-{platform}\n")
        wheel.writestr(f"{about}/RECORD", "")
    pin = lock.Pin("example", "1.0", (f"sha256:{digest or sha256(file.read_bytes()).hexdigest()}",))
    libraries.LOCK.write_text(str(pin))


NEWEST = 26 if sys.version_info < (3, 12) else 34
"""glibc's minor version in Lambda's runtime for this Python."""


@pytest.mark.parametrize(
    ("architecture", "platform"),
    [
        ("arm64", "any"),
        ("arm64", "manylinux2014_aarch64"),
        ("arm64", f"manylinux_2_{NEWEST}_aarch64"),
        ("x86_64", f"manylinux_2_{NEWEST}_x86_64"),
    ],
)
def test_wheels_are_those_for_lambda_and_nothing_else_of_them_is_taken(
    index: Path, tmp_path: Path, architecture: str, platform: str
) -> None:
    add_wheel(index, platform)
    libraries.download(tmp_path / "package", architecture)
    assert contents(tmp_path / "package") == {"example/__init__.py"}


def test_a_wheel_with_another_hash_than_the_locked_is_not_packaged(index: Path, tmp_path: Path) -> None:
    add_wheel(index, "any", "0" * 64)
    with pytest.raises(PackagingError, match=r"(?i)^pip cannot download the libraries for arm64"):
        libraries.download(tmp_path / "package", "arm64")
    assert not (tmp_path / "package").exists()


@pytest.mark.parametrize(
    "platform", [f"manylinux_2_{NEWEST + 1}_aarch64", "manylinux_2_17_x86_64", "macosx_11_0_arm64"]
)
def test_wheels_that_would_not_run_in_lambda_are_no_wheels(index: Path, tmp_path: Path, platform: str) -> None:
    add_wheel(index, platform)
    with pytest.raises(PackagingError, match=r"^pip cannot download the libraries for arm64: .*example==1\.0$"):
        libraries.download(tmp_path / "package", "arm64")


def test_the_command_prints_size_and_start_and_chalice_takes_the_package(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle.copy_own(tmp_path)
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    monkeypatch.setattr(bundle, "build", lambda folder, *_: (shutil.copytree(package, folder), [])[1])
    monkeypatch.setattr(sbom, "write", lambda *_: None)
    monkeypatch.setattr(coldstart, "make_plain", lambda _: package)
    monkeypatch.setattr(coldstart, "ratios", lambda *_: (1.034, 0.296))
    command.run("arm64")
    file = tmp_path / "build" / "fstream-arm64.zip"
    megabytes = file.stat().st_size / 1e6
    assert capsys.readouterr().out.splitlines()[-2:] == [
        f"Size: {megabytes:.1f} MB",
        "Cold start, in CPU: 1.03 x a minimal Chalice function, 0.30 x Chalice's own package",
    ]
    found = cache.packager("arm64").create_deployment_package(str(tmp_path), f"python{libraries.PYTHON}")
    assert Path(found).read_bytes() == file.read_bytes()


def test_chalice_does_not_take_a_package_of_other_code(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "app.py").write_text("x = 1\n")
    (tmp_path / "package.zip").write_bytes(b"")
    place = cache.offer(tmp_path / "package.zip", project, "arm64")
    assert cache.offer(tmp_path / "package.zip", project, "arm64") == place
    (project / "app.py").write_text("x = 2\n")
    assert cache.offer(tmp_path / "package.zip", project, "arm64") != place


def test_a_cold_start_is_measured_alone(package: Path) -> None:
    assert coldstart.cold_start(coldstart.FLOOR, [package]) > 1
    with pytest.raises(subprocess.CalledProcessError):
        coldstart.cold_start("import pytest", [package])


def test_ratios_are_those_of_one_run(package: Path) -> None:
    to_floor, to_plain = coldstart.ratios(package, package, rounds=1)
    assert to_floor > 0
    assert to_plain > 0
