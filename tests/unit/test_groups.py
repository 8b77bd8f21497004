"""The groups in which the tests run."""

import pytest

from tests.support import groups
from tests.support.site import ROOT


def test_every_group_names_files_or_folders_that_exist() -> None:
    assert [path for path in groups.TOGETHER if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    ("nodeid", "name"),
    [
        ("tests/e2e/test_deployed.py::test_x[a::b/c]", "cloud"),
        ("tests/e2e/test_interrupted.py::test_x", "interrupted"),
        ("tests/clients/toot/test_people.py::test_x", "server"),
        ("tests/unit/core/test_ids.py::test_x", "tests/unit/core/test_ids.py"),
    ],
)
def test_a_test_is_in_the_group_of_its_file_or_folder(nodeid: str, name: str) -> None:
    assert groups.group(nodeid) == name


def test_the_long_groups_start_first_and_unit_tests_last() -> None:
    files = ["tests/unit/core/test_ids.py", "tests/integration/test_run.py", "tests/e2e/b.py", "tests/browser/a.py"]
    assert sorted(files, key=groups.rank) == files[::-1]
