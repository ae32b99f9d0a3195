"""Damaged pages for the parser: what truncation, bad charsets, deep nesting and noise make of good ones.

Run by itself it is the long version: `python tests/data/mutations.py --count 100000` reports crashes and slow inputs.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from data.parse import ParseError, parse

LIMIT_SECONDS = 2.0
Mutation = Callable[[bytes, random.Random], bytes]


def cut(page: bytes, chance: random.Random) -> bytes:
    return page[: chance.randrange(len(page) + 1)]


def nest(page: bytes, chance: random.Random) -> bytes:
    tag = chance.choice([b"div", b"blockquote", b"li", b"table", b"span", b"font", b"ul"])
    place = chance.randrange(len(page) + 1)
    return page[:place] + (b"<" + tag + b">") * chance.choice([300, 3_000, 10_000]) + page[place:]


def noise(page: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(page)
    for _ in range(1 + len(damaged) // 100):
        if damaged:
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    return bytes(damaged)


def recode(page: bytes, chance: random.Random) -> bytes:
    text = page.decode("utf-8", "replace")
    return text.encode(chance.choice(["utf-16", "utf-32", "cp1251", "shift_jis", "latin-1", "utf-7"]), "replace")


def swell(page: bytes, chance: random.Random) -> bytes:
    name = chance.choice([b"class", b"id", b"href", b"datetime", b"style", b"title"])
    filling = chance.choice([b"comment ", b"1", b"a-", b"2020-", b"\xf0\x9f\x98\x80", b"depth-1 "])
    return page.replace(b"<div", b"<div " + name + b'="' + filling * chance.choice([500, 20_000]) + b'"', 3)


def repeat(page: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(page) + 1)
    return page + page[start : start + 300] * chance.choice([50, 400])


def shuffle(page: bytes, chance: random.Random) -> bytes:
    parts = page.split(b"<")
    first = chance.randrange(len(parts) + 1)
    middle = parts[first : first + 200]
    chance.shuffle(middle)
    return b"<".join([*parts[:first], *middle, *parts[first + 200 :]])


def endless_line(page: bytes, chance: random.Random) -> bytes:
    piece = chance.choice(
        [b" 1:", b"by ", b"says ", b"- ", b"((((", b"2020-01-", b"comments ", b"\xc2\xa0\n", b"a" * 60]
    )
    return page[:2_000] + piece * 20_000


def binary(page: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(page) + 1)
    magic = chance.choice([b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"\x00" * 64, b"\xff\xfe", b""])
    return magic + page[:start] + chance.randbytes(chance.choice([16, 4_000, 100_000])) + page[start:]


MUTATIONS: tuple[Mutation, ...] = (cut, nest, noise, recode, swell, repeat, shuffle, endless_line, binary)


def mutated(pages: list[bytes], count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield `count` damaged pages with the names of the mutations, the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        page, names = chance.choice(pages), []
        for mutation in chance.sample(MUTATIONS, chance.choice([1, 1, 2])):
            page = mutation(page, chance)[:400_000]
            names.append(mutation.__name__)
        yield "+".join(names), page


def sources() -> list[bytes]:
    """Return the project's own pages and exports."""
    here = Path(__file__).parent
    paths = sorted([*(here / "pages").glob("*.html"), *(here / "exports" / "fixtures").rglob("*.*")])
    return [path.read_bytes() for path in paths if path.name != "expected.json"]


def _tried(page: bytes, *, with_article: bool) -> float:
    """Parse one input and return the seconds of processor time that it took; anything but `ParseError` passes on."""
    started = time.process_time()
    with suppress(ParseError):
        parse(page, with_article=with_article)
    return time.process_time() - started


def main() -> None:
    """Run the long version over the fixtures or the pages that are named; exit 1 on a crash or a slow input."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=2_000)
    options.add_argument("--seed", type=int, default=int(time.time()))
    options.add_argument("pages", nargs="*", type=Path)
    chosen = options.parse_args()
    inputs = [path.read_bytes() for path in chosen.pages] or sources()
    failures, slowest = 0, 0.0
    _tried(inputs[0], with_article=True)  # loads what is imported late
    for number, (name, page) in enumerate(mutated(inputs, chosen.count, chosen.seed)):
        try:
            seconds = _tried(page, with_article=number % 4 == 0)
            complaint = f"{seconds:.2f} s" if seconds > LIMIT_SECONDS else ""
        except Exception as error:  # the point of the exercise: anything else is a crash
            seconds, complaint = 0.0, f"{type(error).__name__}: {error}"
        if complaint:
            failures += 1
            Path(f"failed-{chosen.seed}-{number}.bin").write_bytes(page)
            print(f"input {number} ({name}, {len(page)} bytes): {complaint}", flush=True)
        slowest = max(slowest, seconds)
        if number % 10_000 == 9_999:
            print(f"{number + 1} inputs, slowest {slowest:.2f} s", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{chosen.count} inputs, seed {chosen.seed}: {failures} failed, slowest {slowest:.2f} s, peak {peak} MiB")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
