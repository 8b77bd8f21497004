"""The README's quickstart, run as printed against a server."""

import json
import re
import subprocess
from pathlib import Path

from tests.support.site import ROOT, Site, program, surroundings

QUICKSTART = re.compile(r"## Quickstart\n(.*?)\n## ", re.DOTALL)
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)

LIFETIME = 12
SLEEP = f"""
sleep() {{
    [ "$1" != 60 ] || {{ command sleep {LIFETIME}; return; }}
    [ "$1" != 1 ] || {{ until grep -q 'HTTP/1.1 101' $TMPDIR/live; do command sleep 0.1; done; command sleep 1; }}
    [ "$1" != 1 ] || return 0
    expected=$((${{expected:-0}} + 1))
    until [ "$(curl -s $URL/api/v1/timelines/home -H "Authorization: Bearer $BOB" | jq length)" = $expected ]; do
        command sleep 0.2
    done
}}"""
"""A busy machine may take longer than a second or two: wait until the client is connected, or until Bob's home has one
more message, instead."""
WAIT = """
wait() {
    until grep -o '{.*on its own.*' $TMPDIR/live; do command sleep 0.2; done
    kill $!
}"""
"""Likewise, listen until the message has come, however long it takes."""


def run(script: str, folder: Path) -> str:
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env=surroundings(TMPDIR=str(folder)),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_the_quickstart_does_what_it_says(site: Site, tmp_path: Path) -> None:
    found = QUICKSTART.search((ROOT / "README.md").read_text())
    assert found
    sign_up, use_toot, lifetime, live, export = BLOCK.findall(found.group(1))
    # The tests' server has another address, and allows shorter lifetimes, which saves most of a minute.
    lifetime = lifetime.replace("expires_in=60", f"expires_in={LIFETIME}")
    live = live.replace("--eof-wait 5", "-vv --eof-wait 300").replace("</dev/null &", "</dev/null >$TMPDIR/live 2>&1 &")
    script = f"{SLEEP}{WAIT}\n{sign_up}\n{use_toot}\necho ---\n{lifetime}\necho\necho ---\n{live}\necho ---\n"
    script += f"cd {tmp_path}\n{export}\ncat export.json"
    script = script.replace("127.0.0.1:8000", site.host).replace(".venv/bin/toot", program("toot"))
    script = script.replace(".venv/bin/wsdump", program("wsdump"))
    by_toot, by_curl, streamed, exported = run(script, tmp_path).split("\n---\n")
    assert "Successfully logged in" in by_toot
    assert "Hello, for a day" in by_toot.rpartition("activated")[2]
    posted, there, gone = (line for line in re.split(r"(?<=[}\]])(?=[\[])", by_curl.replace("\n", "")) if line)
    assert "Gone in a minute" in posted
    assert "Gone in a minute" in there
    assert "Gone in a minute" not in gone
    assert "Hello, for a day" in gone
    assert json.loads(streamed.splitlines()[0])["event"] == "update"
    texts = [status["text"] for status in json.loads(exported)["statuses"]]
    assert sorted(texts) == ["Hello, for a day", "This arrives on its own"]
