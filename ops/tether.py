"""Runs a module for as long as the process that started it lives: `python tether.py <module> <arguments>`.

Standard input is the tether. The parent holds the other end of the pipe and never writes to it; however the
parent ends, even by SIGKILL, the system closes the pipe, and that ends this process.
"""

import os
import runpy
import signal
import sys
import threading


def _end_with_the_parent() -> None:
    # os.read, because a thread that waits in sys.stdin makes the interpreter abort when it shuts down.
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Run the module that the command line names, with the rest of the command line as its own."""
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
