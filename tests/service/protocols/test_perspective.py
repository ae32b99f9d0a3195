from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from data.records import Article, Comment
from model.scores import CommentScores, ScorerError
from service.protocols.perspective.attributes import MODELLED
from service.store.tables import feedback
from tests.conftest import FakeScorer
from tests.service.api.serving import make_app

ANALYZE = "/v1alpha1/comments:analyze"
SUGGEST = "/v1alpha1/comments:suggestscore"
Json = dict[str, Any]


class GermanReader(FakeScorer):
    """Takes a text with "ß" for German."""

    def score(
        self,
        comments: Sequence[Comment],
        article: Article | None = None,
        *,
        spans: bool = False,
        any_language: bool = False,
    ) -> list[CommentScores]:
        scored = super().score(comments, article)
        for place, comment in enumerate(comments):
            if "ß" in comment.text:
                scores = scored[place].scores if any_language else dict.fromkeys(scored[place].scores)
                scored[place] = CommentScores(scores, "de", None if any_language else "language")
        return scored


def _ask(client: TestClient, text: str = "LOUD and clear", **more: Any) -> Json:
    body = {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}, **more}
    answer: Json = client.post(ANALYZE, json=body).json()
    return answer


def _error_type(answer: Json) -> str:
    assert (answer["error"]["code"], answer["error"]["status"]) == (400, "INVALID_ARGUMENT")
    return str(answer["error"]["details"][0]["errorType"])


def test_summary_and_one_span_over_the_whole_text_are_always_given(client: TestClient) -> None:
    answer = _ask(client)
    score = {"value": pytest.approx(4 / 14, abs=1e-4), "type": "PROBABILITY"}
    spans = [{"begin": 0, "end": 14, "score": score}]
    assert answer["attributeScores"] == {"TOXICITY": {"summaryScore": score, "spanScores": spans}}
    assert answer["languages"] == answer["detectedLanguages"] == ["en"]
    assert "clientToken" not in answer


def test_spans_are_sentences_in_utf16_units(client: TestClient) -> None:
    answer = _ask(client, "Fine 😀. REALLY BAD!", spanAnnotations=True)
    spans = answer["attributeScores"]["TOXICITY"]["spanScores"]
    assert [(span["begin"], span["end"]) for span in spans] == [(0, 8), (9, 20)]
    assert spans[0]["score"]["value"] < spans[1]["score"]["value"]


@pytest.mark.parametrize("name", ["TOXICITY@6", "INSULT_EXPERIMENTAL", "TOXICITY_FAST", *MODELLED])
def test_names_come_back_as_they_were_asked(client: TestClient, name: str) -> None:
    context = {"entries": [{"text": "an article"}]}
    answer = _ask(client, requestedAttributes={name: None}, context=context)
    assert list(answer["attributeScores"]) == [name]


def test_null_and_empty_configurations_and_unknown_fields_are_tolerated(client: TestClient) -> None:
    attributes = {"TOXICITY": None, "INSULT": {}, "THREAT": {"scoreType": "PROBABILITY", "unheardOf": 1}}
    answer = _ask(client, requestedAttributes=attributes, futureField={"a": 1}, context=None, languages=None)
    assert set(answer["attributeScores"]) == set(attributes)


def test_the_client_token_comes_back(client: TestClient) -> None:
    assert _ask(client, clientToken="comment:17")["clientToken"] == "comment:17"


def test_scores_below_their_threshold_are_left_out(client: TestClient) -> None:
    attributes = {"TOXICITY": {"scoreThreshold": 0.9}, "INSULT": {"scoreThreshold": 0.1}}
    assert list(_ask(client, requestedAttributes=attributes)["attributeScores"]) == ["INSULT"]


@pytest.mark.parametrize(
    "context", [{"entries": [{"text": "an article"}]}, {"articleAndParentComment": {"article": {"text": "an article"}}}]
)
def test_off_topic_is_one_minus_relevance_and_needs_the_article(client: TestClient, context: Json) -> None:
    asked: Json = {"requestedAttributes": {"OFF_TOPIC": {}, "SARCASM": {}}}
    without, about = _ask(client, **asked), _ask(client, **asked, context=context)
    assert list(without["attributeScores"]) == ["SARCASM"]
    assert about["attributeScores"]["OFF_TOPIC"]["summaryScore"]["value"] == pytest.approx(0.86)


@pytest.mark.parametrize(
    "path", [ANALYZE, "/v1alpha1/comments%3Aanalyze", f"{ANALYZE}?key=any&alt=json&prettyPrint=false"]
)
def test_the_colon_may_be_escaped_and_the_usual_parameters_given(client: TestClient, path: str) -> None:
    body = {"comment": {"text": "a"}, "requestedAttributes": {"TOXICITY": {}}}
    assert client.post(path, json=body).status_code == 200


