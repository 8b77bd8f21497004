"""Settings: read from the environment, checked before anything starts."""

import os
import subprocess
import sys

import msgspec
import pytest

from fstream_app.core import packing
from fstream_app.core.settings import Rate, Settings, SettingsError, get, process

# Variable, a valid value at its limit, an invalid one, and other variables that must be set for these.
LIMITS = [
    ("MIN_LIFETIME", "1", "0", {}),
    ("MIN_LIFETIME", "86400", "86401", {}),
    ("MAX_LIFETIME", "86400", "86399", {}),
    ("MAX_LIFETIME", str(packing.MAX_LIFETIME), str(packing.MAX_LIFETIME + 1), {}),
    ("DEFAULT_LIFETIME", "60", "59", {}),
    ("DEFAULT_LIFETIME", "604800", "604801", {}),
    ("DEFAULT_LIFETIME", "1", "0", {"FSTREAM_MIN_LIFETIME": "1"}),
    ("MAX_CHARACTERS", "1", "0", {}),
    ("MAX_CHARACTERS", "5000", "5001", {}),
    ("SETTLING_TIME", "0", "-0.1", {}),
    ("SETTLING_TIME", "1.5", "nan", {}),
    ("SETTLING_BOUND", "1.5", "1.4", {}),
    ("TAIL_ENTRIES", "100", "99", {}),
    ("TAIL_REFRESH", "0", "-0.1", {}),
    ("TAIL_OVERLAP", "0", "-0.1", {}),
    ("LOG_SHARDS", "1", "0", {}),
    ("LOG_SHARDS", "64", "65", {}),
    ("PUBLIC_SHARDS", "1", "0", {}),
    ("PUBLIC_SHARDS", "64", "65", {}),
    ("PROFILE_CACHE", "0", "-0.1", {}),
    ("TRUSTED_PROXIES", "0", "-1", {}),
    ("TRUSTED_PROXIES", "8", "9", {}),
    ("CONNECTIONS", "https://a1.execute-api.eu-central-1.amazonaws.com/prod", "a1.execute-api/prod", {}),
    ("CONNECTIONS", "", "https://a1.example/prod?x", {}),
    ("ONLINE_SHARDS", "1", "0", {}),
    ("ONLINE_SHARDS", "64", "65", {}),
    ("LIVE_QUEUE", "https://sqs.eu-central-1.amazonaws.com/123456789012/fstream-prod-live", "fstream-prod-live", {}),
    ("LIVE_FOLLOWERS", "0", "-1", {}),
    ("LIVE_TOPIC", "0", "-1", {}),
    ("LIVE_TOPIC", "100000", "100001", {}),
    ("LIVE_RATE", "1", "0", {}),
    ("LIVE_RATE", "10000", "10001", {}),
    ("APP", "fstream_2", "f stream", {}),
    ("APP", "a", "", {}),
    ("STAGE", "pre-prod", "pre.prod", {}),
    ("TITLE", "a", " ", {}),
    ("TITLE", "a" * 60, "a" * 61, {}),
    ("DESCRIPTION", "a" * 500, "a" * 501, {}),
    ("LANGUAGE", "pt-BR", "pt_BR", {}),
    ("LANGUAGE", "sr-Latn-RS", "english", {}),
    ("LANGUAGE", "de", "", {}),
    ("CONTACT_EMAIL", "ada@fstream.example", "ada", {}),
    ("CONTACT_EMAIL", "", "ada@fstream", {}),
    ("CONTACT_ACCOUNT", "ada_2", "@ada", {}),
    ("CONTACT_ACCOUNT", "", "ada@fstream.example", {}),
    ("CONTACT_ACCOUNT", "a" * 30, "a" * 31, {}),
    ("SOURCE_URL", "https://git.example/fstream", "git.example", {}),
    ("SOURCE_URL", "", "https://", {}),
    ("SOURCE_URL", "http://" + "a" * 250, "http://" + "a" * 251, {}),
    ("BASE_URL", "https://fstream.example", "https://fstream.example/", {}),
    ("BASE_URL", "http://127.0.0.1:8000", "fstream.example", {}),
]

NOTE_WHO_ASKS = """
import sys
from fstream_app.core import settings

asked, get = set(), settings.get

def noted():
    asked.add(sys._getframe(1).f_code.co_filename.rpartition("/")[2])
    return get()

settings.get = noted
import app
print(sorted(asked))
"""
IMPORT_EVERYTHING = """\
import importlib, pkgutil, fstream_app
for found in pkgutil.walk_packages(fstream_app.__path__, "fstream_app."):
    importlib.import_module(found.name)
from fstream_app.core import settings
try:
    settings.get()
except settings.SettingsError as error:
    print(error)
"""

FIELDS = msgspec.structs.fields(Settings)


def read(**environment):
    return Settings.from_environment({f"FSTREAM_{name}": value for name, value in environment.items()})


