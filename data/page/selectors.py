"""CSS selectors answered from an index of the page: one pass over the tree, then dictionary look-ups.

An XPath per selector walks the whole page each time and costs 0.7 ms; a page takes thirty of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from functools import cache, cached_property
from typing import TypeAlias

from cssselect import HTMLTranslator
from cssselect import parser as css
from lxml import etree

from data.page.tree import Element

Test = Callable[[Element], bool]
Finder: TypeAlias = "Callable[[Index], list[Element]]"
_DIGITS = re.compile(r"\d+")
_TRANSLATOR = HTMLTranslator()
_CLASSED, _IDENTIFIED = etree.XPath("descendant-or-self::*[@class]"), etree.XPath("descendant-or-self::*[@id]")
_TYPED = etree.XPath("descendant-or-self::*[@itemtype or @component]")
_CUSTOM = etree.XPath("descendant-or-self::*[contains(name(), '-') or contains(name(), ':')]")
_NONE: list[Element] = []
_COMMON = frozenset(
    "href src alt style target rel width height type value srcset sizes loading content name tabindex role".split()
)


class Index:
    """The elements of a page by class, id, tag and attribute, in document order; each list is made when first asked."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self._lists: dict[tuple[str, str], list[Element]] = {}

    @cached_property
    def _classes(self) -> dict[str, list[Element]]:
        held: defaultdict[str, list[Element]] = defaultdict(list)
        for element in _CLASSED(self.root):
            names = element.get("class").split()
            for name in names if len(names) < 2 else dict.fromkeys(names):
                held[name].append(element)
        return held

    @cached_property
    def _ids(self) -> dict[str, list[Element]]:
        held: defaultdict[str, list[Element]] = defaultdict(list)
        for element in _IDENTIFIED(self.root):
            held[element.get("id")].append(element)
        return held

    @cached_property
    def signature(self) -> str:
        """Return every class, id, type and custom tag of the page once: where an engine's marks are looked for."""
        return _DIGITS.sub("1", " ".join([*self._classes, *self._ids, *self._types, *self._custom]))

    @cached_property
    def _types(self) -> set[str]:
        """Return the types of schema.org, the components of NodeBB, and the software that made the page."""
        typed = {element.get(name) or "" for element in _TYPED(self.root) for name in ("itemtype", "component")}
        makers = (meta for meta in self.root.iter("meta") if meta.get("name") == "generator")
        return typed | {meta.get("content") or "" for meta in makers}

    @cached_property
    def places(self) -> str:
        """Return the names again, written as in the page's source: where systems put their comments."""
        ids, classes = (f'id="{name}"' for name in self._ids), (f'class="{name}"' for name in self._classes)
        return "\n".join([*ids, *classes, *(f"<{name}" for name in self._custom)])

    @cached_property
    def _custom(self) -> list[str]:
        """Return the names of the page's own tags, such as `<shreddit-comment>`."""
        return list(dict.fromkeys(element.tag for element in _CUSTOM(self.root)))

    @cached_property
    def order(self) -> dict[Element, int]:
        """Return the place of each element in the document."""
        return {element: number for number, element in enumerate(self.root.iter("*"))}

    def held(self, kind: str, name: str) -> list[Element]:
        """Return the elements with a name: `kind` is classes, ids, tags or named (that is, having the attribute)."""
        if kind == "classes":
            return self._classes.get(name, _NONE)
        if kind == "ids":
            return self._ids.get(name, _NONE)
        key = (kind, name)
        if key not in self._lists:
            self._lists[key] = list(self.root.iter(name)) if kind == "tags" else _having(name)(self.root)
        return self._lists[key]


@cache
def _having(attribute: str) -> etree.XPath:
    """Return what finds the elements with an attribute."""
    return etree.XPath(f"descendant-or-self::*[@{attribute}]")


class Selector:
    """A selector list such as `.author a, .name`, compiled once."""

    def __init__(self, source: str) -> None:
        self._finders: list[Finder] = []
        try:
            if source.startswith("xpath:"):
                raise NotImplementedError
            self._finders = [_finder(part.parsed_tree) for part in css.parse(source)]
        except NotImplementedError:
            is_path = source.startswith("xpath:")
            path = etree.XPath(
                source.removeprefix("xpath:") if is_path else _TRANSLATOR.css_to_xpath(source, "descendant::")
            )
            self._finders = [lambda index: list(path(index.root))]

    def find(self, index: Index) -> list[Element]:
        """Return the elements that match, in document order."""
        lists = [elements for finder in self._finders if (elements := finder(index))]
        if len(lists) < 2:
            return lists[0] if lists else []
        return sorted({element for elements in lists for element in elements}, key=index.order.__getitem__)


