"""The package's SBOM lists what is in the zip file, and nothing else."""

import json
import zipfile
from base64 import b64encode
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from ops.packaging import PackagingError, libraries, licenses, lock, sbom
from ops.packaging.libraries import Library

SIX = Library("six", "1.17.0", "MIT", ("six.py", "data/model.json.gz"))


@pytest.fixture(scope="module")
def described(built: tuple[Path, list[Library]], zipped: Path) -> dict[str, Any]:
    sbom.write(zipped, built[1])
    content: dict[str, Any] = json.loads(sbom.path(zipped).read_text())
    return content


def small(folder: Path, *names: str) -> Path:
    file = folder / "small.zip"
    with zipfile.ZipFile(file, "w") as packed:
        for name in names:
            packed.writestr(name, f"content of {name}")
    return file


def files(component: dict[str, Any]) -> dict[str, str]:
    """Name and hash of a component's files."""
    return {file["name"]: file["hashes"][0]["content"] for file in component["components"]}


def python_libraries(described: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in described["components"] if each["purl"].startswith("pkg:pypi/")]


def test_it_is_valid_cyclonedx(described: dict[str, Any]) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(described)) is None


def test_the_validator_notices_a_wrong_field(described: dict[str, Any]) -> None:
    wrong = described | {"components": [{"type": "no such type", "name": "x"}]}
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(wrong)) is not None


def test_every_file_of_the_zip_file_is_in_it_once_with_its_hash(zipped: Path, described: dict[str, Any]) -> None:
    listed = [described["metadata"]["component"], *described["components"]]
    found = [pair for component in listed for pair in files(component).items()]
    with zipfile.ZipFile(zipped) as packed:
        assert sorted(found) == sorted((name, sha256(packed.read(name)).hexdigest()) for name in packed.namelist())


def test_libraries_have_the_versions_and_licenses_that_are_installed(described: dict[str, Any]) -> None:
    installed = python_libraries(described)
    assert {each["name"]: each["version"] for each in installed} == {name: version(name) for name in libraries.locked()}
    for each in installed:
        assert each["purl"] == f"pkg:pypi/{each['name']}@{each['version']}"
        assert licenses.is_accepted(each["licenses"][0]["expression"]), each["name"]
        assert each["name"] not in licenses.EXCEPTIONS


def test_the_libraries_of_the_web_client_are_listed_with_the_checksums_of_npm(described: dict[str, Any]) -> None:
    vendored = [each for each in described["components"] if each["purl"].startswith("pkg:npm/")]
    locked = json.loads((lock.ROOT / "ops" / "web" / "package-lock.json").read_text())["packages"]
    assert {"preact", "htm", "@preact/signals"} <= {each["name"] for each in vendored}
    assert "pkg:npm/%40preact/signals@" in str([each["purl"] for each in vendored])
    for each in vendored:
        archive = locked[f"node_modules/{each['name']}"]
        assert each["version"] == archive["version"]
        assert f"sha512-{b64encode(bytes.fromhex(each['hashes'][0]['content'])).decode()}" == archive["integrity"]
        assert licenses.is_accepted(each["licenses"][0]["expression"])


def test_a_librarys_hash_is_that_of_the_list_of_its_files(described: dict[str, Any]) -> None:
    for each in python_libraries(described):
        listed = "".join(f"{content}  {name}\n" for name, content in files(each).items())
        assert each["hashes"] == [{"alg": "SHA-256", "content": sha256(listed.encode()).hexdigest()}]


def test_it_describes_this_very_file(zipped: Path, described: dict[str, Any]) -> None:
    digest = sha256(zipped.read_bytes()).hexdigest()
    assert described["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": digest}]


def test_bytecode_and_unpacked_data_belong_to_the_library_that_they_come_from(tmp_path: Path) -> None:
    names = ("six.py", "__pycache__/six.cpython-311.pyc", "data/model.json", "app.py")
    made = sbom.describe(small(tmp_path, *names), [SIX])
    assert [set(files(each)) for each in made["components"]] == [set(names[:3])]  # type: ignore[attr-defined]


def test_a_file_that_comes_from_nowhere_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(PackagingError, match=r"odd\.py is in the package"):
        sbom.describe(small(tmp_path, "six.py", "odd.py"), [SIX])


def test_a_library_without_a_license_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(PackagingError, match="The license of six is unknown"):
        sbom.describe(small(tmp_path, "six.py"), [SIX._replace(license="")])
