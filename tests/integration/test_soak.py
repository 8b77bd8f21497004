"""A soak of seconds: what `make soak` does for minutes."""

import sys
from pathlib import Path

from tests.support.site import Process, surroundings


def test_a_short_soak_finds_nothing_wrong(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.soak", "--minutes", "0.1"]
    with Process(command, tmp_path / "output.log", surroundings()) as soak:
        soak.wait_for("(trouble: kill_the_pump: 1, throttle: 1)")
        soak.wait_for(r"(Nothing is wrong\.)")
        assert soak.wait() == 0
        assert "post 200" in soak.output
        assert "Traceback" not in soak.output