@pytest.mark.parametrize(("variable", "accepted", "refused", "others"), LIMITS)
def test_a_setting_is_taken_up_to_its_limit_and_not_beyond(variable, accepted, refused, others):
    name = f"FSTREAM_{variable}"
    settings = Settings.from_environment({name: accepted, **others})
    field = variable.lower()
    assert getattr(settings, field) == type(getattr(Settings(), field))(accepted)
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({name: refused, **others})


@pytest.mark.parametrize("field", [field for field in FIELDS if field.type is not str], ids=lambda field: field.name)
def test_a_setting_of_another_type_is_refused_by_name(field):
    name = f"FSTREAM_{field.name.upper()}"
    with pytest.raises(SettingsError, match=f"{name} must be"):
        Settings.from_environment({name: "many"})


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_what_is_not_set_has_its_default(field):
    assert getattr(Settings.from_environment({}), field.name) == field.default


def test_the_defaults_are_themselves_within_the_limits():
    assert Settings.from_environment({}) == Settings()
    assert (Settings().min_lifetime, Settings().default_lifetime, Settings().max_lifetime) == (60, 86400, 604800)


@pytest.mark.parametrize("variable", ["REGISTRATIONS", "RATE_LIMITS"])
@pytest.mark.parametrize(
    ("text", "value"),
    [("on", True), ("ON", True), ("true", True), ("1", True), ("off", False), ("False", False), ("0", False)],
)
def test_a_switch_is_on_or_off(variable, text, value):
    assert getattr(read(**{variable: text}), variable.lower()) is value


@pytest.mark.parametrize("text", ["", "yes", "2", " on"])
def test_a_switch_is_nothing_else(text):
    with pytest.raises(SettingsError, match="FSTREAM_REGISTRATIONS must be on or off"):
        read(REGISTRATIONS=text)


@pytest.mark.parametrize("text", ["", "1.5", "1s"])
def test_a_whole_number_is_one(text):
    with pytest.raises(SettingsError, match="FSTREAM_MAX_CHARACTERS must be a whole number"):
        read(MAX_CHARACTERS=text)


@pytest.mark.parametrize("text", ["1/1", "300/10800", "999999999/999999999"])
def test_a_rate_is_a_count_and_seconds(text):
    rate = read(RATE_POSTS=text).rate_posts
    assert rate == Rate(*map(int, text.split("/")))
    assert str(rate) == text


@pytest.mark.parametrize(
    "text",
    ["", "300", "0/300", "300/0", "-1/300", "300/-1", "1.5/300", "300/5m", "3/3/3", " 3/3", "3 / 3", "1/1000000000"],
)
def test_a_rate_is_nothing_else(text):
    with pytest.raises(SettingsError, match="FSTREAM_RATE_POSTS must be a count and seconds"):
        read(RATE_POSTS=text)


def test_a_default_lifetime_outside_the_lifetimes_is_refused_by_naming_all_three():
    with pytest.raises(SettingsError, match=r"DEFAULT_LIFETIME .* FSTREAM_MIN_LIFETIME .* FSTREAM_MAX_LIFETIME"):
        read(MIN_LIFETIME="100", DEFAULT_LIFETIME="99")


def test_other_variables_are_ignored():
    assert Settings.from_environment({"PATH": "/bin", "FSTREAM_UNKNOWN": "1", "STAGE": "x"}) == Settings()


@pytest.mark.parametrize(
    ("base_url", "host"),
    [("https://fstream.example", "fstream.example"), ("http://127.0.0.1:8000", "127.0.0.1:8000")],
)
def test_the_host_is_that_of_the_base_url_with_its_port(base_url, host):
    assert read(BASE_URL=base_url).host == host


def test_the_name_of_a_table_carries_app_and_stage():
    assert read(APP="club", STAGE="pre-prod").table_name("users") == "club-pre-prod-users"


def test_settings_cannot_be_changed():
    with pytest.raises(AttributeError):
        Settings().stage = "other"  # type: ignore[misc]


def test_the_environment_is_read_once(monkeypatch):
    process.clear()
    monkeypatch.setenv("FSTREAM_TITLE", "Club")
    try:
        assert get().title == "Club"
        monkeypatch.setenv("FSTREAM_TITLE", "Other")
        assert get().title == "Club"
    finally:
        process.clear()


def test_no_module_of_the_domain_reads_the_settings_at_import():
    asked = subprocess.run(
        [sys.executable, "-c", IMPORT_EVERYTHING],
        env=os.environ | {"FSTREAM_SETTLING_TIME": "soon"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (asked.stdout, asked.stderr) == ("FSTREAM_SETTLING_TIME must be a number\n", "")


def test_of_the_handlers_only_what_chalice_decorates_reads_the_settings_at_import():
    asked = subprocess.run(
        [sys.executable, "-c", NOTE_WHO_ASKS], env=os.environ, capture_output=True, text=True, check=True, timeout=60
    )
    assert asked.stdout == "['api.py', 'app.py', 'events.py', 'live.py']\n"
