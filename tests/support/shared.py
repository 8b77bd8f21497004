"""Fixtures of a running FSTREAM, for the folders whose tests share it; their `conftest.py` imports them.

It ends with the folder's last test: otherwise its pump would poll the streams until all other tests have run.
"""

from collections.abc import Iterator

import pytest

from tests.support.site import Site, serving


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a FSTREAM started as by `make run`."""
    with serving(tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.fixture(scope="package")
def site(server: str) -> Site:
    """The server, for requests over plain HTTP."""
    return Site(server)
