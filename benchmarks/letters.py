"""Letters a second, one core, against typst, WeasyPrint and plain Platypus paragraphs that make the same letter in the same run.

The rivals set the same words in the same type on the same page, with the same columns, address, sender and footer. They are
spared what only we do: the checks, the Data Matrix, the logo, the digest of each letter; typst writes PDF/A-2b as we do.
What a slow rival sets fewer of is reckoned per letter. Needs the extra `bench`: `pip install -e '.[bench]'`. Run:
`python -m benchmarks.letters [--letters 5000] [--quick] [--json]`; each rival, and the memory, is measured in a process of its own.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from importlib.util import find_spec
from time import process_time
from typing import Any

from benchmarks import letter_rivals
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letters import LetterContent, Recipient
from kansli_tui.service.offices import offices
from reports.delivered import delivered_text
from reports.letters import render_batch

TOGETHER = 2_000
"""Letters in a batch at most, as the office makes them."""
_CREATED = datetime(2026, 3, 14, 10, 41, tzinfo=UTC)
_OFFICE = offices(None)["06"]
_GIVEN = ("Örjan", "Łukasz", "Bo", "Åke", "Karl-Erik", "Mohammed", "Çelik", "Ivar")
_FAMILY = ("Lindqvist", "Nguyễn", "Ek", "Đorđević", "Fredriksson-Wachenfeldt", "Öst")


def letters(count: int, text: str, first: int = 0) -> Iterator[LetterContent]:
    """Offers to as many invented people, no two alike."""
    for number in range(first, first + count):
        given, family = _GIVEN[number % len(_GIVEN)], _FAMILY[number // 7 % len(_FAMILY)]
        yield LetterContent(
            letter_id=f"B-2026-{number:06d}",
            type=LetterType.OFFER,
            language="sv",
            region=_OFFICE,
            recipient=Recipient(
                f"{given} {family}", (f"Storgatan {number % 97 + 1} lgh 11{number % 30 + 1:02d}",), "55333", "Jönköping"
            ),
            on=date(2026, 3, 14),
            values={"valid_until": date(2026, 6, 14), "order_number": f"OPT-2026-{number:06d}"},
            invented=True,
            template_version="2026-1",
            text=text,
        )


def ours(made: Sequence[LetterContent]) -> int:
    """Check and set the letters in batches; how many bytes they take."""
    return sum(
        len(render_batch(made[start : start + TOGETHER], created=_CREATED).pdf)
        for start in range(0, len(made), TOGETHER)
    )


def one_page(text: str) -> str:
    """The offer's text without its last paragraphs, as many as fit one page: the production letter takes two."""
    parts = text.split("\n\n")
    while True:
        short = "\n\n".join(parts)
        (sent,) = letters(1, short)
        if render_batch([sent], created=_CREATED).pages[0].pages == 1:
            return short
        parts.pop()


def measure(count: int, *, short: bool, quick: bool) -> dict[str, Any]:
    """Ours before and after every rival, on one core; CPU seconds, so that neighbours count less."""
    made = list(letters(count, _text(short=short)))
    ours(made[:50])
    before, size = _timed(lambda: ours(made))
    few = {"typst": count, "weasyprint": min(count, 60), "platypus": min(count, 600)}
    if quick:
        few = {"typst": min(count, 500), "weasyprint": 20, "platypus": 150}
    # Each in a process of its own: typst remembers what it has set before, and the office sets each letter once.
    rivals = {
        name: _in_child("--rival", name, "--letters", number, *(["--short"] if short else []))
        for name, number in few.items()
    }
    after, _ = _timed(lambda: ours(made))
    each = (before + after) / 2 / count
    pages = render_batch(made[:1], created=_CREATED).pages[0].pages
    for its in rivals.values():
        its["times_faster"] = 1 / each / its["per_second"]
    return {
        "letters": count,
        "pages_per_letter": pages,
        "per_second": 1 / each,
        "bytes_per_letter": size / count,
        "rivals": rivals,
    }


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = process_time()
    result = work()
    return process_time() - begun, result