def _finder(tree: object) -> Finder:
    """Compile a parsed selector: the smallest list that the index has of its names, then tests of what is left."""
    if isinstance(tree, css.CombinedSelector):
        return _combined(tree)
    keys, tests = _compound(tree)

    def find(index: Index) -> list[Element]:
        lists = []
        for kind, name in keys:
            lists.append(index.held(kind, name))
            if not lists[-1]:
                return []
        shortest: list[Element] = min(lists, key=len) if lists else list(index.order)
        for other in lists:
            if other is not shortest:
                others = set(other)
                shortest = [element for element in shortest if element in others]
        for test in tests:
            shortest = [element for element in shortest if test(element)]
        return list(shortest)

    return find


def _compound(tree: object) -> tuple[list[tuple[str, str]], list[Test]]:
    """Return what the index answers of a compound selector such as `a.name[href]`, and tests for the rest."""
    key: tuple[str, str] | None = None
    test: Test | None = None
    match tree:
        case css.Element():
            return ([("tags", tree.element)] if tree.element else []), []
        case css.Class():
            key = "classes", tree.class_name
        case css.Hash():
            key = "ids", tree.id
        case css.Attrib():
            key, test = None if tree.attrib in _COMMON else ("named", tree.attrib), _attribute(tree)
        case css.Negation():
            test = _negation(tree.subselector)
        case css.Pseudo() if tree.ident == "empty":
            test = lambda element: not len(element) and not element.text  # noqa: E731 - a test among tests
        case _:
            raise NotImplementedError
    keys, tests = _compound(tree.selector)
    return ([*keys, key] if key else keys), ([*tests, test] if test else tests)


def _negation(excluded: object) -> Test:
    """Compile `:not(...)` of a single name or attribute."""
    keys, tests = _compound(excluded)

    def test(element: Element) -> bool:
        named = all(_is_named(element, kind, name) for kind, name in keys)
        return not (named and all(test(element) for test in tests))

    return test


def _is_named(element: Element, kind: str, name: str) -> bool:
    if kind == "tags":
        return bool(element.tag == name)
    if kind == "named":
        return element.get(name) is not None
    return name in (element.get("class" if kind == "classes" else "id") or "").split()


def _attribute(tree: css.Attrib) -> Test:
    """Compile `[name operator value]`."""
    name = tree.attrib
    value = (tree.value.value if tree.value is not None else None) or ""
    tests: dict[str, Callable[[str], bool]] = {
        "exists": lambda held: True,
        "=": lambda held: held == value,
        "^=": lambda held: held.startswith(value),
        "$=": lambda held: held.endswith(value),
        "*=": lambda held: value in held,
        "~=": lambda held: value in held.split(),
    }
    if tree.operator not in tests:
        raise NotImplementedError
    test = tests[tree.operator]
    return lambda element: (held := element.get(name)) is not None and test(held)


def _combined(tree: css.CombinedSelector) -> Finder:
    """Compile `left right`, `left > right` and `left + right`."""
    left, right, combinator = _finder(tree.selector), _finder(tree.subselector), tree.combinator
    if combinator not in (" ", ">", "+"):
        raise NotImplementedError

    def find(index: Index) -> list[Element]:
        lefts = set(left(index))
        if not lefts:
            return []
        if combinator == ">":
            return [element for element in right(index) if element.getparent() in lefts]
        if combinator == "+":
            return [element for element in right(index) if element.getprevious() in lefts]
        return _within(lefts, right(index))

    return find


def _within(around: set[Element], elements: list[Element]) -> list[Element]:
    """Return the elements that lie in any of others; what was climbed once is remembered."""
    known: dict[Element, bool] = {}
    kept = []
    for element in elements:
        path, above = [], element.getparent()
        while above is not None and above not in around and above not in known:
            path.append(above)
            above = above.getparent()
        inside = above is not None and (above in around or known[above])
        known.update(dict.fromkeys(path, inside))
        if inside:
            kept.append(element)
    return kept
