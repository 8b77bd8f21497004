"""The package that Lambda gets, as small and as quick to start as it can be.

`libraries` says what of the libraries runs in Lambda and gets it; `bundle` adds FSTREAM and bytecode, and packs all of
it; `cache` lets Chalice deploy that instead of a package of its own; `coldstart` measures it.
"""


class PackagingError(Exception):
    """The package can't be made; the message says why."""
