"""The web client in states that are rare: asleep, cut off, behind another clock, logged out elsewhere, in two windows."""

from collections.abc import Callable
from typing import Any

from selenium.webdriver import Keys

from tests.browser.people import Person, follow
from tests.browser.web_client import Client
from tests.support.site import Site

SECRET = "Schwalbenflug"
_SET = """
let shift = 0;
const now = Date.now.bind(Date);
Date.now = () => now() + shift;
window.setClock = (seconds) => { shift = 1000 * seconds; };
"""
"""Lets a test set the device's clock, as its owner or a time server does; a device that sleeps sees it leap, too."""
_WAKE = """
setClock(arguments[1]);
document.dispatchEvent(new Event("resume"));
return document.title.includes(arguments[0]) || document.documentElement.outerHTML.includes(arguments[0]);
"""
