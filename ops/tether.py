"""Runs a module until the parent process ends: `python tether.py <module> <arguments>`.

Standard input is the tether: a pipe whose other end the parent holds and never writes to. When the parent ends, even by
SIGKILL, the system closes the pipe, and this process ends.
"""

import os
import runpy
import signal
import sys
import threading


def _end_with_the_parent() -> None:
    # os.read, because the interpreter aborts at shutdown while a thread waits in sys.stdin.
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Run the module named by the first argument; the other arguments are the module's."""
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
