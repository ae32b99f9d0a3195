"""Every format of the table: told by its beginning, read field by field, without addresses."""

from __future__ import annotations

import io
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from data.exports import read_export, sniff_export
from data.exports import spool as spools
from data.exports.formats import formats
from data.records import Discussion, Status
from data.tables.opening import InputError

FIXTURES = Path(__file__).parent / "fixtures"
EXPECTED: dict[str, Any] = json.loads((FIXTURES / "expected.json").read_text(encoding="utf-8"))
ADDRESS = re.compile(r"[\w.]+@[\w.]+\.\w+|\b(?:\d{1,3}\.){3}\d{1,3}\b")


def read(path: Path) -> list[Discussion]:
    """Sniff and read one file."""
    name = sniff_export(path.read_bytes()[:65_536])
    assert name is not None
    with path.open("rb") as stream:
        return list(read_export(stream, name, str(path)))


def told(discussions: list[Discussion]) -> list[dict[str, Any]]:
    """Everything that an export says, in the words of the interface."""
    kept = ("kind", "format", "url", "title", "byline", "published", "paragraphs", "comments")
    return [{name: value for name, value in found.to_json().items() if name in kept} for found in discussions]


def read_damaged(raw: bytes, name: str) -> tuple[list[str], str]:
    """Return the ids that came out before the error, and its sentence."""
    seen: list[str] = []
    try:
        for found in read_export(io.BytesIO(raw), name, "-"):
            seen.extend(comment.id for comment in found.comments)
    except InputError as error:
        return seen, str(error)
    return seen, ""


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_field_of_an_export_comes_back_exactly(name: str) -> None:
    assert told(read(FIXTURES / name)) == EXPECTED[name]


def test_answers_of_youtube_may_come_in_a_list(tmp_path: Path) -> None:
    one = json.loads((FIXTURES / "youtube.json").read_text(encoding="utf-8"))
    expected = [comment["id"] for comment in EXPECTED["youtube.json"][0]["comments"]]
    (tmp_path / "pages.json").write_text(json.dumps([one, {**one, "items": []}]))
    (tmp_path / "threads.json").write_text(json.dumps(one["items"]))
    for name in ("pages.json", "threads.json"):
        assert [comment.id for comment in read(tmp_path / name)[0].comments] == expected


def test_every_format_has_a_fixture() -> None:
    tested = {found["format"] for fixture in EXPECTED.values() for found in fixture}
    assert tested | {"isso_db"} == set(formats())


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_no_address_of_a_person_leaves_the_reader(name: str) -> None:
    printed = json.dumps([found.to_json() for found in read(FIXTURES / name)])
    assert ADDRESS.search(printed.replace(str(FIXTURES), "")) is None


@pytest.mark.parametrize(
    "head",
    [
        b"<!DOCTYPE html><html><body><p>A page about disqus.com and commentHex</p>",
        b"id,text,parent_id,created_at\n1,hello,,2020",
        b'{"text": "a comment", "id": 1}\n',
        b'{"title": "t", "paragraphs": [], "comments": []}',
        b"<?xml version='1.0'?><rss><channel><item><title>news</title></item></channel></rss>",
        b"",
        b"Just words.\n",
    ],
)
def test_what_is_no_export_is_not_taken_for_one(head: bytes) -> None:
    assert sniff_export(head) is None


def test_an_export_in_utf_16_is_told_and_read() -> None:
    raw = (FIXTURES / "nyt.csv").read_text(encoding="utf-8").encode("utf-16")
    assert sniff_export(raw) == "nyt_csv"
    found = list(read_export(io.BytesIO(raw), "nyt_csv", "-"))
    assert [comment.id for comment in found[0].comments] == ["81", "82"]


def item(kind: str, comments: str = "") -> str:
    """An item of a WordPress export."""
    return (
        f"<item><title>The {kind}</title><link>https://shop.example/{kind}</link><content:encoded>Red.</content:encoded>"
        f"<wp:post_type>{kind}</wp:post_type>{comments}</item>"
    )


def test_wordpress_items_of_every_type_keep_what_their_comments_are_about() -> None:
    comment = "<wp:comment><wp:comment_id>1</wp:comment_id><wp:comment_content>Nice</wp:comment_content></wp:comment>"
    items = [item("product", comment), item("attachment"), item("nav_menu_item"), item("page"), item("recipe", comment)]
    raw = (
        '<rss xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel>{''.join(items)}</channel></rss>"
    )
    found = list(read_export(io.BytesIO(raw.encode()), "wxr", "-"))
    assert [(part.article.title, len(part.comments)) for part in found] == [
        ("The product", 1),
        ("The page", 0),
        ("The recipe", 1),
    ]
    assert (found[0].article.url, found[0].article.paragraphs) == ("https://shop.example/product", ("Red.",))


def test_entities_are_never_expanded() -> None:
    texts = [comment.text for found in read(FIXTURES / "disqus.xml") for comment in found.comments]
    assert "boom" not in " ".join(texts)


def test_a_cut_off_xml_export_gives_what_came_before_and_says_so() -> None:
    raw = (FIXTURES / "disqus.xml").read_bytes()
    seen, sentence = read_damaged(raw[: raw.index(b'<post dsq:id="13"') + 30], "disqus")
    assert seen[:2] == ["11", "12"]
    assert "cut off" in sentence


