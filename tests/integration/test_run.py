"""`python -m ops run` and `chalice local`: the README's promises for running FSTREAM on one machine."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from ops import engine
from tests.support.site import ROOT, Process, Site, eventually, free_port, program, surroundings, unique
from tests.support.sockets import Socket

OPS = [sys.executable, "-m", "ops"]
STARTED = r"(?m)^(FSTREAM is at \S+)$"
ENGINE = r"is at http://127\.0\.0\.1:(\d+)"


@pytest.fixture
def port() -> int:
    return free_port()


@contextmanager
def running(folder: Path, port: int, *options: str) -> Iterator[Process]:
    """Run FSTREAM as if started from a terminal."""
    command = [*OPS, "run", "--port", str(port), *options]
    with Process(command, folder / "output.log", surroundings(FSTREAM_RATE_LIMITS="off")) as started:
        yield started


def is_open(port: int) -> bool:
    """Return whether a server listens on the port."""
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def in_a_shell(command: str) -> Any:
    """Run a curl command in a shell, or make the same request where curl is missing; return the JSON."""
    if shutil.which("curl"):
        ended = subprocess.run(command, shell=True, capture_output=True, text=True, check=True, timeout=60)
        return json.loads(ended.stdout)
    curl, silent, url, *options = shlex.split(command)
    assert (curl, silent, set(options[::2]) - {"-d"}) == ("curl", "-s", set())
    form = dict(field.split("=", 1) for field in options[1::2])
    return requests.request("POST" if form else "GET", url, data=form, timeout=60).json()


def assert_nothing_is_left(fstream: Process, port: int) -> None:
    """Assert that it ended without an error, and its engine with it."""
    assert fstream.wait() == 0
    assert not is_open(port)
    assert not is_open(int(fstream.wait_for(ENGINE)))
    assert "Traceback" not in fstream.output


def test_the_address_and_the_first_steps_that_it_prints_work_until_ctrl_c(tmp_path: Path, port: int) -> None:
    with running(tmp_path, port) as fstream:
        fstream.wait_for(r"(?m)^(Ctrl-C stops it)")
        assert f"FSTREAM is at http://127.0.0.1:{port}\n" in fstream.output
        assert is_open(int(fstream.wait_for(ENGINE)))
        steps = re.findall(r"(?m)^  (curl .*)$", fstream.output)
        assert len(steps) == 3
        for step in steps:
            assert f"http://127.0.0.1:{port}/" in step
            assert "error" not in in_a_shell(step)
        fstream.send(signal.SIGINT)
        fstream.send(signal.SIGINT)  # an impatient user presses Ctrl-C twice
        assert_nothing_is_left(fstream, port)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_can_be_ended_while_it_is_starting(tmp_path: Path, port: int, number: signal.Signals) -> None:
    with running(tmp_path, port) as fstream:
        assert is_open(int(fstream.wait_for(ENGINE)))
        fstream.send(number)
        assert_nothing_is_left(fstream, port)


@pytest.mark.parametrize(
    ("options", "setting", "status", "words"),
    [
        (
            [],
            {},
            1,
            "FSTREAM: Port {port} is not available: Address already in use. Try another port: make run PORT={next}",
        ),
        ([], {"FSTREAM_MIN_LIFETIME": "long"}, 1, "FSTREAM: FSTREAM_MIN_LIFETIME must be a whole number"),
        (["--port", "0"], {}, 2, "argument --port: must be a number from 1 to 65535"),
        (["--engine", "steam"], {}, 2, "invalid choice: 'steam'"),
    ],
    ids=["port in use", "wrong setting", "no port", "unknown engine"],
)
def test_what_keeps_it_from_starting_is_reported_in_one_line(
    port: int, options: list[str], setting: dict[str, str], status: int, words: str
) -> None:
    with socket.socket() as other:
        if status == 1 and not setting:
            other.bind(("127.0.0.1", port))
            other.listen()
        command = [*OPS, "run", "--port", str(port), *options]
        ended = subprocess.run(
            command, cwd=ROOT, env=surroundings(**setting), capture_output=True, text=True, check=False, timeout=60
        )
    assert ended.returncode == status
    assert words.format(port=port, next=port + 1) in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def engine_of(fstream: Process) -> int:
    """Return the process id of its engine."""
    found = subprocess.run(["pgrep", "-P", str(fstream.pid)], capture_output=True, text=True, check=True)
    return int(found.stdout)


def assert_ended_for(fstream: Process, port: int, words: str) -> None:
    """Assert that it ended with an error that is one line with these words."""
    assert fstream.wait() == 1
    assert re.findall(r"(?m)^FSTREAM: .*$", fstream.output) == [words]
    assert "Traceback" not in fstream.output
    assert not is_open(port)


@pytest.mark.parametrize(
    ("number", "ending"),
    [(signal.SIGKILL, "was ended by SIGKILL"), (signal.SIGTERM, "exited with status 0, without any output")],
)
@pytest.mark.parametrize("moment", [ENGINE, STARTED], ids=["starting", "started"])
def test_when_its_engine_ends_it_ends_too_and_says_so(
    tmp_path: Path, port: int, moment: str, number: signal.Signals, ending: str
) -> None:
    with running(tmp_path, port) as fstream:
        fstream.wait_for(moment)
        os.kill(engine_of(fstream), number)
        words = f"FSTREAM: The local AWS emulator has ended, and all data with it: ministack {ending}"
        assert_ended_for(fstream, port, words)


@pytest.mark.parametrize("name", engine.NAMES)
def test_messages_are_delivered_on_every_engine(tmp_path: Path, port: int, name: str) -> None:
    with running(tmp_path, port, "--engine", name) as fstream, requests.Session() as connected:
        fstream.wait_for(rf"\(({name})\) is at")
        fstream.wait_for(STARTED)
        site = Site(f"http://127.0.0.1:{port}")
        ada, bob = site.sign_up(unique("ada")), site.sign_up(unique("bob"))
        site.post(f"/api/v1/accounts/{site.id_of(ada)}/follow", bob)
        opened = Socket(site, f"?stream=user&access_token={bob}")
        posted = site.say(ada, "hello #tag")["id"]
        assert site.home(ada) == [posted]
        assert eventually(lambda: site.home(bob)) == [posted]
        assert eventually(lambda: site.ids("/api/v1/timelines/tag/tag")) == [posted]
        opened.feed.wait("update", posted)
        assert site.request("DELETE", f"/api/v1/statuses/{posted}", ada).ok
        opened.feed.wait("delete", posted)
        assert site.home(bob) == site.home(ada) == []
        assert connected.get(site.url).ok  # the connection stays open, and must not delay the server's end
        fstream.send(signal.SIGTERM)
        assert opened.wait_until_closed() == 1001
        opened.close()
        assert_nothing_is_left(fstream, port)
        assert "hello" not in fstream.output


def test_plain_chalice_local_works_against_a_provisioned_engine(tmp_path: Path, port: int) -> None:
    site = Site(f"http://127.0.0.1:{port}")
    with engine.running() as started:
        environment = surroundings(FSTREAM_BASE_URL=site.url, PYTHONUNBUFFERED="1")  # its output is not buffered
        started.configure(environment)
        provisioned = subprocess.run(
            [*OPS, "provision"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=120
        )
        assert provisioned.stdout.startswith("All tables are ready.")
        chalice = [program("chalice"), "local", "--port", str(port)]
        with Process(chalice, tmp_path / "output.log", environment) as local:
            local.wait_for(rf"(Serving on http://127\.0\.0\.1:{port})")
            assert site.get("/api/v1/instance")["uri"] == site.host
            assert site.get("/api/v2/instance")["configuration"]["urls"] == {}  # it has no WebSockets
            ada = site.sign_up(unique("ada"))
            posted = site.say(ada, "hello")
            assert posted["url"].startswith(f"{site.url}/@ada")
            assert site.home(ada) == [posted["id"]]
            assert site.request("GET", "/nowhere").json()["error"]
            local.stop(signal.SIGTERM)
            # The reloader has ended; the process that serves ends moments later.
            assert eventually(lambda: not is_open(port))
