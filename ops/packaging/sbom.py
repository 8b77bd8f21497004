"""The package's bill of materials (SBOM), in CycloneDX 1.6: what the zip file really contains.

Every file of the zip file is listed with its hash, below the library that it comes from. Files that come from nowhere
stop the build.
"""

import json
import tomllib
import uuid
import zipfile
from base64 import b64decode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from importlib.util import source_from_cache
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from ops.packaging import PackagingError, lock
from ops.packaging.libraries import Library

OWN = ("app.py", "chalicelib", "fstream_app")
"""FSTREAM's own files and folders in the package."""
_FORMAT = {"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6"}
_LICENSE = "Apache-2.0"
_VENDORED = "chalicelib/web/vendor/libraries.json"
"""What the web client's vendored files were made of. They are in no file of their own, but joined into FSTREAM's."""

Json = dict[str, object]


def path(package: Path) -> Path:
    """Return the path of a package's SBOM."""
    return package.with_suffix(".cdx.json")


def write(package: Path, libraries: Iterable[Library]) -> None:
    """Write a package's SBOM beside it. Reproducible: the same package gives the same bytes.

    Raises:
        PackagingError: a file in the package is neither FSTREAM's nor a library's.
    """
    path(package).write_text(json.dumps(describe(package, libraries), indent=1) + "\n", encoding="utf-8")


def describe(package: Path, libraries: Iterable[Library]) -> Json:
    """Return a package's SBOM.

    Raises:
        PackagingError: a file in the package is neither FSTREAM's nor a library's.
    """
    with zipfile.ZipFile(package) as packed:
        hashes = {name: sha256(packed.read(name)).hexdigest() for name in packed.namelist()}
        vendored = json.loads(packed.read(_VENDORED)) if _VENDORED in hashes else []
    owners = {file.removesuffix(".gz"): library for library in libraries for file in library.files}
    files: dict[Library | None, list[str]] = {None: []}
    for name in hashes:
        source = _source(name)
        if source not in owners and source.partition("/")[0] not in OWN:
            raise PackagingError(f"{name} is in the package, but comes from no library")
        files.setdefault(owners.get(source), []).append(name)
    known = sorted((library for library in files if library is not None), key=lambda library: library.name)
    digest = sha256(package.read_bytes()).hexdigest()
    version = tomllib.loads((lock.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    own = {
        **_component("application", f"pkg:generic/fstream@{version}", "fstream", version, _LICENSE),
        "hashes": [_hash(digest)],
        "components": _files("pkg:generic/fstream", files[None], hashes),
    }
    return {
        **_FORMAT,
        "serialNumber": f"urn:uuid:{uuid.UUID(digest[:32])}",
        "version": 1,
        "metadata": {"component": own},
        "components": [
            *(_library(library, files[library], hashes) for library in known),
            *(_vendored_library(each) for each in vendored),
        ],
        "dependencies": [
            {
                "ref": own["bom-ref"],
                "dependsOn": [*map(_address, known), *(_address_in_npm(each) for each in vendored)],
            }
        ],
    }


def _source(name: str) -> str:
    """Return the file from which a file in the package was made: bytecode's source, or the file itself."""
    return str(PurePosixPath(source_from_cache(name))) if name.endswith(".pyc") else name


def _address(library: Library) -> str:
    return f"pkg:pypi/{library.name}@{library.version}"


def _library(library: Library, files: Sequence[str], hashes: dict[str, str]) -> Json:
    if not library.license:
        raise PackagingError(f"The license of {library.name} is unknown: ops/packaging/licenses.py")
    component = _component("library", _address(library), library.name, library.version, library.license)
    listed = "".join(f"{hashes[name]}  {name}\n" for name in files)
    return {
        **component,
        "purl": _address(library),
        # The library's files in the package are fewer than those of its wheel, so this is the hash of what
        # `sha256sum` prints for them.
        "hashes": [_hash(sha256(listed.encode()).hexdigest())],
        "components": _files(_address(library), files, hashes),
    }


def _address_in_npm(library: dict[str, str]) -> str:
    return f"pkg:npm/{quote(library['name'])}@{library['version']}"


def _vendored_library(library: dict[str, str]) -> Json:
    """Describe a library of the web client. The hash is that of its archive in npm."""
    address = _address_in_npm(library)
    kind, _, digest = library["integrity"].partition("-")
    if kind != "sha512":
        raise PackagingError(f"The checksum of {library['name']} is no SHA-512: run make vendor-web")
    return {
        **_component("library", address, library["name"], library["version"], library["license"]),
        "purl": address,
        "hashes": [{"alg": "SHA-512", "content": b64decode(digest).hex()}],
        "components": [],
    }


def _component(kind: str, address: str, name: str, version: str, license_expression: str) -> Json:
    licenses = [{"expression": license_expression}]
    return {"type": kind, "bom-ref": address, "name": name, "version": version, "licenses": licenses}


def _files(address: str, files: Sequence[str], hashes: dict[str, str]) -> list[Json]:
    return [
        {"type": "file", "bom-ref": f"{address}#{name}", "name": name, "hashes": [_hash(hashes[name])]}
        for name in files
    ]


def _hash(content: str) -> Json:
    return {"alg": "SHA-256", "content": content}