def test_a_cut_off_json_export_gives_what_came_before_and_says_so() -> None:
    raw = (FIXTURES / "commento.json").read_bytes()
    seen, sentence = read_damaged(raw[: raw.index(b'"ac"')], "commento")
    assert seen == ["aa", "ab"]
    assert "ends in the middle" in sentence


def test_json_nested_without_end_is_refused() -> None:
    raw = b'{"comments": ' + b'[{"a":' * 100_000
    with pytest.raises(InputError, match="deeper"):
        list(read_export(io.BytesIO(raw), "commento", "-"))


def test_a_text_without_end_is_refused() -> None:
    raw = b'{"comments": [{"commentHex": "' + b"x" * 40_000_000
    with pytest.raises(InputError, match="16 MiB"):
        list(read_export(io.BytesIO(raw), "commento", "-"))


def test_xml_nested_without_end_does_no_harm() -> None:
    raw = b"<disqus><post>" + b"<a>" * 100_000
    with pytest.raises(InputError):
        list(read_export(io.BytesIO(raw), "disqus", "-"))


def test_a_bad_line_is_a_warning_and_reading_goes_on() -> None:
    raw = (FIXTURES / "reddit.jsonl").read_bytes().replace(b'{"id": "a1"', b'{"id": "a0", broken\n{"id": "a1"')
    found = list(read_export(io.BytesIO(raw), "reddit", "-"))
    assert [comment.id for comment in found[0].comments] == ["a1", "a2", "a3"]
    assert "Line 2 could not be read" in found[0].warnings[0]


def test_a_thread_over_the_limit_goes_on_in_another_discussion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spools, "MOST_COMMENTS", 2)
    found = read(FIXTURES / "disqus.xml")
    assert [[comment.id for comment in part.comments] for part in found] == [["11", "12"], ["13", "14"], []]
    assert found[1].warnings == ("Continues the discussion before it.",)
    assert found[1].comments[0].depth == 2


def test_answers_in_a_circle_end_somewhere() -> None:
    rows = "post_id,thread_id,post_date,message\n" + "1,1,1400000000,first\n"
    circle = "postid,threadid,parentid,pagetext,dateline\n1,1,0,a,1\n2,1,3,b,2\n3,1,2,c,3\n4,1,4,d,4\n"
    found = list(read_export(io.BytesIO(circle.encode()), "vbulletin", "-"))
    assert [comment.id for comment in found[0].comments] == ["2", "3", "4"]
    assert next(iter(read_export(io.BytesIO(rows.encode()), "xenforo", "-"))).article.paragraphs == ("first",)


def test_many_threads_stay_apart_whatever_the_order() -> None:
    rows = [f"{number},{number % 7},1,1500000{number:03d},,hello {number}" for number in range(700)]
    raw = "commentID,articleID,x,createDate,parentID,commentBody\n" + "\n".join(rows)
    found = list(read_export(io.BytesIO(raw.encode()), "nyt_csv", "-"))
    assert [len(part.comments) for part in found] == [100] * 7
    assert found[3].comments[1].text == "hello 10"


def isso_database(path: Path) -> Path:
    """The tables that Isso makes, with a thread of two comments."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            """
            create table threads (id integer primary key, uri varchar(256) unique, title varchar(256));
            create table comments (tid references threads(id), id integer primary key, parent integer, created float,
                modified float, mode integer, remote_addr varchar, text varchar, author varchar, email varchar,
                website varchar, likes integer, dislikes integer, voters blob, notification integer);
            insert into threads values (1, '/loaf/', 'A loaf');
            insert into comments (tid, id, parent, created, mode, remote_addr, text, author, email, voters) values
                (1, 7, null, 1500000000.5, 1, '192.0.2.7', 'More *salt*', 'Rye', 'rye@example.com', x'00'),
                (1, 8, 7, 1500000100.0, 4, '192.0.2.8', '', null, null, x'00');
            """
        )
    return path


def test_a_database_of_isso_is_read(tmp_path: Path) -> None:
    found = read(isso_database(tmp_path / "comments.db"))
    assert (found[0].article.title, found[0].article.url) == ("A loaf", "/loaf/")
    assert [(c.id, c.parent_id, c.author, c.published, c.text, c.status) for c in found[0].comments] == [
        ("7", None, "Rye", "2017-07-14T02:40:00.500Z", "More *salt*", Status.PUBLISHED),
        ("8", "7", None, "2017-07-14T02:41:40Z", "", Status.DELETED),
    ]


def test_a_damaged_database_is_refused_in_a_sentence(tmp_path: Path) -> None:
    raw = isso_database(tmp_path / "comments.db").read_bytes()
    assert read_damaged(raw[:5000], "isso_db")[1].startswith("is a database that cannot be read")


def test_exports_of_other_projects_tests_are_read(shared: Path) -> None:
    folder = shared / "pages" / "formats"
    counts = {path.name: sum(len(found.comments) for found in read(path)) for path in folder.iterdir()}
    assert min(counts.values()) >= 1
    assert counts["forumscraper_hn.json"] == 492
    assert counts["wxr_isso.xml"] == 8
