"""Dumps in languages whose words for comments and for answering differ from those of English."""

from __future__ import annotations

import pytest

from data.plain.dump import parse_dump
from data.plain.lines import stated_count

STORIES = {
    "nl": "De raad heeft besloten de oude brug te sluiten, nadat uit een rapport bleek dat de pijlers te zwak zijn. ",
    "pl": "Rada miasta zdecydowała o zamknięciu starego mostu, bo ekspertyza wykazała, że filary są za słabe. ",
    "ar": "صوّت مجلس المدينة على إغلاق الجسر القديم أمام السيارات اعتباراً من الربيع المقبل بعد تقرير هندسي. ",
}
DUMPS = {
    "nl": ("3 reacties", ("3 uur geleden", "2 uur geleden", "een week geleden"), "Reageren\nVind ik leuk"),
    "pl": ("Komentarze (3)", ("3 godziny temu", "wczoraj, 10:02", "tydzień temu"), "Odpowiedz\nZgłoś"),
    "ar": ("التعليقات (3)", ("منذ 3 ساعات", "منذ ساعتين", "منذ أسبوع"), "رد\nإعجاب"),
}
WORDS = ("Nooit een vrachtwagen gezien op deze brug.", "Dan bent u er nooit om vijf uur geweest.", "Dat werd tijd.")


@pytest.mark.parametrize("language", DUMPS)
def test_comments_leave_the_article(language: str) -> None:
    heading, times, buttons = DUMPS[language]
    names = ("Jan Winter", "Olga", "Kees")
    comments = "\n".join(
        f"{name}\n{time}\n{words}\n{buttons}" for name, time, words in zip(names, times, WORDS, strict=True)
    )
    discussion = parse_dump(
        f"Oude brug\n{STORIES[language] * 3}\n\n{STORIES[language] * 3}\n\n{heading}\n\n{comments}\n"
    )
    assert [(comment.author, comment.text) for comment in discussion.comments] == list(zip(names, WORDS, strict=True))
    assert discussion.coverage.stated_count == 3
    assert not any("Kees" in paragraph for paragraph in discussion.article.paragraphs)


@pytest.mark.parametrize(
    "heading",
    [
        "4 reacties",
        "Komentarze (4)",
        "4 комментария",
        "التعليقات (4)",
        "コメント4件",
        "댓글 4",
        "4条评论",
        "4 Kommentarer",
    ],
)
def test_a_number_of_comments_is_read(heading: str) -> None:
    assert stated_count(heading) == 4
