"""Policy and word lists: reading them is for everybody, changing them for admins, and a simulation comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from model.scores import ATTRIBUTES
from service.desk.access import Admin, Data, Reader
from service.desk.forms import RowId, Words, wants_fragment
from service.desk.guard import DeskRoute
from service.desk.pages import frame, render
from service.desk.policy_form import Difference, PolicyForm, on_top, read_form
from service.policy import BELOW
from service.store import Conflict, Store
from service.store.policies import PolicyVersion, policy_versions, save_policy
from service.store.queue import places
from service.store.simulation import REACH, Simulation, simulate
from service.store.viewers import Viewer
from service.store.words import StoredRule, add_rule, list_rules, remove_rule
from service.wordlist import RuleKind, WordList, WordRule, WordRules

router = APIRouter(route_class=DeskRoute, include_in_schema=False)
NO_VERSION = -1  # a form that does not say what it was made from may be out of date
CHANGED = (
    "Another version was saved since you opened the form. Nothing of yours is saved yet: your changes stand on top of "
    "that version now. Look at them and save again."
)


@dataclass(frozen=True, slots=True)
class ThresholdField:
    """One row of the form; an empty value never sends to review."""

    attribute: str
    value: float | None
    current: float | None
    below: bool


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """What `policy.html` shows."""

    site: str
    section: str
    sites: Sequence[str]
    sections: Sequence[str]
    current: PolicyVersion
    fields: tuple[ThresholdField, ...]
    now: Simulation
    then: Simulation
    reach_days: int
    changed: bool
    versions: Sequence[PolicyVersion]
    may_save: bool
    made_from: int  # the version that the form began with
    differences: Sequence[Difference]  # when another version was saved since
    why: str
    judge_stored: bool
    problem: str


@dataclass(frozen=True, slots=True)
class WordsPage:
    """What `words.html` shows."""

    rules: Sequence[StoredRule]
    lists: tuple[WordList, ...]
    sites: Sequence[str]
    may_change: bool
    trial: str
    found: Sequence[tuple[str, str]]  # what of the trial, and by which list


@router.get("/policy")
def show_policy(request: Request, viewer: Reader, store: Data) -> Response:
    """Thresholds of a scope with what they would do; the parameters of the query are tried, not saved."""
    return _policy_page(request, viewer, store, read_form(store.database, request.query_params))


def _policy_page(
    request: Request,
    viewer: Viewer,
    store: Store,
    form: PolicyForm,
    *,
    differences: Sequence[Difference] = (),
    problem: str = "",
    status: int = 200,
) -> Response:
    current, tried = form.current, form.thresholds
    sites, sections = places(store.database, viewer)
    policies = (current.policy.thresholds, tried)
    now, then = simulate(store.database, policies, viewer, site=form.site, section=form.section)
    page = PolicyPage(
        site=form.site,
        section=form.section,
        sites=sites,
        sections=sections,
        current=current,
        fields=tuple(
            ThresholdField(name, tried.get(name), current.policy.thresholds.get(name), name in BELOW)
            for name in ATTRIBUTES
        ),
        now=now,
        then=then,
        reach_days=REACH.days,
        changed=tried != dict(current.policy.thresholds),
        versions=[one for one in policy_versions(store.database) if not one.section or viewer.reaches(one.section)],
        may_save=viewer.rules,
        made_from=current.id if form.made_from is None else form.made_from,
        differences=differences,
        why=form.why,
        judge_stored=form.judge_stored,
        problem=problem,
    )
    template = "_simulation.html" if wants_fragment(request) else "policy.html"
    return render(template, frame(request, viewer), page, status=status)


@router.post("/policy")
async def change_policy(request: Request, viewer: Admin, store: Data) -> Response:
    """Save a new version, with why; it holds for what arrives from now on, and for what is stored if asked to."""
    form = await request.form()
    return await run_in_threadpool(_save, request, viewer, store, form)


def _save(request: Request, viewer: Viewer, store: Store, given: FormData) -> Response:
    form = read_form(store.database, {name: str(value) for name, value in given.items()})
    if not form.why.strip():
        problem = "Say why the policy changes; the next moderator will ask."
        return _policy_page(request, viewer, store, form, problem=problem, status=422)
    try:
        save_policy(
            store.database,
            form.site,
            form.section,
            form.thresholds,
            moderator=viewer.name,
            why=form.why,
            judge_stored=form.judge_stored,
            made_from=NO_VERSION if form.made_from is None else form.made_from,
        )
    except Conflict:
        again, differences = on_top(store.database, form)
        return _policy_page(request, viewer, store, again, differences=differences, problem=CHANGED, status=409)
    query = urlencode({name: value for name, value in (("site", form.site), ("section", form.section)) if value})
    return RedirectResponse(f"/policy?{query}" if query else "/policy", status_code=303)


@router.get("/words")
def show_words(request: Request, viewer: Reader, store: Data) -> Response:
    """The lists, and a field to try them on a text."""
    trial = request.query_params.get("trial", "")[:5000]
    rules = list_rules(store.database)
    found = WordRules(tuple(stored.rule for stored in rules)).find(trial) if trial else []
    page = WordsPage(
        rules=rules,
        lists=tuple(WordList),
        sites=places(store.database, viewer)[0],
        may_change=viewer.rules,
        trial=trial,
        found=[(trial[place.start : place.end], place.rule.list.value) for place in found],
    )
    return render("words.html", frame(request, viewer), page)


@router.post("/words")
def add_word(
    viewer: Admin,
    store: Data,
    list_name: Annotated[WordList, Form(alias="list")],
    kind: Annotated[RuleKind, Form()],
    pattern: Words,
    site: Words = "",
) -> Response:
    """Put a word or a link on a list; what arrives from now on is matched against it."""
    add_rule(store.database, site[:100], WordRule(list_name, kind, pattern.strip()), moderator=viewer.name)
    return RedirectResponse("/words", status_code=303)


@router.post("/words/{rule_id}/removal")
def drop_word(viewer: Admin, store: Data, rule_id: RowId) -> Response:
    """Take a rule off its list."""
    remove_rule(store.database, rule_id, moderator=viewer.name)
    return RedirectResponse("/words", status_code=303)