def test_a_body_that_is_a_string_of_json_is_unpacked(client: TestClient) -> None:
    body = json.dumps({"comment": {"text": "a"}, "requestedAttributes": {"TOXICITY": {}}})
    assert client.post(ANALYZE, json=body).status_code == 200


def test_a_text_cut_in_the_middle_of_an_emoji_is_scored(client: TestClient) -> None:
    body = b'{"comment":{"text":"cut \\ud83d"},"requestedAttributes":{"TOXICITY":{}},"spanAnnotations":true}'
    answer = client.post(ANALYZE, content=body)
    assert answer.status_code == 200
    assert answer.json()["attributeScores"]["TOXICITY"]["spanScores"][0]["end"] == 5


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"comment": {"text": ""}}, "COMMENT_EMPTY", "Comment must be non-empty."),
        ({"comment": None}, "COMMENT_EMPTY", "Comment must be non-empty."),
        ({"comment": {"text": " \n"}}, "COMMENT_EMPTY", "Comment must be non-empty."),
        ({"comment": {"text": "é" * 10_241}}, "COMMENT_TOO_LONG", "Comment text too long."),
        ({"requestedAttributes": {}}, "NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes"),
        ({"requestedAttributes": None}, "NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes"),
        ({"requestedAttributes": {"KINDNESS": {}}}, "INVALID_REQUEST", "Unknown requested attribute: KINDNESS"),
        ({"requestedAttributes": {"SPAM": {}}}, "INVALID_REQUEST", "Unknown requested attribute: SPAM"),
        (
            {"requestedAttributes": {"TOXICITY": {"scoreType": "RAW"}}},
            "INVALID_REQUEST",
            "Requested score type RAW is not supported by attribute TOXICITY",
        ),
        (
            {"comment": {"text": "<b>a</b>", "type": "HTML"}},
            "INVALID_REQUEST",
            "Currently, only 'PLAIN_TEXT' comments are supported",
        ),
        ({"comment": {"text": "a", "type": "RTF"}}, "INVALID_REQUEST", "Unknown text type"),
        (
            {"context": {"entries": [{"text": "a"}], "articleAndParentComment": {}}},
            "INVALID_REQUEST",
            "Context can have either entries or article_and_parent_comment, but both fields were populated.",
        ),
        (
            {"requestedAttributes": {f"TOXICITY@{number}": {} for number in range(51)}},
            "INVALID_REQUEST",
            "Invalid value at requestedAttributes: may have 50 entries at most.",
        ),
        (
            {"context": {"entries": [{}] * 1_001}},
            "INVALID_REQUEST",
            "Invalid value at context.entries: may have 1000 entries at most.",
        ),
        (
            {"languages": ["e" * 36]},
            "INVALID_REQUEST",
            "Invalid value at languages.0: String should have at most 35 characters.",
        ),
        (
            {"languages": ["de"]},
            "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
            "Attribute TOXICITY does not support request languages: de",
        ),
    ],
)
def test_wrong_requests_get_googles_words(client: TestClient, change: Json, kind: str, message: str) -> None:
    answer = _ask(client, **change)
    assert (_error_type(answer), answer["error"]["message"]) == (kind, message)


@pytest.mark.parametrize("text", ["é" * 10_240, "a" * 20_480])
def test_twenty_kilobytes_are_the_limit(client: TestClient, text: str) -> None:
    assert "attributeScores" in _ask(client, text)


def test_a_lower_limit_of_ours_is_told_in_googles_words_and_number(tmp_path: Path) -> None:
    scores = {"attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}}}
    with TestClient(make_app(tmp_path, max_text_chars=100)) as client:
        assert "attributeScores" in _ask(client, "a" * 100)
        refused = [
            _ask(client, "a" * 101),
            client.post(SUGGEST, json={"comment": {"text": "a" * 101}, **scores}).json(),
        ]
    for answer in refused:
        assert _error_type(answer) == "COMMENT_TOO_LONG"
        assert answer["error"]["message"].startswith("Comment text too long. ")
        assert "100 characters" in answer["error"]["message"]


@pytest.mark.parametrize("depth", [600, 900])
def test_unknown_fields_may_be_nested(client: TestClient, depth: int) -> None:
    nested = b'"future":' + b"[" * depth + b"]" * depth
    asked = b'{"comment":{"text":"a"},"requestedAttributes":{"TOXICITY":{}},' + nested + b"}"
    suggested = b'{"comment":{"text":"a"},"attributeScores":{"TOXICITY":{"summaryScore":{"value":1}}},' + nested + b"}"
    assert client.post(ANALYZE, content=asked).status_code == 200
    assert client.post(SUGGEST, content=suggested).status_code == 200
    wrong = client.post(ANALYZE, content=b'{"comment":' + b"[" * depth + b"]" * depth + b"}")
    assert _error_type(wrong.json()) == "INVALID_REQUEST"


@pytest.mark.parametrize("path", [ANALYZE, SUGGEST, "/v1alpha1/comments%3Aanalyze"])
def test_a_slash_at_the_end_means_nothing(client: TestClient, path: str) -> None:
    answer = client.post(f"{path}/", json={}, follow_redirects=False)
    assert _error_type(answer.json()) == "COMMENT_EMPTY"


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"3", b'{"comment":3}', b'{"requestedAttributes":{"TOXICITY":[]}}', b"\xff"]
)
def test_what_is_no_request_is_a_google_shaped_400(client: TestClient, body: bytes) -> None:
    assert _error_type(client.post(ANALYZE, content=body).json()) == "INVALID_REQUEST"


