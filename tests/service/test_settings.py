"""Settings: bounds, misspelt names, and their documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.settings import PREFIX, Settings, SettingsError, read_settings

DOCS = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


def test_every_setting_is_documented_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE))
    fields = {PREFIX + name.upper(): field for name, field in Settings.model_fields.items()}
    assert set(rows) == set(fields)
    for name, field in fields.items():
        default = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
        assert rows[name] == (f"`{default}`" if default else "empty")


def test_every_setting_says_what_it_means() -> None:
    assert all((field.description or "").endswith(".") for field in Settings.model_fields.values())


def test_settings_come_from_the_environment() -> None:
    settings = read_settings({"BELOWLINE_PORT": "9000", "belowline_demo": "true", "PATH": "/bin"})
    assert (settings.port, settings.demo) == (9000, True)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"BELOWLINE_PROT": "9000"}, "Unknown setting BELOWLINE_PROT"),
        ({"BELOWLINE_PORT": "many"}, "The setting BELOWLINE_PORT is wrong"),
        ({"BELOWLINE_PORT": "70000"}, "less than or equal to 65535"),
        ({"BELOWLINE_PERSPECTIVE_PROFILE": "talk"}, "BELOWLINE_PERSPECTIVE_PROFILE"),
        ({"BELOWLINE_PUBLIC_URL": "comments.paper.example"}, "PUBLIC_URL is wrong: it is an address such as https://"),
        ({"BELOWLINE_PUBLIC_URL": "https://[::1"}, "it is an address"),
        ({"BELOWLINE_PUBLIC_URL": "HTTPS://paper.example"}, "it is an address"),
        ({"BELOWLINE_CORS_ORIGINS": "*"}, "BELOWLINE_CORS_ORIGINS is wrong: each is an origin such as https://"),
        ({"BELOWLINE_CORS_ORIGINS": "https://paper.example, paper.example"}, "each is an origin"),
        ({"BELOWLINE_CORS_ORIGINS": "https://paper.example/comments"}, "each is an origin"),
    ],
)
def test_a_wrong_name_or_value_is_refused_in_a_sentence(environment: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(words)) as refused:
        read_settings(environment)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["", "https://paper.example", "http://paper.example:8080/moderation/", "http://[::1]:8000"]
)
def test_a_public_address_is_taken_as_it_is(url: str) -> None:
    assert read_settings({"BELOWLINE_PUBLIC_URL": url}).public_url == url
