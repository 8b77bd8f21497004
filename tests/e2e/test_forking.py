"""Functions that are started by forking begin, fail and end as those that MiniStack starts itself."""

import json
import subprocess
import sys
from pathlib import Path

from tests.e2e import cloud
from tests.support.site import surroundings

CODE = {
    "works": "import os\ncalls = []\ndef handle(*call):\n    calls.append(call)\n    return os.getpid(), len(calls)",
    "fails": "import works\nworks.calls.append('left')\nassert works.calls == ['left']\nimport missing",
    "ends": "import sys\nsys.exit('the end')",
}
"""Modules, each of which is a function's."""
PROGRAM = f"""
import io, json, os, zipfile
from ministack.core import lambda_runtime

content = io.BytesIO()
with zipfile.ZipFile(content, "w") as package:
    for name, code in {CODE!r}.items():
        package.writestr(name + ".py", code)

def start(name):
    arn = "arn:aws:lambda:us-east-1:000000000000:function:" + name
    config = {{"FunctionName": name, "FunctionArn": arn, "Handler": name + ".handle", "Runtime": "python3.11"}}
    return lambda_runtime.Worker(name, config, content.getvalue())

def call(worker):
    try:
        return worker.invoke({{}}, "request")["result"]
    except RuntimeError as error:
        return str(error)

one, other = start("works"), start("works")
found = [call(one), call(one), call(other)]
os.kill(found[0][0], 9)
one._proc.wait(10)
found += [call(one), *(call(start(name)) for name in ("fails", "fails", "ends"))]
print(json.dumps(found), flush=True)
os._exit(0)  # without ending any process
"""


def test_each_process_is_new_a_failed_import_says_why_and_none_is_left_behind(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=surroundings(PYTHONPATH=str(cloud.SHIM), TMPDIR=str(tmp_path)),
        capture_output=True,  # until the last process that has the same output has ended
        text=True,
        timeout=60,
        check=True,
    )
    first, again, other, after, *failed = json.loads(done.stdout)
    assert [calls for _, calls in (first, again, other, after)] == [1, 2, 1, 1]
    assert first[0] == again[0]
    assert len({first[0], other[0], after[0]}) == 3
    assert "No module named 'missing'" in failed[0]
    assert failed[1] == failed[0]
    assert "exited immediately" in failed[2]
