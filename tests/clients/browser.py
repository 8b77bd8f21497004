"""A person's actions in a browser on the authorization page."""

import re
from urllib.parse import urlsplit

import requests

from tests.support.site import PASSWORD, Site
from tests.support.visitor import Page


def allow(site: Site, url: str, **typed: str) -> requests.Response:
    """Open the authorization page, fill its form in and submit it; return the response, without following it."""
    opened = requests.get(url, timeout=30)
    assert opened.ok, opened.text
    hidden = [each for each in Page(opened.text).all("input") if each.get("type") == "hidden"]
    carried = {each["name"]: each["value"] for each in hidden}
    return site.request("POST", urlsplit(url).path, data=carried | typed, allow_redirects=False)


def log_in(site: Site, url: str, name: str) -> requests.Response:
    """Allow what the application asks for, as this user."""
    return allow(site, url, decision="log_in", username=name, password=PASSWORD)


def shown_code(answer: requests.Response) -> str:
    """Return the code that the page shows to copy."""
    found = re.search(r'<code class="copy">([^<]+)</code>', answer.text)
    assert found, answer.text
    return found[1]