def test_every_other_failure_is_google_shaped_too(tmp_path: Path) -> None:
    class Broken(FakeScorer):
        def score(self, comments: Sequence[Comment], *args: Any, **options: Any) -> list[CommentScores]:
            if comments[0].id == "warm":
                return []
            raise ScorerError if comments[0].text == "melt" else RuntimeError("private")

    asked: Json = {"requestedAttributes": {"TOXICITY": {}}}
    with TestClient(make_app(tmp_path, Broken(), max_body_bytes=10_000)) as client:
        answers = {
            404: client.post("/v1alpha1/comments:praise", json={}),
            405: client.get(ANALYZE),
            413: client.post(ANALYZE, content=b"x" * 10_001),
            500: client.post(ANALYZE, json={"comment": {"text": "a"}, **asked}),
            503: client.post(ANALYZE, json={"comment": {"text": "melt"}, **asked}),
        }
    for status, answer in answers.items():
        assert answer.status_code == answer.json()["error"]["code"] == status
        assert set(answer.json()["error"]) == {"code", "message", "status"}
        assert "private" not in answer.text


def test_a_wrong_key_and_a_used_up_quota_have_their_error_info(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    _, secret = app.state.store.create_key("paper", 1)
    body = {"comment": {"text": "a"}, "requestedAttributes": {"TOXICITY": {}}}
    with TestClient(app) as client:
        wrong = client.post(f"{ANALYZE}?key=wrong", json=body)
        answers = [client.post(f"{ANALYZE}?key={secret}", json=body) for _ in range(2)]
    info = wrong.json()["error"]["details"][0]
    assert (wrong.status_code, info["reason"], info["domain"]) == (400, "API_KEY_INVALID", "googleapis.com")
    assert wrong.json()["error"]["message"] == "API key not valid. Please pass a valid API key."
    quota = answers[1].json()["error"]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert (quota["status"], quota["details"][0]["reason"]) == ("RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED")
    assert quota["details"][0]["metadata"]["quota_limit_value"] == "1"
    assert quota["details"][1]["@type"] == "type.googleapis.com/google.rpc.Help"
    assert set(quota["details"][1]["links"][0]) == {"description", "url"}
    assert "Quota exceeded for quota metric" in quota["message"]


def test_another_language_is_refused_unless_the_caller_or_the_setting_insists(tmp_path: Path) -> None:
    (tmp_path / "any").mkdir()
    with TestClient(make_app(tmp_path, GermanReader())) as client:
        detected, insisted = _ask(client, "Was für ein Spaß"), _ask(client, "Was für ein Spaß!", languages=["en"])
        errors = detected["error"]["details"][0]["languageNotSupportedByAttributeError"]
    with TestClient(make_app(tmp_path / "any", GermanReader(), any_language=True)) as client:
        allowed = _ask(client, "Was für ein Spaß", languages=["de"])
    assert _error_type(detected) == "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"
    assert errors == {"detectedLanguages": ["de"], "requestedLanguages": [], "attribute": "TOXICITY"}
    assert (insisted["languages"], insisted["detectedLanguages"]) == (["en"], ["de"])
    assert allowed["languages"] == ["de"]


def test_approximations_are_answered_under_their_profile_only(tmp_path: Path) -> None:
    names: Json = {"SEXUALLY_EXPLICIT": {}, "LIKELY_TO_REJECT": {}, "ATTACK_ON_AUTHOR": {}}
    for profile, answered in (("", False), ("coral", True), ("osmod", True)):
        folder = tmp_path / f"p{profile}"
        folder.mkdir()
        with TestClient(make_app(folder, perspective_profile=profile)) as client:
            assert ("attributeScores" in _ask(client, requestedAttributes=names)) is answered


def _feedback(app: FastAPI) -> list[tuple[str, str, float]]:
    with app.state.store.database.read() as connection:
        rows = connection.execute(select(feedback).order_by(feedback.c.id))
        return [(row.text, row.attribute, row.value) for row in rows]


def test_nothing_is_stored_by_asking(client: TestClient, app: FastAPI) -> None:
    _ask(client, doNotStore=False)
    assert _feedback(app) == []


def _suggested(value: float) -> Json:
    return {"summaryScore": {"value": value}}


def test_suggested_scores_become_feedback(client: TestClient, app: FastAPI) -> None:
    body = {
        "comment": {"text": "LOUD"},
        "attributeScores": {
            "TOXICITY@6": {"summaryScore": {"value": 1}},
            "OFF_TOPIC": {"summaryScore": {"value": 0.25}},
        },
        "languages": ["en"],
        "clientToken": "t",
    }
    answer = client.post(SUGGEST, json=body)
    assert answer.json() == {"detectedLanguages": [], "requestedLanguages": ["en"], "clientToken": "t"}
    assert _feedback(app) == [("LOUD", "toxicity", 1.0), ("LOUD", "relevance", 0.75)]


def test_feedback_keeps_the_article_that_a_relevance_is_about(client: TestClient, app: FastAPI) -> None:
    context = {"articleAndParentComment": {"article": {"text": "bees " * 5_000}, "parentComment": {"text": "no"}}}
    suggested = {"comment": {"text": "a"}, "attributeScores": {"OFF_TOPIC": _suggested(1)}, "context": context}
    assert client.post(SUGGEST, json=suggested).status_code == 200
    with app.state.store.database.read() as connection:
        kept = connection.execute(select(feedback.c.context)).scalar_one()
    assert kept == {"context": ("bees " * 5_000)[:20_000]}


def test_feedback_about_two_articles_is_refused(client: TestClient, app: FastAPI) -> None:
    both = {"entries": [{"text": "a"}], "articleAndParentComment": {"article": {"text": "b"}}}
    suggested = {"comment": {"text": "a"}, "attributeScores": {"OFF_TOPIC": _suggested(1)}, "context": both}
    answer = client.post(SUGGEST, json=suggested).json()
    assert (_error_type(answer), _feedback(app)) == ("INVALID_REQUEST", [])
    assert "both fields were populated" in answer["error"]["message"]


@pytest.mark.parametrize("languages", [["x" * 36], ["en"] * 51])
def test_feedback_keeps_no_endless_languages(client: TestClient, app: FastAPI, languages: list[str]) -> None:
    suggested = {"comment": {"text": "a"}, "attributeScores": {"TOXICITY": _suggested(1)}, "languages": languages}
    assert _error_type(client.post(SUGGEST, json=suggested).json()) == "INVALID_REQUEST"
    assert _feedback(app) == []


@pytest.mark.parametrize(
    "scores",
    [
        {},
        None,
        {"TOXICITY": {}},
        {"TOXICITY": {"summaryScore": {"value": 2}}},
        {"KIND": {"summaryScore": {"value": 1}}},
    ],
)
def test_suggestions_without_a_usable_score_are_refused(client: TestClient, app: FastAPI, scores: Json | None) -> None:
    answer = client.post(SUGGEST, json={"comment": {"text": "a"}, "attributeScores": scores})
    assert _error_type(answer.json()) == "INVALID_REQUEST"
    assert _feedback(app) == []


@pytest.mark.parametrize("path", ["/$discovery/rest?version=v1alpha1", "/%24discovery/rest?version=v1alpha1&key=K"])
def test_discovery_names_the_address_that_the_client_used(client: TestClient, path: str) -> None:
    plain = client.get(path).json()
    proxied = client.get(path, headers={"x-forwarded-host": "api.paper.example", "x-forwarded-proto": "https"}).json()
    assert plain["rootUrl"] == "http://testserver/"
    assert proxied["rootUrl"] == "https://api.paper.example/"
    assert plain["resources"]["comments"]["methods"]["analyze"]["path"] == "v1alpha1/comments:analyze"
    assert all(name in plain["description"] for name in ("SARCASM", "OFF_TOPIC"))


def test_discovery_prefers_the_setting_and_never_repeats_a_crooked_host(tmp_path: Path) -> None:
    with TestClient(make_app(tmp_path, public_url="https://set.example/")) as client:
        assert client.get("/$discovery/rest").json()["rootUrl"] == "https://set.example/"
    (tmp_path / "b").mkdir()
    with TestClient(make_app(tmp_path / "b")) as client:
        crooked = client.get("/$discovery/rest", headers={"host": "a.example/x?"})
        assert crooked.json()["rootUrl"] == "http://127.0.0.1:8000/"
        assert client.get("/$discovery/rest?version=v2").json()["error"]["code"] == 404
