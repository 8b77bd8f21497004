"""Groups of tests, each of which pytest-xdist runs in one process, and the order in which it starts them.

pytest-xdist 3.8's own groups have no effect with pytest 9.2, which keeps the names of tests in another attribute: each
test would be a group, and each process would start the programs that tests share.
"""

from functools import cache
from pathlib import PurePath

from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "tests/e2e/test_interrupted.py": "interrupted",
    "tests/e2e": "cloud",
    "tests/clients": "server",
    "tests/browser": "browser",
    "tests/unit/ops/test_packaging.py": "package",
    "tests/unit/ops/test_sbom.py": "package",
}
"""Groups, by file or folder, of tests that share what takes seconds to make, such as a program that they start."""

_LONG = ("browser", "interrupted", "cloud", "server")
"""The groups that take minutes, the longest first."""


class Groups(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Runs each group in one process, in the order of collection."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def group(nodeid: str) -> str:
    """Return the group of a test: by default, its file is a group."""
    return _group_of(nodeid.partition("::")[0])


@cache
def _group_of(path: str) -> str:
    file = PurePath(path)
    return next((TOGETHER[str(each)] for each in (file, *file.parents) if str(each) in TOGETHER), str(file))


def rank(nodeid: str) -> int:
    """Return when a test starts: 0 for those of the longest group. Files of unit tests, the shortest, come last."""
    name = group(nodeid)
    if name in _LONG:
        return _LONG.index(name)
    return len(_LONG) + nodeid.startswith("tests/unit/")
