"""`python -m ops package`: the package for Lambda, its size, and how quickly it starts."""

import tempfile
from pathlib import Path

from ops.packaging import bundle, cache, coldstart


def run(architecture: str) -> None:
    """Make the package for an architecture, offer it to Chalice, and tell how it compares on this machine.

    Raises:
        PackagingError: pip or Chalice could not get the libraries.
    """
    file = bundle.ROOT / "build" / f"fstream-{architecture}.zip"
    bundle.make(file, architecture)
    place = cache.offer(file, bundle.ROOT, architecture)
    print(f"{file.relative_to(bundle.ROOT)}, and {place.relative_to(bundle.ROOT)} for `chalice deploy`")
    with tempfile.TemporaryDirectory(prefix="fstream-") as temporary:
        package = Path(temporary, "package")
        bundle.build(package)
        to_floor, to_plain = coldstart.ratios(package, coldstart.make_plain(Path(temporary)))
    size = file.stat().st_size / 1e6
    print(f"zip {size:.1f} MB, cold start {to_floor:.2f} x floor, {to_plain:.2f} x plain")
