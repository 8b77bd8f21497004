"""The deployment package for Lambda, made small and quick to start.

`libraries` selects and fetches the parts of the libraries that run in Lambda. `bundle` adds FSTREAM's code and
bytecode, and makes the zip file. `cache` makes Chalice deploy that file instead of building its own package.
`coldstart` measures how quickly the package starts.
"""


class PackagingError(Exception):
    """The package cannot be built; the message says why."""
