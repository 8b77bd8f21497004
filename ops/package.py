"""`python -m ops package`: builds the package for Lambda, and measures its size and cold start."""

import tempfile
from pathlib import Path

from ops.packaging import bundle, cache, coldstart, sbom


def run(architecture: str) -> None:
    """Build the package for an architecture with its SBOM, put it into Chalice's cache, and compare its cold start.

    The cold start is measured on this machine, on a package for this machine.

    Raises:
        PackagingError: pip or Chalice could not fetch the libraries.
    """
    file = bundle.ROOT / "build" / f"fstream-{architecture}.zip"
    bundle.make(file, architecture)
    place = cache.offer(file, bundle.ROOT, architecture)
    print(f"Package: {file.relative_to(bundle.ROOT)}")
    print(f"Contents, as CycloneDX: {sbom.path(file).relative_to(bundle.ROOT)}")
    print(f"Copy for `chalice deploy`: {place.relative_to(bundle.ROOT)}")
    with tempfile.TemporaryDirectory(prefix="fstream-") as temporary:
        package = Path(temporary, "package")
        bundle.build(package)
        to_floor, to_plain = coldstart.ratios(package, coldstart.make_plain(Path(temporary)))
    size = file.stat().st_size / 1e6
    print(f"Size: {size:.1f} MB")
    print(f"Cold start, in CPU: {to_floor:.2f} x a minimal Chalice function, {to_plain:.2f} x Chalice's own package")
