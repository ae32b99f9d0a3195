"""OSMod: the request of its assistant, with sixteen attributes at once."""

from __future__ import annotations

from pathlib import Path

from fastapi.testclient import TestClient

from tests.service.api.serving import make_app

NAMES = (
    "ATTACK_ON_AUTHOR ATTACK_ON_COMMENTER FLIRTATION IDENTITY_ATTACK INCOHERENT INFLAMMATORY INSULT LIKELY_TO_REJECT "
    "OBSCENE PROFANITY SEVERE_TOXICITY SEXUALLY_EXPLICIT SPAM THREAT TOXICITY UNSUBSTANTIAL"
).split()
# JSON.stringify of what pipeline/apiShim builds: the article and the comment replied to as context.
BODY = (
    '{"comment":{"text":"SUCH NONSENSE. I keep two hives myself."},'
    '"context":{"entries":[{"text":"The council has put four hives on its roof."},{"text":"A fine idea!"}]},'
    '"requestedAttributes":{' + ",".join(f'"{name}":{{}}' for name in NAMES) + "},"
    '"languages":["en"],"spanAnnotations":true,"doNotStore":true,'
    '"clientToken":"OsmodAssistantV0_request17","sessionId":"OsmodAssistantV0"}'
).encode()


def test_with_its_profile_all_sixteen_are_answered_in_both_forms(tmp_path: Path) -> None:
    with TestClient(make_app(tmp_path, perspective_profile="osmod")) as client:
        answer = client.post("/v1alpha1/comments:analyze?key=K", content=BODY).json()
    assert sorted(answer["attributeScores"]) == NAMES
    assert answer["clientToken"] == "OsmodAssistantV0_request17"
    for scores in answer["attributeScores"].values():
        assert 0 <= scores["summaryScore"]["value"] <= 1
        assert [(span["begin"], span["end"]) for span in scores["spanScores"]] == [(0, 14), (15, 39)]


def test_without_it_the_first_that_is_not_modelled_fails_the_request(client: TestClient) -> None:
    answer = client.post("/v1alpha1/comments:analyze?key=K", content=BODY)
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        400,
        "Unknown requested attribute: ATTACK_ON_AUTHOR",
    )
