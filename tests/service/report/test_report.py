"""`belowline report`: what it counts, that it is one file, and how a browser shows it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from lxml import html as lxml_html

from data.records import Comment
from model.scores import ATTRIBUTES, CommentScores, Scorer, Span
from service.commands import report as command
from service.report.aggregates import aggregate_lines
from service.report.page import render_report, share
from service.report.reading import scored_batches
from service.report.totals import Totals, totals_of
from tests.service.report.conftest import NASTY, scored

NOW = datetime(2026, 5, 4, tzinfo=UTC)


@pytest.mark.parametrize("name", ["s.jsonl", "s.csv", "s.parquet"])
def test_every_format_is_counted_alike(
    rows: list[dict[str, Any]], write: Callable[[list[dict[str, Any]], str], Path], name: str
) -> None:
    totals = totals_of(scored_batches(str(write(rows, name))))
    assert (totals.whole.comments, totals.whole.scored) == (40, 36)
    assert totals.whole.crossed["toxicity"] == sum((row["toxicity"] or 0) >= 0.5 for row in rows)
    assert totals.whole.reviewed == sum(row["recommendation"] == "review" for row in rows)
    assert totals.languages == {"en": 36, "de": 4}
    assert len(totals.periods()) == 12
    assert totals.toxic_threads()[0][0] == "Article 0 🎉"
    assert {name: group.comments for name, group in totals.sources.items()} == {"file0.csv": 20, "file1.csv": 20}


def test_the_share_beyond_a_threshold_is_that_of_the_rows() -> None:
    numbers = np.random.default_rng(5).integers(0, 100, 2000) / 100 + 0.005
    totals = Totals()
    totals.add([scored(number, toxicity=float(value), relevance=float(value)) for number, value in enumerate(numbers)])
    for threshold in (0, 20, 50, 99):
        assert totals.review_shares("toxicity")[threshold] == pytest.approx(np.mean(numbers >= threshold / 100))
        assert totals.review_shares("relevance")[threshold] == pytest.approx(np.mean(numbers < threshold / 100))


def test_scores_are_counted_in_their_own_bin() -> None:
    totals = Totals()
    totals.add([scored(number, toxicity=number / 100) for number in range(100)])
    assert totals.bins["toxicity"].tolist() == [1] * 100


def test_impossible_dates_are_no_periods() -> None:
    dates = ("2020-01-05", "2020-02-05T10:00:00Z", "2020-03", "2020-99-99", "2020-02-31", "2020-00", "2020-1-5")
    totals = Totals()
    totals.add([{**scored(number), "published": published} for number, published in enumerate(dates)])
    assert set(totals.months) == {"2020-01", "2020-02", "2020-03"}
    assert set(totals.days) == {"2020-01-05", "2020-02-05"}


def test_what_was_not_scored_is_left_out_and_said() -> None:
    nothing: dict[str, float | None] = dict.fromkeys(ATTRIBUTES)
    values = (0.9, 0.1, 0.1, 0.1, 0.1, None)
    totals = totals_of([[scored(4 * n, **{**nothing, "insult": value}) for n, value in enumerate(values)]])
    assert (totals.whole.scored, totals.whole.share("insult")) == (5, 0.2)
    assert {line[2] for line in aggregate_lines(totals)} == {None, "insult"}
    assert "toxicity_sarcasm" not in {line[0] for line in aggregate_lines(totals)}
    page = render_report(totals, "t", NOW)
    tree = lxml_html.fromstring(page)
    assert len(tree.xpath("//*[@role='img']")) == 3  # one distribution, over time, thresholds
    assert "Left out, because no comment has a score of it: toxicity, severe toxicity" in page
    assert tree.xpath("//div[@class='cards']/div/strong/text()") == ["6", "17 %", "17 %"]
    assert "toxic</th>" not in page
    assert "off topic</th>" not in page


@pytest.mark.parametrize("arguments", [["--data", "s.parquet"], ["-o", "s.parquet"]])
def test_the_scored_archive_is_not_written_over(
    rows: list[dict[str, Any]],
    write: Callable[[list[dict[str, Any]], str], Path],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
) -> None:
    path = write(rows[:3], "s.parquet")
    before = path.read_bytes()
    monkeypatch.chdir(path.parent)
    result = CliRunner().invoke(command.report, ["s.parquet", "--no-spans", *arguments])
    assert (result.exit_code, "is what the report is drawn from" in result.stderr) == (1, True)
    assert path.read_bytes() == before


def test_the_page_is_whole_and_harmless(rows: list[dict[str, Any]]) -> None:
    page = render_report(totals_of([rows]), "A <title>", NOW)
    tree = lxml_html.fromstring(page)
    assert not tree.xpath("//script | //link | //img | //iframe | //@onclick")
    assert not [url for url in tree.xpath("//@href | //@src") if not url.startswith("#")]
    assert tree.xpath("string(//h1)") == "A <title>"
    assert all(NASTY in quote for quote in tree.xpath("//blockquote/p/text()"))
    assert len(tree.xpath("//*[@role='img'][@aria-label]")) == 8 + 3


def test_examples_are_the_highest_and_marked_where_the_scorer_says(rows: list[dict[str, Any]], scorer: Scorer) -> None:
    class Marking(type(scorer)):  # type: ignore[misc]
        def score(self, comments: list[Comment], article: object = None, **options: object) -> list[CommentScores]:
            return [CommentScores(dict.fromkeys(ATTRIBUTES, 0.5), "en", spans=(Span(0, 7, "insult", 0.9),))]

    tree = lxml_html.fromstring(render_report(totals_of([rows]), "t", NOW, Marking()))
    assert set(tree.xpath("//mark/text()")) == {"comment"}
    sarcastic = tree.xpath("//details[contains(summary, 'sarcasm')]//footer/text()[1]")
    assert [text.split()[0] for text in sarcastic] == ["0.97", "0.95", "0.93", "0.90", "0.88"]


def test_an_archive_without_a_comment_is_drawn_too() -> None:
    assert "0 articles" in render_report(totals_of([]), "empty", NOW)


def test_the_command_writes_page_and_numbers(
    rows: list[dict[str, Any]],
    write: Callable[[list[dict[str, Any]], str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    write(rows, "s.jsonl")
    result = CliRunner().invoke(command.report, ["s.jsonl", "-o", "r.html", "--data", "r.csv", "--no-spans"])
    assert (result.exit_code, result.stderr) == (
        0,
        f"r.html: 40 comments, {Path('r.html').stat().st_size / 1e6:.1f} MB.\n",
    )
    with Path("r.csv").open(newline="", encoding="utf-8") as file:
        numbers = {
            (row["table"], row["key"], row["attribute"], row["measure"]): row["value"] for row in csv.DictReader(file)
        }
    assert float(numbers["archive", "all", "", "comments"]) == 40
    assert float(numbers["archive", "all", "toxicity", "crossed_share"]) == pytest.approx(8 / 36)


def test_sections_come_from_a_table_of_articles(
    rows: list[dict[str, Any]],
    write: Callable[[list[dict[str, Any]], str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    write(rows, "s.parquet")
    Path("articles.csv").write_text("headline,desk\nArticle 0 🎉,Town\nArticle 1 🎉,Town\nArticle 2 🎉,Sport\n,Sport\n")
    named = ["--sections", "articles.csv", "--article-column", "headline", "--section-column", "desk"]
    arguments = ["s.parquet", "--no-spans", "--data", "r.parquet"]
    assert CliRunner().invoke(command.report, [*arguments, *named]).exit_code == 0
    tree = lxml_html.fromstring(Path("report.html").read_text(encoding="utf-8"))
    shown = tree.xpath("//section[h2='By section']//tbody/tr/td[position() <= 2]//text()")
    assert shown == ["Town", "20", "Sport", "10", "other or unknown", "10"]
    found = pq.read_table("r.parquet").to_pylist()
    counted = {
        line["key"]: line["value"] for line in found if (line["table"], line["measure"]) == ("section", "comments")
    }
    assert counted == {"Town": 20, "Sport": 10, "other or unknown": 10}
    wrong = CliRunner().invoke(command.report, [*arguments, "--sections", "articles.csv"])
    assert (wrong.exit_code, len(wrong.stderr.splitlines())) == (1, 1)
    assert 'has no column "section"' in wrong.stderr


@pytest.mark.parametrize("arguments", [["none.jsonl"], ["bad.jsonl"], ["s.jsonl", "-o", "none/r.html"]])
def test_wrong_inputs_end_in_one_sentence(
    rows: list[dict[str, Any]],
    write: Callable[[list[dict[str, Any]], str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write(rows[:3], "s.jsonl")
    Path("bad.jsonl").write_text(json.dumps({"text": "a"}) + "\n")
    result = CliRunner().invoke(command.report, [*arguments, "--no-spans"])
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("named", [["-o", "none/r.html"], ["--data", "none/r.csv"]])
def test_a_missing_folder_is_told_before_the_archive_is_read(
    named: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(command.report, ["unread.jsonl", "--no-spans", *named])
    assert result.stderr.strip().endswith(f"{named[1]}: the folder none does not exist.")


@pytest.mark.parametrize(
    ("value", "shown"), [(0, "0 %"), (0.004, "0.4 %"), (0.099, "9.9 %"), (0.5, "50 %"), (1, "100 %")]
)
def test_shares_are_written_as_people_do(value: float, shown: str) -> None:
    assert share(value) == shown


@pytest.mark.browser
def test_a_large_report_is_small_and_fits_desk_phone_and_paper(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        pytest.skip("needs Chromium")
    batches = [[scored(number, toxicity=number % 97 / 97, sarcasm=number % 89 / 89) for number in range(3000)]] * 34
    page_file = tmp_path / "r.html"
    page_file.write_text(render_report(totals_of(batches), "A large archive", NOW), encoding="utf-8")
    assert page_file.stat().st_size < 3_000_000
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=str(chromium), args=["--no-sandbox", "--disable-gpu"])
        for width in (390, 1280):
            page = browser.new_page(viewport={"width": width, "height": 900})
            problems: list[str] = []
            page.on("console", lambda message, kept=problems: kept.append(message.text))
            page.goto(page_file.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert not page.locator("details").first.get_by_role("blockquote").first.is_visible()
            page.locator("summary").first.click()
            assert page.locator("blockquote").first.is_visible()
            assert problems == []
        assert len(page.pdf(path=tmp_path / "r.pdf")) > 10_000
        browser.close()
