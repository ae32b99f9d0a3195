from __future__ import annotations

import gzip

import pytest
from fastapi.testclient import TestClient

PAGE = """<html><head><title>Bees on the town hall roof</title></head><body><article><h1>Bees on the town hall roof</h1>
<p>The council has put four hives on the roof of the town hall, in the hope of more fruit in the allotments nearby.</p>
<p>Neighbours were asked beforehand and mostly liked the idea, although two of them keep their windows shut now.</p>
</article></body></html>"""


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "application/octet-stream"])
def test_a_page_is_parsed_from_its_bytes(client: TestClient, kind: str) -> None:
    answer = client.post("/v1/parse", content=PAGE, headers={"content-type": kind})
    discussion = answer.json()
    assert answer.status_code == 200
    assert any("four hives" in paragraph for paragraph in discussion["paragraphs"])
    assert set(discussion) >= {"source", "kind", "url", "title", "paragraphs", "comments", "coverage", "warnings"}


def test_the_charset_of_the_request_is_that_of_the_page(client: TestClient) -> None:
    page = PAGE.replace("Neighbours", "Соседи")
    answer = client.post(
        "/v1/parse", content=page.encode("cp1251"), headers={"content-type": "text/html; charset=windows-1251"}
    )
    assert any(paragraph.startswith("Соседи") for paragraph in answer.json()["paragraphs"])


def test_a_page_in_json_keeps_its_address(client: TestClient) -> None:
    answer = client.post("/v1/parse", json={"html": PAGE, "url": "https://town.example/news/bees"})
    assert answer.json()["url"] == "https://town.example/news/bees"


def test_the_address_of_a_bare_page_comes_in_the_query(client: TestClient) -> None:
    answer = client.post("/v1/parse?url=https://town.example/bees", content=PAGE, headers={"content-type": "text/html"})
    assert answer.json()["url"] == "https://town.example/bees"


def test_a_text_is_parsed_too(client: TestClient) -> None:
    answer = client.post("/v1/parse", json={"text": "A title\n\nA paragraph that goes on for a while."})
    assert answer.json()["format"] == "text"


@pytest.mark.parametrize("body", [{}, {"html": PAGE, "text": "x"}, {"html": PAGE, "adress": "x"}, []])
def test_neither_or_both_or_something_else_is_refused(client: TestClient, body: object) -> None:
    answer = client.post("/v1/parse", json=body)
    assert (answer.status_code, answer.json()["error"]) == (422, "InvalidRequest")


@pytest.mark.parametrize("page", [b"", b"\x00\x01\x02\x03" * 100])
def test_what_is_no_page_is_refused_in_a_sentence(client: TestClient, page: bytes) -> None:
    answer = client.post("/v1/parse", content=page, headers={"content-type": "text/html"})
    assert (answer.status_code, answer.json()["error"]) == (422, "UnreadablePage")
    assert answer.json()["detail"].startswith("The page: ")


def test_a_refusal_names_the_address_of_a_page_that_has_one(client: TestClient) -> None:
    answer = client.post("/v1/parse?url=https://example.org/a", content=b"", headers={"content-type": "text/html"})
    assert answer.json()["detail"] == "https://example.org/a: the input is empty."


def test_a_compressed_page_is_refused_before_it_is_unpacked(client: TestClient) -> None:
    bomb = gzip.compress(b"a" * 10_000_000)
    bare = client.post("/v1/parse", content=bomb, headers={"content-type": "text/html"})
    encoded = client.post("/v1/parse", content=gzip.compress(bomb), headers={"content-encoding": "gzip"})
    other = client.post("/v1/parse", content=bomb, headers={"content-encoding": "br"})
    assert (bare.status_code, encoded.status_code, other.status_code) == (415, 415, 415)


def test_broken_json_is_400(client: TestClient) -> None:
    answer = client.post("/v1/parse", content=b"{", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (400, "InvalidJson")


@pytest.mark.parametrize("route", ["/v1/parse", "/v1/discussions"])
def test_a_broken_address_of_a_page_is_422(client: TestClient, route: str) -> None:
    answer = client.post(f"{route}?url=http://%5B", content=b"<p>a</p>", headers={"content-type": "text/html"})
    assert (answer.status_code, answer.json()["error"]) == (422, "InvalidRequest")
