"""The way in: score what is new or edited, judge it by the newsroom's policy and word lists, store it, queue it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from data.records import Comment, Discussion, Status
from model.scores import CommentScores, Scorer
from service import wordlist
from service.policy import Policy, Verdict, recommend
from service.store.errors import Outdated
from service.store.policies import current_policy
from service.store.records import Saved, Scored, article_key, section_of
from service.store.store import Store
from service.store.words import rules_for
from service.wordlist import WordRules

TRIES = 5  # another request may change a text while this one is scored; then it is looked up again


def take_in(store: Store, scorer: Scorer, site: str, discussion: Discussion, *, section: str | None = None) -> Saved:
    """Store a discussion as the newsroom's rules have it; `ScorerError` and `StoreError` leave everything as it was.

    The rules are those of the site and the section, which is taken from the URL when not given.
    """
    section = section_of(discussion.article.url) if section is None else section.strip().lower()
    for _ in range(TRIES - 1):
        with suppress(Outdated):
            return _take_in(store, scorer, site, discussion, section)
    return _take_in(store, scorer, site, discussion, section)


def _take_in(store: Store, scorer: Scorer, site: str, discussion: Discussion, section: str) -> Saved:
    known = store.known_texts(site, article_key(discussion.article))
    fresh = [comment for comment in discussion.comments if _needs_scores(comment, known)]
    article = discussion.article if discussion.article.title or discussion.article.paragraphs else None
    scores = scorer.score(fresh, article, spans=True) if fresh else []
    policy = current_policy(store.database, site, section).policy
    rules = rules_for(store.database, site)
    results = [judged(comment, one, policy, rules, scorer.version) for comment, one in zip(fresh, scores, strict=True)]
    return store.save_discussion(site, discussion, results, section=section)


def judged(comment: Comment, scores: CommentScores, policy: Policy, rules: WordRules, model_version: str) -> Scored:
    """One comment with its verdict; what the word lists found is among its spans."""
    found = rules.find(comment.text)
    verdict: Verdict = recommend(scores, policy, wordlist.reasons(found))
    if found:
        scores = replace(scores, spans=(*scores.spans, *wordlist.spans(found)))
    return Scored(comment, scores, verdict, model_version)


def _needs_scores(comment: Comment, known: Mapping[str, str]) -> bool:
    return comment.status is not Status.DELETED and known.get(comment.id) != comment.text
