"""Fault tests: whatever fails, no message is lost or shown twice, and every count is exact."""

import os

import pytest

SEEDS = range(int(os.environ.get("FSTREAM_TEST_SEEDS", "2")))

pytest.register_assert_rewrite("tests.integration.faults.world")
