"""Ways out of the house, what comes back of letters, and letters in 1177 that nobody reads: each letter reaches its person once."""

import hashlib
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from db.models import Letter, LetterAttempt, Person, Task
from kansli_tui.errors import RefusedError, UnreadableFileError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.letter_states import AttemptOutcome, BatchRow, Channel, LetterState, WaitingLetters
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from kansli_tui.rows.receipts import ReceiptReport
from kansli_tui.service import ways_out
from kansli_tui.service.batches import letter_number
from kansli_tui.service.context import STOCKHOLM
from tests.reports.pdf_reading import page_texts
from tests.world import World

PRE, INBOX = LetterType.PRE_LETTER, Channel.MESSAGE_1177


def released(world: World, *people: dict[str, Any]) -> list[int]:
    """People with a prepared pre-letter each."""
    made = [world.man(**values) for values in people]
    world.release(world.plan())
    return made


def print_house(world: World) -> None:
    """Östergötland's letters go to a print house from now on."""
    text = resources.files("kansli_tui").joinpath("offices.toml").read_text(encoding="utf-8")
    file = world.folder / "kansli.toml"
    file.write_text(text.replace('window = "H2"', 'window = "H2"\nchannel = "vendor"\nunread_days = 3', 1))
    world.context.settings.offices_file = file


def waiting(world: World) -> list[tuple[Channel, bool, int]]:
    return [(row.channel, row.by_hand, row.letters) for row in world.office.letters.waiting(world.anna)]


def batch(world: World, channel: Channel, kind: LetterType = PRE) -> BatchRow:
    return world.office.letters.make_batch(world.anna, region="05", type=kind, channel=channel)


def write(world: World, made: BatchRow, folder: Path) -> tuple[Path, ...]:
    return world.office.letters.write(world.anna, made.batch_id, folder)


def confirm(world: World, made: BatchRow) -> BatchRow:
    now = world.office.letters.by_number(world.anna, made.number)
    return world.office.letters.confirm(world.anna, made.batch_id, version=now.version, posted=now.to_post)


def handed_over(world: World, folder: Path, *people: dict[str, Any]) -> list[int]:
    """People whose pre-letter is in 1177."""
    made = released(world, *({"letter_channel": INBOX, **values} for values in people))
    sent = batch(world, INBOX)
    write(world, sent, folder)
    confirm(world, sent)
    return made


def change(world: World, person_id: int, **values: Any) -> None:
    with world.context.sessions.begin() as session:
        person = session.get_one(Person, person_id)
        for name, value in values.items():
            setattr(person, name, value)


def letters(world: World, person_id: int) -> list[Letter]:
    with world.context.sessions.read() as session:
        return list(session.scalars(select(Letter).where(Letter.person_id == person_id).order_by(Letter.id)))


def number(world: World, person_id: int) -> str:
    return letter_number(letters(world, person_id)[0].id)


def outcomes(world: World, person_id: int) -> list[AttemptOutcome]:
    with world.context.sessions.read() as session:
        rows = select(LetterAttempt.outcome).where(LetterAttempt.person_id == person_id)
        return list(session.scalars(rows.order_by(LetterAttempt.at, LetterAttempt.id)))


def receive(world: World, *lines: str, actor: Actor | None = None) -> ReceiptReport:
    raw = "\n".join(("letter_id;outcome;at;note", *lines)).encode()
    return world.office.channels.receive(actor or world.anna, raw, "kvittenser.csv")


def said(report: ReceiptReport) -> list[tuple[int, str]]:
    return [(problem.place, problem.message.format(**problem.values)) for problem in report.problems]


def on(world: World, *, days: float = 0) -> str:
    return f"{(world.clock.now + timedelta(days=days)).astimezone(STOCKHOLM):%Y-%m-%dT%H:%M:%S}"


# Out


