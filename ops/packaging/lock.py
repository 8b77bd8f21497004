"""The lock files requirements*.txt, which `make lock` writes: every version, and the hashes of its files."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?==(?P<version>[^\s;\\]+)(?: ; (?P<marker>[^\\\n]+))?"
    r"(?P<hashes>(?: ?\\\n[^\\\n]*)*)",
    re.MULTILINE,
)
_HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")


@dataclass(frozen=True)
class Pin:
    """A locked library. Any of the hashes fits: each version has several files, for Pythons and platforms."""

    name: str
    """The name in lower case, with hyphens."""
    version: str
    hashes: tuple[str, ...]
    marker: str = ""
    """The environment that needs it, as in PEP 508; empty for every environment."""

    def __str__(self) -> str:
        marker = f" ; {self.marker}" if self.marker else ""
        return " \\\n".join([f"{self.name}=={self.version}{marker}", *(f"    --hash={each}" for each in self.hashes)])


def normalized(name: str) -> str:
    """Return a library's name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read(file: Path) -> list[Pin]:
    """Read a lock file."""
    found = _PIN.finditer(re.sub(r"^\s*#.*\n", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE))
    return [
        Pin(
            normalized(pin["name"]),
            pin["version"],
            tuple(_HASH.findall(pin["hashes"])),
            (pin["marker"] or "").strip(),
        )
        for pin in found
    ]
