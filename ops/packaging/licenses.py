"""The licenses of libraries, as SPDX expressions, and which of them FSTREAM accepts.

docs/licenses.md lists the accepted ones, and the libraries with exceptions.
"""

import re
from importlib.metadata import Distribution

ACCEPTED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "CNRI-Python",
        "ISC",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "MPL-2.0",
        "PSF-2.0",
        "Unlicense",
        "Zlib",
    }
)
"""Licenses under which a library may be used without further obligations for what uses it."""
EXCEPTIONS = {
    "axe-playwright-python": "MIT by its repository, without metadata; axe-core in it is MPL-2.0",
    "html2text": "GPL-3.0-or-later; a requirement of tooi",
    "pyte": "LGPL-3.0-only; a terminal in which tests run tooi",
    "textual-image": "LGPL-3.0-or-later; a requirement of tooi",
    "toot": "GPL-3.0-only; a client that tests run as a program",
    "toot-tooi": "GPL-3.0-only; a client that tests run as a program",
    "urwid": "LGPL-2.1-only; a requirement of toot",
}
"""Libraries with other licenses, which only tests use: they are never in the package."""
_NAMED = {
    "apache software license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache-2.0": "Apache-2.0",
    "bsd license": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "bsd": "BSD-3-Clause",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mit no attribution license (mit-0)": "MIT-0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
    "the unlicense (unlicense)": "Unlicense",
}
"""The names of licenses in older metadata, in lower case → SPDX. For BSD, the stricter form."""
_CLASSIFIER = "License :: OSI Approved :: "


def of(library: Distribution) -> str:
    """Return the SPDX expression of a library's license; an empty string if its metadata names none that is known.

    The metadata's expression (PEP 639) takes precedence over classifiers, and these over the free text.
    """
    about = library.metadata
    if "License-Expression" in about:
        return about["License-Expression"]
    classified = [each.removeprefix(_CLASSIFIER) for each in about.get_all("Classifier") or () if _CLASSIFIER in each]
    texts = classified or [about["License"].strip() if "License" in about else ""]
    named = [_NAMED.get(text.lower(), text if is_accepted(text) else "") for text in texts]
    return " AND ".join(dict.fromkeys(named)) if all(named) else ""


def is_accepted(expression: str) -> bool:
    """Return whether an SPDX expression allows the use under accepted licenses only."""
    ways = re.split(r" OR ", re.sub(r"[()]", "", expression))
    return any(all(name in ACCEPTED for name in re.split(r" AND ", way)) for way in ways)
