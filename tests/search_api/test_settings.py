"""Settings come from the environment, are refused with the name and the cure, and stand in docs/operations.md."""

from __future__ import annotations

import re

import pytest

from search_api.settings import PREFIX, Settings, SettingsError, read_settings
from tests.conftest import ROOT

OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_settings_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable sets its setting, several values are cut at commas and spaces, and the command line comes first."""
    monkeypatch.setenv("CASEBOOK_PORT", "8123")
    monkeypatch.setenv("CASEBOOK_HOSTS", "Casebook.council.example, 10.0.0.7")
    monkeypatch.setenv("CASEBOOK_RATE_LIMIT", "60/minute")
    monkeypatch.setenv("CASEBOOK_FRAME_ANCESTORS", "https://council.sharepoint.com https://*.example:8443")
    settings = read_settings(port=9000, host=None)
    assert (settings.port, settings.host) == (9000, "127.0.0.1")
    assert settings.hosts == ("casebook.council.example", "10.0.0.7")
    assert settings.frame_ancestors == ("https://council.sharepoint.com", "https://*.example:8443")
    assert settings.rate is not None
    assert (settings.rate.amount, settings.rate.get_expiry()) == (60, 60)


def test_closed_by_default() -> None:
    """Without any setting nobody else is let in, and no other page may ask or frame."""
    settings = Settings()
    assert settings.host == "127.0.0.1"
    assert settings.hosts == settings.cors_origins == settings.frame_ancestors == settings.trusted_proxies == ()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "70000", "0 to 65535"),
        ("PORT", "eight", "integer"),
        ("QUEUE", "0", "greater than or equal to 1"),
        ("LOG_LEVEL", "trace", "'debug', 'info', 'warning' or 'error'"),
        ("HOSTS", "https://casebook.example", "without https://"),
        ("CORS_ORIGINS", "*", "https://intranet.example"),
        ("CORS_ORIGINS", "https://intranet.example/page", "without a path"),
        ("FRAME_ANCESTORS", "https://a.example; script-src *", "https://a.example;"),
        ("FRAME_ANCESTORS", "*", "https://council.sharepoint.com"),
        ("RATE_LIMIT", "often", "60/minute"),
        ("RELOAD_S", "-1", "greater than or equal to 0"),
    ],
)
def test_a_wrong_value(name: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong value is refused in a sentence that names the variable and says what is allowed."""
    monkeypatch.setenv(f"{PREFIX}{name}", value)
    with pytest.raises(SettingsError, match=re.escape(words)) as refused:
        read_settings()
    assert str(refused.value).startswith(f"{PREFIX}{name}: ")


def test_a_name_that_there_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt variable is refused with the names that there are, and is not passed over."""
    monkeypatch.setenv("CASEBOOK_HOST_NAMES", "a.example")
    with pytest.raises(SettingsError, match=r"CASEBOOK_HOST_NAMES.*CASEBOOK_HOSTS"):
        read_settings()


@pytest.mark.parametrize("name", ["CASEBOOK_ARTEFACT", "CASEBOOK_SITE"])
def test_a_name_that_there_was(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting of before there were versions is refused in a sentence that names what took its place."""
    monkeypatch.setenv(name, "build/site")
    with pytest.raises(SettingsError) as refused:
        read_settings()
    said = "CASEBOOK_BUILD names the folder with both artefact and site (default: build)."
    assert str(refused.value) == f"There is no setting {name} any more: {said}"


def test_each_setting_is_documented() -> None:
    """docs/operations.md lists every setting, in order, with its own words, and no other."""
    rows = re.findall(rf"^\| `{PREFIX}(\w+)` \| (.*?) \| (.*?) \|$", OPERATIONS, re.MULTILINE)
    assert [name.lower() for name, _, _ in rows] == list(Settings.model_fields)
    for name, default, description in rows:
        field = Settings.model_fields[name.lower()]
        assert description == field.description
        if name != "WORKERS":
            shown = field.default if not isinstance(field.default, bool) else str(field.default).lower()
            assert default == (f"`{shown}`" if shown not in ((), None) else "none")
