"""Dates as pages print them, to ISO 8601 exactly as precise as they are; what is unclear stays None, never guessed.

Relative times ("2 days ago", "yesterday") and dates without a year are None, because the day of reading is unknown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from data.relative import EAST_ASIAN, relative_time

# month names of the languages that news comments are mostly written in; one line per month, longest forms first
_MONTHS = """
january januar janvier enero gennaio januari janeiro stycznia styczeń января январь januára tammikuuta ocak jan jän jänner janv ene gen янв sty
february februar février febrero febbraio februari fevereiro lutego luty февраля февраль helmikuuta şubat feb fev févr fév fevr febr фев lut
march märz mars marzo maart março marca marzec марта март maaliskuuta mart mar mär mrz мар
april avril abril aprile kwietnia kwiecień апреля апрель huhtikuuta nisan apr avr abr апр kwi
may mai mayo maggio mei maio maja maj мая май toukokuuta mayıs mag
june juni juin junio giugno junho czerwca czerwiec июня июнь kesäkuuta haziran jun giu июн cze
july juli juillet julio luglio julho lipca lipiec июля июль heinäkuuta temmuz jul juil lug июл lip
august août agosto augustus augusti sierpnia sierpień августа август elokuuta ağustos aug ago aout авг sie
september septembre septiembre settembre setembro września wrzesień сентября сентябрь syyskuuta eylül sept sep set сен wrz
october oktober octobre octubre ottobre outubro października październik октября октябрь lokakuuta ekim oct okt ott out окт paź
november novembre noviembre novembro listopada listopad ноября ноябрь marraskuuta kasım nov ноя lis
december dezember décembre diciembre dicembre dezembro grudnia grudzień декабря декабрь joulukuuta aralık dec dez déc dic дек gru
""".strip().splitlines()  # noqa: E501
MONTHS = {name: number for number, line in enumerate(_MONTHS, 1) for name in line.split()}
_NAME = "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True))
_YEAR = r"(?P<y>(?:19|20)\d\d)(?!\d)"
_ORDINAL = r"(?:st|nd|rd|th|er|\.|º|ª)?"

_ISO = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)"
    r"(?:(?:T|\s{1,2}|,\s)(?P<H>\d\d):(?P<M>\d\d)(?::(?P<S>\d\d)(?:[.,]\d{1,9})?)?\s?(?P<z>Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d)?)?"
    r"(?!\d)"
)
_NAMED = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\w)(?P<d>\d{{1,2}}){_ORDINAL}[\s\-/,]{{0,3}}(?:of\s|de\s)?(?P<n>{_NAME})\b\.?[\s\-/,']{{0,3}}(?:de\s|del\s)?{_YEAR}",
        rf"(?<!\w)(?P<n>{_NAME})\b\.?[\s\-/]{{0,2}}(?P<d>\d{{1,2}}){_ORDINAL}[\s,\-/]{{1,3}}{_YEAR}",
        rf"(?<!\d)(?P<y>(?:19|20)\d\d)[\s,\-/]{{1,2}}(?P<n>{_NAME})\b\.?[\s\-/]{{1,2}}(?P<d>\d{{1,2}})(?!\d)",
        rf"(?<!\w)(?P<d>\d{{1,2}}){_ORDINAL}[\s\-]{{1,2}}(?P<n>{_NAME})\b\.?[\s\-]{{0,2}}'?(?P<y>\d\d)(?![\d:])",
    )
]
_MONTH_ONLY = re.compile(rf"(?<!\w)(?P<n>{_NAME})\b\.?,?\s{{1,2}}{_YEAR}", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(?<![\d./-])(?P<y>(?:19|20)\d\d)[./](?P<m>\d{1,2})[./](?P<d>\d{1,2})(?!\d)")
_EAST_ASIAN = re.compile(r"(?P<y>(?:19|20)\d\d)\s?[年년]\s?(?P<m>\d{1,2})\s?[月월]\s?(?P<d>\d{1,2})\s?[日일]")
_NUMERIC = re.compile(
    r"(?<![\d./:-])(?P<a>\d{1,2})(?P<sep>[./-])(?P<b>\d{1,2})(?P=sep)(?P<y>(?:19|20)\d\d|\d\d)(?![\d/]|\.\d|-\d)"
)
_TIME = re.compile(
    r"(?<![\d:.])(?P<H>\d{1,2})(?:[:h]|(?<=\d)\.(?=\d\d\s?(?:[ap]\.?m|Uhr|Hrs?\b)))(?P<M>\d\d)(?::(?P<S>\d\d))?(?!\d)"
    r"(?:\s?(?P<p>[ap])\.?\s?m\b)?(?:\s?(?P<z>Z\b|UTC\b|GMT\b(?!\s?[+-])|(?:UTC|GMT)?[+-]\d\d:?\d\d(?!\d)))?",
    re.IGNORECASE,
)
_HOUR = re.compile(r"(?<![\d:.])(?P<H>\d{1,2})\s?(?P<p>[ap])\.?m\b", re.IGNORECASE)
_HALF_DAY = re.compile(r"\d\s?[ap]\.?m\b", re.IGNORECASE)
_EPOCH = re.compile(r"\s*(\d{10})(?:\d{3}|\.\d+)?\s*")
SHORT = 90  # characters of a piece of text that says a time and little else
SHORT_EAST_ASIAN = 24  # the same where a character is a word
_DATEISH = re.compile(
    r"(?:19|20)\d\d|\d{1,2}[./-]\d{1,2}[./-]\d\d|\d{1,2}:\d\d|\d\s?[ap]\.?m\b",
    re.IGNORECASE,
)
_NO_YEAR = re.compile(
    rf"\b(?:\d{{1,2}}\.?\s+(?:{'|'.join(MONTHS)})\b|(?:{'|'.join(MONTHS)})\.?\s+\d{{1,2}})(?:st|nd|rd|th)?\b.{{0,12}}\d{{1,2}}:\d\d"
    r"|^\W*\d{1,2}:\d\d(?::\d\d)?\s*(?:[ap]\.?m\.?|uhr)?\W*$",
    re.IGNORECASE,
)
SEVERAL_DAYS = 3  # of one month, which may be but one of each of so many months
_TIME_REACH = 24  # characters between a date and its time


def iso_date(raw: str | None, *, day_first: bool | None = None) -> str | None:
    """Return the first date in `raw` as ISO 8601, or None; `day_first` settles 03/04/2020 where nothing else does."""
    found = find_date(raw, day_first=day_first) if raw else None
    return found[1] if found else None


def find_date(text: str, *, day_first: bool | None = None) -> tuple[str, str | None] | None:
    """Return the first date as printed, and in ISO 8601 (None where it is ambiguous); None when there is no date."""
    if not any(letter.isdigit() for letter in text):
        return None
    if match := _ISO.search(text):
        return match[0], _compose(match, match)
    for pattern in (*_NAMED, _EAST_ASIAN, _YEAR_FIRST, _NUMERIC, _MONTH_ONLY):
        if match := pattern.search(text):
            return _with_time(text, match, day_first)
    return None


def epoch_date(raw: str | None) -> str | None:
    """Return ISO 8601 for seconds or milliseconds since 1970, as attributes hold them; None for anything else."""
    match = _EPOCH.fullmatch(raw or "")
    if not match or not 100_000_000 < int(match[1]) < 4_102_444_800:
        return None
    return datetime.fromtimestamp(int(match[1]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_comes_first(texts: Iterable[str]) -> bool | None:
    """Tell 03/04/2020 by the other dates of the same page; None when none of them settles it."""
    texts = [text for text in texts if _NUMERIC.search(text)]
    dates = [date for text in texts for date in _NUMERIC.finditer(text) if date["sep"] != "."]
    votes = Counter(int(date["a"]) > 12 for date in dates if (int(date["a"]) > 12) != (int(date["b"]) > 12))
    if not votes and any(_HALF_DAY.search(text) for text in texts):
        return _by_constant_month(dates)
    return None if votes[True] == votes[False] else votes[True] > votes[False]


def _by_constant_month(dates: Sequence[re.Match[str]]) -> bool | None:
    """Tell several days of one month from the same day of several months, but for what comes on every first.

    Only asked beside a clock of twelve hours, which is no proof of America, but another sign.
    """
    for month, day, day_first in (("a", "b", False), ("b", "a", True)):
        months, days = {(int(date[month]), date["y"][-2:]) for date in dates}, {int(date[day]) for date in dates}
        if len(months) == 1 and len(days) >= SEVERAL_DAYS and int(dates[0][month]) > 1:
            return day_first
    return None


def _with_time(text: str, date: re.Match[str], day_first: bool | None) -> tuple[str, str | None]:
    """Join a date with the time beside it: after it by preference, else just before it."""
    after = text[date.end() : date.end() + _TIME_REACH]
    time = _TIME.search(after) or _HOUR.search(after)
    if time and not find_plain_date(after[: time.start()]):
        return text[date.start() : date.end() + time.end()].strip(), _compose(date, time, day_first)
    before = text[max(0, date.start() - _TIME_REACH) : date.start()]
    time = next(iter(list(_TIME.finditer(before))[-1:]), None)
    if time and len(before) - time.end() <= 8:
        return text[date.start() - len(before) + time.start() : date.end()], _compose(date, time, day_first)
    return date[0], _compose(date, None, day_first)


def find_plain_date(text: str) -> bool:
    """Tell whether another date begins here, to which a later time belongs."""
    return any(pattern.search(text) for pattern in (_NAMED[0], _NAMED[1], _NUMERIC))


def _compose(date: re.Match[str], time: re.Match[str] | None, day_first: bool | None = None) -> str | None:
    """Return the ISO form of the matched parts; None when they are no date or may be two."""
    parts = date.groupdict()
    if "a" in parts:
        parts["d"], parts["m"] = _day_month(date, day_first)
    month = MONTHS[parts["n"].lower()] if parts.get("n") else int(parts.get("m") or 0)
    year = int(parts["y"]) if len(parts["y"]) == 4 else _century(int(parts["y"]))
    if "d" not in parts:
        return f"{year:04d}-{month:02d}"
    try:
        day = datetime(year, month, int(parts["d"] or 0)).strftime("%Y-%m-%d")
    except ValueError:
        return None
    return day + (_clock(time) if time else "")


def _day_month(date: re.Match[str], day_first: bool | None) -> tuple[str | None, str | None]:
    """Order the two small numbers of a numeric date; (None, None) when nothing tells."""
    first, second = date["a"], date["b"]
    if int(first) > 12 or date["sep"] == ".":
        return first, second
    if int(second) > 12:
        return second, first
    if first == second:
        return first, second
    if day_first is None:
        return None, None
    return (first, second) if day_first else (second, first)


def _century(year: int) -> int:
    return 2000 + year if year < 60 else 1900 + year


def _clock(time: re.Match[str]) -> str:
    """Return `THH:MM[:SS][zone]`, or nothing when the numbers are no time."""
    parts = time.groupdict()
    if parts.get("H") is None:
        return ""
    hour, minute = int(parts["H"]), int(parts.get("M") or 0)
    if parts.get("p"):
        hour = hour % 12 + (12 if parts["p"].lower() == "p" else 0)
    if hour > 23 or minute > 59:
        return ""
    seconds = f":{parts['S']}" if parts.get("S") else ""
    return f"T{hour:02d}:{minute:02d}{seconds}{_zone(parts.get('z'))}"


def _zone(raw: str | None) -> str:
    if not raw:
        return ""
    offset = re.sub(r"(?i)utc|gmt|z", "", raw)
    if not offset:
        return "Z"
    return offset if ":" in offset else f"{offset[:3]}:{offset[3:]}"


def is_date_text(text: str) -> bool:
    """Tell whether a short text says a time, exact or relative."""
    if not 3 <= len(text) <= SHORT:
        return False
    if said := relative_time(text):
        return said[-1] not in EAST_ASIAN or len(text) <= SHORT_EAST_ASIAN
    if not _DATEISH.search(text):
        return False
    if _NO_YEAR.search(text):
        return True
    found = find_date(text)
    return found is not None and len(found[0]) >= 7
