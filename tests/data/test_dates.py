"""Dates as pages print them."""

from __future__ import annotations

import pytest

from data.dates import day_comes_first, epoch_date, find_date, is_date_text, iso_date
from data.relative import relative_time


@pytest.mark.parametrize(
    ("printed", "iso"),
    [
        ("September 17, 2014 - 1:01 pm", "2014-09-17T13:01"),
        ("5. Januar 2019 um 03:32", "2019-01-05T03:32"),
        ("29/07/2004, 19h46", "2004-07-29T19:46"),
        ("Wed, 17 Sep 2014 13:01:05 +0200", "2014-09-17T13:01:05+02:00"),
        ("2025-09-17T18:26:47Z", "2025-09-17T18:26:47Z"),
        ("19:04 on 12 Mar 2021", "2021-03-12T19:04"),
        ("le 3 février 2020 à 14h05", "2020-02-03T14:05"),
        ("12:00 AM, May 7th, 2009", "2009-05-07T00:00"),
        ("04.06.2022", "2022-06-04"),
        ("September 2019", "2019-09"),
        ("03/04/2020", None),
        ("2 days ago", None),
        ("31 February 2020", None),
        ("version 1.2.3", None),
    ],
)
def test_date_is_as_exact_as_printed(printed: str, iso: str | None) -> None:
    assert iso_date(printed) == iso


def test_other_dates_of_the_page_settle_the_order_of_day_and_month() -> None:
    assert day_comes_first(["03/04/2020", "25/04/2020"]) is True
    assert day_comes_first(["03/04/2020", "04/25/2020"]) is False
    assert day_comes_first(["03/04/2020"]) is None
    assert day_comes_first(["3/4/2020 5:00 pm", "03/05/20 5:01 pm", "03/06/2020 5:02 pm"]) is False
    assert iso_date("03/04/2020", day_first=True) == "2020-04-03"


def test_date_comes_back_as_found() -> None:
    assert find_date("Posted by Ada on Jan 3, 2010 at 3:00") == ("Jan 3, 2010 at 3:00", "2010-01-03T03:00")


def test_epochs_are_read_from_attributes_only() -> None:
    assert epoch_date("1583366400") == epoch_date("1583366400000") == "2020-03-05T00:00:00Z"
    assert epoch_date("123") is None


@pytest.mark.parametrize(
    "printed",
    [
        *("an hour ago", "vor einer Stunde", "vor 5 Min", "gestern, 10:02", "il y a une heure", "hier à 10h02"),
        *("hace 3 horas", "hace un día", "há 2 dias", "3 horas atrás", "un'ora fa", "2 giorni fa", "een week geleden"),
        *("3 uur geleden", "3 godz. temu", "tydzień temu", "wczoraj, 10:02", "2 часа назад", "вчера в 10:02"),
        *("3 timmar sedan", "3 timer siden", "2 päivää sitten", "3 saat önce", "před 3 hodinami"),
        *("3時間前", "2 天前", "5分钟前", "3시간 전", "منذ ساعتين", "قبل 3 أيام", "לפני 2 ימים"),
    ],
)
def test_relative_times_of_many_languages_are_whole(printed: str) -> None:
    assert relative_time(f"({printed})") == printed
    assert is_date_text(printed)


@pytest.mark.parametrize(
    "said",
    [
        "before the hour",
        "vor dem Haus",
        "il y a du monde",
        "il y a quelques fautes",
        "hace un calor",
        "fa freddo",
        "dag allemaal",
        "前に行きました",
        "tak temu winni",
    ],
)
def test_words_of_relative_times_alone_are_none(said: str) -> None:
    assert relative_time(said) is None


def test_east_asian_sentence_about_the_past_is_no_time() -> None:
    assert not is_date_text("私は10年前からこの町に住んでいますが、橋にトラックは来ません。")


def test_relative_times_are_times_without_a_date() -> None:
    assert is_date_text("2 days ago")
    assert is_date_text("vor 3 Stunden")
    assert not is_date_text("a good day")