def test_a_print_house_gets_a_folder_that_says_last_that_it_is_whole(world: World, tmp_path: Path) -> None:
    print_house(world)
    first, second, hidden = released(
        world, {}, {"family_name": "Ström"}, {"protection": Protection.PROTECTED_REGISTRATION}
    )
    assert waiting(world) == [(Channel.VENDOR, False, 2), (Channel.PAPER, True, 1)], "a protected person's stays here"
    made = batch(world, Channel.VENDOR)
    files = write(world, made, tmp_path)
    folder = tmp_path / f"brev-05-{made.number}"
    assert [file.name for file in files] == [
        *(f"brev-05-{made.number}.{end}" for end in ("pdf", "csv", "json")),
        f"klar-05-{made.number}.json",
    ]
    assert {file.parent for file in files} == {folder}
    control = json.loads(files[-1].read_bytes())
    assert (control["format"], control["number"], control["letters"]) == ("kansli-print-1", made.number, 2)
    assert control["pages"] == control["sheets"] == made.pages == len(page_texts(files[0].read_bytes()))
    for listed, file in zip(control["files"], files[:-1], strict=True):
        data = file.read_bytes()
        assert (listed["name"], listed["bytes"]) == (file.name, len(data))
        assert listed["sha256"] == hashlib.sha256(data).hexdigest()
    listing = files[2].read_text() + files[-1].read_text()
    assert "Ström" not in listing
    assert world.person(first).number not in listing
    assert [file.read_bytes() for file in write(world, made, tmp_path)] == [file.read_bytes() for file in files]
    change(world, second, blocked=True)
    with pytest.raises(RefusedError, match=number(world, second)):
        write(world, made, tmp_path)
    change(world, second, blocked=False)
    confirm(world, made)
    assert outcomes(world, first) == [AttemptOutcome.HANDED_OVER]
    assert letters(world, first)[0].channel is Channel.VENDOR
    with pytest.raises(RefusedError, match="handed over"):
        write(world, made, tmp_path)
    assert letters(world, hidden)[0].state is LetterState.PREPARED


