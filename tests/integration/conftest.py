"""Fixtures for the integration tests: users on the local engine."""

import pytest

from tests.support.people import Api, Person


@pytest.fixture
def people(real_api: Api) -> tuple[Person, Person]:
    """Ada, and her follower Bob."""
    ada, bob = real_api.sign_up("ada"), real_api.sign_up("bob")
    real_api.act(bob, "follow", ada)
    real_api.deliver()
    return ada, bob
