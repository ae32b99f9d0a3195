"""CSS selectors answered from an index of the page: one pass over the tree, then dictionary look-ups.

An XPath per selector walks the whole page each time and costs 0.7 ms; a page takes thirty of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from functools import cached_property
from typing import TypeAlias

from cssselect import HTMLTranslator
from cssselect import parser as css
from lxml import etree

from data.page.tree import Element

Test = Callable[[Element], bool]
Finder: TypeAlias = "Callable[[Index], list[Element]]"
_DIGITS = re.compile(r"\d+")
_TRANSLATOR = HTMLTranslator()
_NAMES = etree.XPath(
    "//@class | //@id | //@itemtype | //@component | //@data-role | //meta[@name='generator']/@content",
    smart_strings=False,
)
_CUSTOM = etree.XPath("//*[contains(name(), '-')]")
_COMMON = frozenset(
    "href src alt style target rel width height type value srcset sizes loading content name tabindex role".split()
)


class Index:
    """The elements of a page by class, id, tag and attribute, in document order; made when first asked."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.classes: defaultdict[str, list[Element]] = defaultdict(list)
        self.tags: defaultdict[str, list[Element]] = defaultdict(list)
        self.ids: defaultdict[str, list[Element]] = defaultdict(list)
        self.named: defaultdict[str, list[Element]] = defaultdict(list)  # by the attributes that they have
        self._made = False

    @cached_property
    def signature(self) -> str:
        """Return every class, id, type and custom tag of the page once: where an engine's marks are looked for."""
        names = set(" ".join(set(_NAMES(self.root))).split())
        return _DIGITS.sub("1", " ".join([*names, *{element.tag for element in _CUSTOM(self.root)}]))

    @cached_property
    def order(self) -> dict[Element, int]:
        """Return the place of each element in the document."""
        return {element: number for number, element in enumerate(self.root.iter("*"))}

    def made(self) -> Index:
        """Return the index with every element in it."""
        if not self._made:
            self._made = True
            for element in self.root.iter("*"):
                self._add(element)
        return self

    def _add(self, element: Element) -> None:
        self.tags[element.tag].append(element)
        for name, value in element.attrib.items():
            if name == "class":
                for token in set(value.split()):
                    self.classes[token].append(element)
            elif name == "id":
                self.ids[value].append(element)
                self.named[name].append(element)
            elif name not in _COMMON:
                self.named[name].append(element)


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
        if len(self._finders) == 1:
            return self._finders[0](index.made())
        matched = {element for finder in self._finders for element in finder(index.made())}
        return sorted(matched, key=index.order.__getitem__)


def _finder(tree: object) -> Finder:
    """Compile a parsed selector: the smallest list that the index has of its names, then tests of what is left."""
    if isinstance(tree, css.CombinedSelector):
        return _combined(tree)
    keys, tests = _compound(tree)

    def find(index: Index) -> list[Element]:
        lists = [getattr(index, kind).get(name, []) for kind, name in keys]
        shortest: list[Element] = min(lists, key=len) if lists else list(index.order)
        others = [set(other) for other in lists if other is not shortest] if shortest else []
        return [
            element
            for element in shortest
            if all(element in other for other in others) and all(test(element) for test in tests)
        ]

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
        return [element for element in right(index) if any(above in lefts for above in element.iterancestors())]

    return find