def test_a_half_written_batch_has_no_file_that_says_it_is_whole(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    print_house(world)
    released(world, {})
    made = batch(world, Channel.VENDOR)
    whole = ways_out.write_whole

    def broken(directory: Path, name: str, data: bytes) -> Path:
        if name.endswith(".csv"):
            raise RefusedError("The disk is full.")
        return whole(directory, name, data)

    monkeypatch.setattr(ways_out, "write_whole", broken)
    with pytest.raises(RefusedError):
        write(world, made, tmp_path)
    assert not list(tmp_path.rglob("klar-*"))
    monkeypatch.undo()
    assert write(world, made, tmp_path)[-1].name.startswith("klar-")


def test_1177_gets_one_message_each_with_the_persons_own_pages_and_nobody_elses(world: World, tmp_path: Path) -> None:
    first, second, paper = released(
        world,
        {"family_name": "Ålund", "letter_channel": INBOX},
        {"family_name": "Öman", "letter_channel": INBOX},
        {"family_name": "Papper"},
    )
    assert waiting(world) == [(INBOX, False, 2), (Channel.PAPER, False, 1)] or waiting(world) == [
        (Channel.PAPER, False, 1),
        (INBOX, False, 2),
    ]
    made = batch(world, INBOX)
    *pdfs, listing = write(world, made, tmp_path)
    assert {file.parent.name for file in (*pdfs, listing)} == {f"1177-05-{made.number}"}
    data = json.loads(listing.read_bytes())
    assert (data["format"], data["number"], data["letters"]) == ("kansli-1177-neutral-1", made.number, 2)
    assert data["invented_people"] is True
    of = {message["letter_id"]: message for message in data["messages"]}
    assert set(of) == {number(world, first), number(world, second)}
    mine = of[number(world, first)]
    assert mine["recipient"] == {"personal_number": world.person(first).number}
    assert mine["subject"] == "Brev från Region Östergötland"
    assert "prost" not in mine["subject"].lower(), "who sees the subject need not see what it is about"
    text = mine["body"]["text"]
    assert "Ålund" not in text, "an address is for envelopes"
    assert "08-465 004 10" in text
    assert number(world, first) in text
    assert max(map(len, text.splitlines())) > 100, "the reader's screen breaks the lines"
    pdf = (listing.parent / mine["attachment"]["name"]).read_bytes()
    assert (len(pdf), hashlib.sha256(pdf).hexdigest()) == (mine["attachment"]["bytes"], mine["attachment"]["sha256"])
    pages = " ".join(page_texts(pdf))
    assert "Ålund" in pages
    assert "Öman" not in pages
    assert not list(tmp_path.rglob("*.part"))
    # Somebody becomes protected before the messages are fetched: his is taken away, also its file.
    change(world, second, protection=Protection.PROTECTED_REGISTRATION)
    *pdfs, listing = write(world, made, tmp_path)
    assert [message["letter_id"] for message in json.loads(listing.read_bytes())["messages"]] == [number(world, first)]
    assert sorted(file.name for file in listing.parent.iterdir()) == sorted([pdfs[0].name, listing.name])
    confirm(world, made)
    assert outcomes(world, first) == [AttemptOutcome.HANDED_OVER]
    assert outcomes(world, second) == []
    again = letters(world, second)[0]
    assert again.state is LetterState.PREPARED
    with pytest.raises(RefusedError, match="handed over"):
        write(world, made, tmp_path)
    assert letters(world, paper)[0].state is LetterState.PREPARED


def test_an_offer_in_1177_says_where_to_go_since_its_text_points_at_the_paper_s_side(
    world: World, tmp_path: Path
) -> None:
    (man,) = handed_over(world, tmp_path, {})
    world.clock.advance(days=14)
    assert world.office.daily.run(world.anna).offers == 1
    made = batch(world, INBOX, LetterType.OFFER)
    listing = write(world, made, tmp_path)[-1]
    (message,) = json.loads(listing.read_bytes())["messages"]
    assert "Drop-in vardagar 8–16" in message["body"]["text"]
    assert message["recipient"]["personal_number"] == world.person(man).number


def test_whoever_wants_one_letter_on_paper_gets_it_where_a_print_house_prints(world: World, tmp_path: Path) -> None:
    print_house(world)
    (man,) = released(world, {})
    made = world.office.mail.print_single(world.anna, letters(world, man)[0].id)
    assert made.channel is Channel.PAPER
    assert {file.parent for file in write(world, made, tmp_path)} == {tmp_path}
    rows = (
        WaitingLetters("05", PRE, False, 2, world.clock.now, Channel.VENDOR),
        WaitingLetters("05", PRE, False, 3, world.clock.now - timedelta(days=1), Channel.PAPER),
        WaitingLetters("08", PRE, False, 1, world.clock.now, Channel.VENDOR),
    )
    merged = ways_out.merged(world.context.settings.offices_file, rows)
    assert [(row.region, row.channel, row.letters) for row in merged] == [
        ("05", Channel.VENDOR, 5),
        ("08", Channel.PAPER, 1),
    ], "what waited for a print house goes on paper once the region prints by itself"
    assert merged[0].oldest == world.clock.now - timedelta(days=1)


# Back


def test_receipts_are_noted_once_and_wrong_lines_say_what_to_do(world: World, tmp_path: Path, jkp: Actor) -> None:
    man, other = handed_over(world, tmp_path, {}, {})
    (unsent,) = released(world, {"family_name": "Väntar"})
    lines = (
        f"{number(world, man)};delivered;{on(world)};",
        f"{number(world, man).lower()};READ;{on(world, days=0.2)};öppnat\x1b[31m",
        f"B-999999;read;{on(world)};",
        f"hej;read;{on(world)};",
        f"{number(world, other)};kastat;{on(world)};",
        f"{number(world, other)};read;i går;",
        f"{number(world, other)};read;{on(world, days=3)};",
        f"{number(world, unsent)};read;{on(world)};",
        f"{number(world, other)};read",
    )
    report = receive(world, *lines)
    assert (report.taken, report.known, report.on_paper) == (1, 0, 0), "the line with an escape sequence is another's"
    assert [place for place, _text in said(report)] == [3, 4, 5, 6, 7, 8, 9, 10]
    for (_place, text), word in zip(
        said(report),
        (
            "character",
            "B-999999",
            "B-000123",
            "delivered, read, failed",
            "2026-11-20",
            "not come",
            "confirm",
            "columns",
        ),
        strict=True,
    ):
        assert word in text.replace("Confirm", "confirm"), text
    assert outcomes(world, man) == [AttemptOutcome.HANDED_OVER, AttemptOutcome.DELIVERED]
    again = receive(world, *lines, f"{number(world, man)};read;{on(world, days=0.2)};")
    assert (again.taken, again.known) == (1, 1), "a corrected file is taken in whole, and only what is new has effect"
    assert outcomes(world, man) == [AttemptOutcome.HANDED_OVER, AttemptOutcome.DELIVERED, AttemptOutcome.READ]
    (refused,) = said(receive(world, f"{number(world, other)};read;{on(world)};", actor=jkp))
    assert "another region" in refused[1]
    assert outcomes(world, other) == [AttemptOutcome.HANDED_OVER]
    assert "letter.receipt" in world.audit(man)


def test_receipts_as_json_and_files_that_are_none(world: World, tmp_path: Path) -> None:
    (man,) = handed_over(world, tmp_path, {})
    good = {"letter_id": number(world, man), "outcome": "read", "at": world.clock.now.isoformat(), "note": None}
    raw = json.dumps({"format": "kansli-receipts-1", "receipts": [good, {"letter_id": 7}, "x", good]}).encode()
    report = world.office.channels.receive(world.anna, raw, "k.json")
    assert (report.taken, report.known, [place for place, _text in said(report)]) == (1, 1, [2, 3])
    assert outcomes(world, man)[-1] is AttemptOutcome.READ
    for wrong in (b"", b"  ", b"{", b'{"receipts": 7}', b"7", b"fel;rubriker\n1;2\n", b"\xff\xfe\x00"):
        with pytest.raises(UnreadableFileError):
            world.office.channels.receive(world.anna, wrong, "k")


def test_what_could_not_be_delivered_goes_on_paper_at_once_and_once(world: World, tmp_path: Path) -> None:
    man, came, read, left = handed_over(world, tmp_path, {}, {}, {}, {})
    world.act(left, "close", detail="moved_out")
    failed = [f"{number(world, one)};failed;{on(world)};fel nummer" for one in (man, came, read, left)]
    better = [
        f"{number(world, came)};delivered;{on(world, days=0.1)};",
        f"{number(world, read)};read;{on(world, days=-0.1)};",
    ]
    report = receive(world, *better, *failed)
    assert (report.taken, report.on_paper, report.to_contact, report.problems) == (6, 1, 0, ())
    first, anew = letters(world, man)
    assert (anew.again_of, anew.channel, anew.state) == (first.id, Channel.PAPER, LetterState.PREPARED)
    assert [len(letters(world, one)) for one in (came, read)] == [1, 1], "it came all the same"
    assert LetterState.PREPARED not in {letter.state for letter in letters(world, left) if letter.type is PRE}
    for late in (
        failed[0],
        f"{number(world, man)};failed;{on(world, days=0.3)};",
        f"{number(world, man)};read;{on(world)};",
    ):
        assert receive(world, late).on_paper == 0
    assert len(letters(world, man)) == 2
    assert world.step(man) is Step.OFFER_PLANNED
    made = batch(world, Channel.PAPER)
    write(world, made, tmp_path)
    confirm(world, made)
    assert world.step(man) is Step.OFFER_PLANNED, "the same letter again moves nobody"
    assert receive(world, f"{number(world, man)};delivered;{on(world)};").taken == 1
    assert len(letters(world, man)) == 2
    assert world.adds_up()


def test_what_was_stopped_and_came_all_the_same_is_asked_about(world: World, tmp_path: Path) -> None:
    (man,) = released(world, {"letter_channel": INBOX})
    write(world, batch(world, INBOX), tmp_path)
    world.act(man, "close", detail="moved_out")
    line = f"{number(world, man)};delivered;{on(world)};"
    assert receive(world, line).to_contact == 1
    assert receive(world, line).to_contact == 0
    assert world.tasks(man).count(Queue.CONTACT) == 1


def test_a_letter_in_1177_that_nobody_reads_goes_on_paper_once(world: World, tmp_path: Path) -> None:
    unread, read, held = handed_over(world, tmp_path, {}, {}, {})
    change(world, held, blocked=True)
    receive(world, f"{number(world, read)};read;{on(world)};", f"{number(world, unread)};delivered;{on(world)};")
    world.clock.advance(days=6)
    assert world.office.daily.run(world.anna).unread == 0
    world.clock.advance(days=1)
    assert world.office.daily.run(world.anna).unread == 1
    assert world.office.daily.run(world.anna).unread == 0
    first, anew = letters(world, unread)
    assert (anew.again_of, anew.channel) == (first.id, Channel.PAPER)
    assert outcomes(world, unread)[-1] is AttemptOutcome.UNREAD
    assert [len(letters(world, one)) for one in (read, held)] == [1, 1]
    assert receive(world, f"{number(world, unread)};read;{on(world)};").taken == 1
    change(world, held, blocked=False)
    assert world.office.daily.run(world.per).unread == 1
    assert len(letters(world, held)) == 2
    for late in range(3):
        world.clock.advance(days=late)
        world.office.daily.run(world.anna)
    assert [len([one for one in letters(world, who) if one.type is PRE]) for who in (unread, read, held)] == [2, 1, 2]


def test_two_runs_and_a_receipt_at_once_send_it_once(world: World, tmp_path: Path) -> None:
    men = handed_over(world, tmp_path, *({} for _ in range(6)))
    world.clock.advance(days=7)
    failed = [f"{number(world, man)};failed;{on(world)};" for man in men]
    at_once = threading.Barrier(3)

    def act(what: Callable[[], int]) -> int:
        at_once.wait()
        return what()

    with ThreadPoolExecutor(3) as threads:
        acts = (
            lambda: world.office.daily.run(world.anna).unread,
            lambda: world.office.daily.run(world.per).unread,
            lambda: receive(world, *failed).on_paper,
        )
        assert sum(threads.map(act, acts)) >= len(men)
    for man in men:
        assert len([one for one in letters(world, man) if one.type is PRE]) == 2
        assert outcomes(world, man).count(AttemptOutcome.UNREAD) <= 1
        assert outcomes(world, man).count(AttemptOutcome.FAILED) == 1


def test_the_days_are_the_region_s_own_and_what_is_no_longer_so_is_a_persons_to_see_to(
    world: World, tmp_path: Path
) -> None:
    print_house(world)
    man, gone = handed_over(world, tmp_path, {}, {})
    change(world, man, step=Step.AWAITING_SAMPLE)
    world.act(gone, "close", detail="moved_out")
    world.clock.advance(days=3)
    with world.context.sessions.begin() as session:
        before = len(session.scalars(select(Task)).all())
    assert world.office.daily.run(world.anna).unread == 2
    assert world.office.daily.run(world.anna).unread == 0
    assert Queue.CONTACT in world.tasks(man)
    with world.context.sessions.begin() as session:
        assert len(session.scalars(select(Task)).all()) == before + 1, "whoever has left is asked nothing"
    assert [len([one for one in letters(world, who) if one.type is PRE]) for who in (man, gone)] == [1, 1]


def test_a_time_without_a_zone_is_swedens(world: World, tmp_path: Path) -> None:
    (man,) = handed_over(world, tmp_path, {})
    receive(world, f"{number(world, man)};read;2026-09-13T10:30;")
    with world.context.sessions.read() as session:
        at = session.scalar(select(LetterAttempt.at).where(LetterAttempt.outcome == AttemptOutcome.READ))
    assert at == datetime(2026, 9, 13, 10, 30, tzinfo=STOCKHOLM)


def test_a_receipt_for_a_letter_that_went_on_paper_has_no_effect(world: World) -> None:
    (man,) = released(world, {})
    world.post(PRE)
    (letter,) = letters(world, man)
    at = world.clock.now.strftime("%Y-%m-%dT%H:%M")
    raw = f"letter_id;outcome;at\nB-{letter.id};failed;{at}".encode()
    report = world.office.channels.receive(world.anna, raw, "k.csv")
    assert (report.taken, report.on_paper) == (0, 0)
    assert "on paper" in report.problems[0].message
    assert len(letters(world, man)) == 1