def memory(count: int) -> dict[str, float]:
    """Set so many letters, a batch at a time, each finished before the next: megabytes after the first, the last, and at most."""
    text = delivered_text(LetterType.OFFER, "sv")[1]
    render_batch(list(letters(2, text)), created=_CREATED)
    begun = process_time()
    resident: list[float] = []
    for first in range(0, count, TOGETHER):
        render_batch(list(letters(min(TOGETHER, count - first), text, first)), created=_CREATED)
        resident.append(_status("VmRSS"))
    return {
        "letters": count,
        "cpu_seconds": process_time() - begun,
        "after_first_batch_mb": resident[0],
        "after_last_batch_mb": resident[-1],
        "peak_mb": _status("VmHWM"),
    }


def _status(name: str) -> float:
    """A figure of this process in megabytes: VmRSS now, VmHWM at most since it began (a parent's peak is no part of it)."""
    with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 - no file, the kernel's figures
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(f"{name}:"))


def rival(name: str, count: int, *, short: bool) -> dict[str, float]:
    """One rival, timed after two letters that load it and its fonts."""
    made = list(letters(count, _text(short=short)))
    make: Callable[[Sequence[LetterContent]], tuple[int, int]] = getattr(letter_rivals, name)
    make(made[:2])
    seconds, (size, pages) = _timed(lambda: make(made))
    return {
        "letters": count,
        "per_second": count / seconds,
        "pages_per_letter": pages / count,
        "bytes_per_letter": size / count,
    }


def _text(*, short: bool) -> str:
    whole = delivered_text(LetterType.OFFER, "sv")[1]
    return one_page(whole) if short else whole


def _in_child(*given: object) -> dict[str, float]:
    child = [sys.executable, "-m", "benchmarks.letters", *map(str, given)]
    return dict(json.loads(subprocess.run(child, check=True, capture_output=True, text=True).stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=int, default=5_000)
    parser.add_argument("--quick", action="store_true", help="fewer letters: a minute or so")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--memory", type=int, metavar="N", help="the memory of N letters alone")
    parser.add_argument("--rival", choices=("typst", "weasyprint", "platypus"), help="one rival alone")
    parser.add_argument("--short", action="store_true", help="with --rival: the letter of one page")
    given = parser.parse_args()
    if given.memory:
        print(json.dumps(memory(given.memory)))
        return
    if given.rival:
        print(json.dumps(rival(given.rival, given.letters, short=given.short)))
        return
    missing = [name for name in ("typst", "weasyprint") if find_spec(name) is None]
    if missing:
        parser.exit(2, f"{' and '.join(missing)} is not installed: pip install -e '.[bench]'\n")
    if hasattr(os, "sched_setaffinity"):
        # typst would use every core; the child inherits the one.
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    count = 1_000 if given.quick else given.letters
    found: dict[str, Any] = {
        "production": measure(count, short=False, quick=given.quick),
        "one_page": measure(count, short=True, quick=given.quick),
        "memory": _in_child("--memory", 10_000 if given.quick else 100_000),
    }
    if given.json:
        print(json.dumps(found, indent=2))
        return
    for variant in ("production", "one_page"):
        one = found[variant]
        print(
            f"{variant}: {one['letters']} letters of {one['pages_per_letter']} pages: {one['per_second']:.0f} a second,"
            f" {one['bytes_per_letter']:.0f} bytes each"
        )
        for name, its in one["rivals"].items():
            print(
                f"  {name}: {its['per_second']:.1f} a second ({its['letters']} letters of {its['pages_per_letter']:.0f} pages,"
                f" {its['bytes_per_letter']:.0f} bytes each): ours is {its['times_faster']:.1f} times as fast"
            )
    used = found["memory"]
    print(
        f"memory: {used['letters']} letters in batches of {TOGETHER}: {used['after_first_batch_mb']:.0f} MB after the first,"
        f" {used['after_last_batch_mb']:.0f} MB after the last, {used['peak_mb']:.0f} MB at most"
    )


if __name__ == "__main__":
    main()
