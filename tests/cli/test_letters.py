"""`kansli-tui letters`: from waiting to posted exactly once wherever the program is killed; counting, returns, receipts and texts."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, insert, select

from db.engine import Sessions, make_engine
from db.models import Letter, LetterAttempt, LetterBatch, Person, Round
from db.queries.people import name_key
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.letter_states import AttemptOutcome, BatchState, Channel, LetterState
from kansli_tui.rows.offers import RoundKind
from tests.cli.conftest import Ran, Run
from tests.databases import BEGINNING
from tests.factories import a_number
from tests.reports.pdf_reading import page_texts

PASSWORD = {"KANSLI_NEW_PASSWORD": "ett långt lösenord", "KANSLI_PASSWORD": "ett långt lösenord"}
REGIONS = ("--region", "05", "--region", "06", "--region", "08")


def done(made: Ran, code: int = 0) -> Ran:
    assert made.code == code, (made.out, made.err)
    return made


def refused(made: Ran, *words: str) -> None:
    assert made.code == 2, (made.out, made.err)
    assert len(made.err.strip().splitlines()) == 1, made.err
    assert all(word in made.err for word in words), made.err


@contextmanager
def rows(url: str) -> Iterator[Any]:
    engine = make_engine(url)
    try:
        with Sessions(engine).begin() as session:
            yield session
    finally:
        engine.dispose()


def waiting(url: str, count: int, channel: Channel = Channel.PAPER) -> None:
    """So many men of Östergötland whose pre-letter waits, written straight into the tables."""
    with rows(url) as session:
        for place in range(count):
            born = date(1976, 1 + place // 400, 11)
            person = Person(
                region="05",
                number=a_number(place % 400 * 2 + 101, f"{born:%Y%m%d}"),
                birth_date=born,
                sex="M",
                given_names="Åke",
                preferred_mark="10",
                family_name=f"Öberg{place}",
                name_key=name_key("Öberg", "Åke"),
                municipality="0580",
                address={"adr2": "Vägen 1", "postnr": f"{58000 + place}", "ort": "LINKÖPING"},
                registered_since="2015-01-01",
                step=Step.PRE_LETTER_TO_POST,
                since=BEGINNING,
                round_number=1,
                letter_channel=channel,
            )
            session.add(person)
        session.flush()
        people = session.scalars(select(Person.id).order_by(Person.id)).all()
        about = [{"person_id": key, "region": "05"} for key in people]
        session.execute(
            insert(Round), [{**one, "number": 1, "kind": RoundKind.FIRST, "began_at": BEGINNING} for one in about]
        )
        letter = {
            "round_number": 1,
            "type": LetterType.PRE_LETTER,
            "channel": channel,
            "values": {},
            "state": LetterState.PREPARED,
            "prepared_at": BEGINNING,
            "prepared_by": "prov",
        }
        session.execute(insert(Letter), [{**one, **letter} for one in about])


def handed_over(run: Run, folder: Path) -> str:
    """Everything that waits is rendered and confirmed; the one batch's number."""
    (made,) = run("letters", "render", "--to", folder, "--json").json["batches"]
    done(run("letters", "confirm", made["number"], "--posted", made["to_post"]))
    return str(made["number"])


# Killed at any point


@dataclass
class Killer:
    """Runs commands that are killed at a stage, in a program of its own."""

    process: "subprocess.Popen[str]"

    def __call__(self, stage: str, *arguments: object) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps([stage, *map(str, arguments)]), file=self.process.stdin, flush=True)
        return self.process.stdout.readline().strip()


@pytest.fixture
def killer(url: str) -> Iterator[Killer]:
    # LOGNAME: whom the computer says that it is.
    surroundings = {**os.environ, "KANSLI_DATABASE_URL": url, "LOGNAME": "datoranvändare"}
    command = [sys.executable, "-m", "tests.cli.killing"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=surroundings
    ) as process:
        yield Killer(process)
        assert process.stdin is not None
        process.stdin.close()


WHILE_RENDERING = (
    "half the letters looked at",
    "frozen but not saved",
    "prepared",
    "set but not saved",
    "rendered",
    "PDF written but not named",
    "no manifest",
    "half a manifest",
    "written but not noted",
    "noted but not told",
)
WHILE_POSTING = ("posted but not saved", "posted and logged but not saved", "posted but not told")


def test_each_of_500_letters_is_posted_once_wherever_the_program_is_killed(
    run: Run, url: str, killer: Killer, tmp_path: Path
) -> None:
    waiting(url, 500)
    for stage in WHILE_RENDERING:
        assert killer(stage, "letters", "render", "--to", tmp_path) == "killed", stage
    last = done(run("letters", "render", "--to", tmp_path, "--json")).json
    assert (last["batches"], last["left"]) == ([], 0), "all was made, and nothing is made twice"
    (number,) = last["to_confirm"]
    assert number in run("letters", "render", "--to", tmp_path).out
    for stage in WHILE_POSTING:
        assert killer(stage, "letters", "confirm", number, "--posted", 500) == "killed", stage
    refused(run("letters", "confirm", number, "--posted", 500))

    assert sorted(file.name for file in tmp_path.iterdir()) == [
        f"brev-05-{number}.{end}" for end in ("csv", "json", "pdf")
    ]
    manifest = json.loads((tmp_path / f"brev-05-{number}.json").read_text())
    ids = [item["letter_id"] for item in manifest["items"]]
    assert len(ids) == len(set(ids)) == 500
    pages = page_texts((tmp_path / f"brev-05-{number}.pdf").read_bytes())
    assert len(pages) == manifest["pages"] == 500
    assert all(letter in page for letter, page in zip(ids, pages, strict=True))
    with rows(url) as session:
        batches = session.execute(select(LetterBatch.number, LetterBatch.state)).all()
        assert batches == [(number, BatchState.POSTED)]
        times = select(LetterAttempt.letter_id, func.count()).where(LetterAttempt.outcome == AttemptOutcome.HANDED_OVER)
        posted = dict(session.execute(times.group_by(LetterAttempt.letter_id)).all())
        assert posted == dict.fromkeys(session.scalars(select(Letter.id)), 1)
        assert set(session.scalars(select(Letter.state))) == {LetterState.POSTED}
        assert set(session.scalars(select(Person.step))) == {Step.OFFER_PLANNED}


def test_messages_to_1177_are_whole_or_not_announced_wherever_the_program_is_killed(
    run: Run, url: str, killer: Killer, tmp_path: Path
) -> None:
    waiting(url, 3, Channel.MESSAGE_1177)
    for stage in ("prepared", "rendered", "PDF written but not named", "no manifest"):
        assert killer(stage, "letters", "render", "--to", tmp_path) == "killed", stage
        assert not list(tmp_path.rglob("meddelanden-*")), stage
    assert killer("written but not noted", "letters", "render", "--to", tmp_path) == "killed"
    (made,) = done(run("letters", "render", "--to", tmp_path, "--json")).json["batches"]
    (folder,) = tmp_path.iterdir()
    messages = json.loads((folder / f"meddelanden-05-{made['number']}.json").read_text())["messages"]
    names = [message["attachment"]["name"] for message in messages]
    assert len(set(names)) == 3
    assert sorted(file.name for file in folder.iterdir()) == sorted([*names, f"meddelanden-05-{made['number']}.json"])
    done(run("letters", "confirm", made["number"], "--posted", 3))


def test_a_batch_that_cannot_be_written_is_written_the_next_time(run: Run, url: str, tmp_path: Path) -> None:
    waiting(url, 2)
    (tmp_path / "fil").write_text("ingen mapp")
    lost = run("letters", "render", "--to", tmp_path / "fil", "--json")
    assert (lost.code, lost.json["batches"]) == (2, [])
    ((number, reason),) = [one.values() for one in lost.json["refused"]]
    assert number in lost.err
    assert reason in lost.err
    (made,) = done(run("letters", "render", "--to", tmp_path, "--json")).json["batches"]
    assert (made["number"], made["to_post"], made["state"]) == (number, 2, "printed")


# Batches that are not as they should be


def ids_of(folder: Path, number: str) -> list[str]:
    items = json.loads((folder / f"brev-05-{number}.json").read_text())["items"]
    return [item["letter_id"] for item in items]


def lines(ids: Sequence[str]) -> str:
    return "\n".join(ids) + "\n"


def test_a_batch_is_counted_by_scanning_and_what_is_spoiled_waits_for_the_next(
    run: Run, url: str, tmp_path: Path
) -> None:
    waiting(url, 4)
    (made,) = run("letters", "render", "--to", tmp_path, "--json").json["batches"]
    number = made["number"]
    ids = ids_of(tmp_path, number)
    wrong = run("letters", "count", number, "--json", input=lines([*ids[:3], f"{ids[0]} 1/1", ids[1], "B-000099"]))
    assert done(wrong, 1).json == {"seen": 3, "missing": [ids[3]], "strange": ["B-000099"], "twice": [ids[1]]}
    assert ids[3] in done(run("letters", "count", number, input=lines(ids[:3])), 1).out
    refused(run("letters", "count", number, input="hej\n"), "B-000123")
    refused(run("letters", "set-aside", number, "B-000099", "--reason", "trasigt"), "B-000099")
    aside = done(run("letters", "set-aside", number, ids[3], "--reason", "trasigt", "--json")).json
    assert (aside["to_post"], aside["take_out"]) == (3, [ids[3]])
    done(run("letters", "count", number, input=lines(ids[:3])))
    refused(run("letters", "confirm", number, "--posted", 3, "--sheets", 4), "3", "4")
    assert done(run("letters", "confirm", number, "--posted", 3, "--sheets", 3, "--json")).json["state"] == "posted"
    (rest,) = run("letters", "render", "--to", tmp_path, "--json").json["batches"]
    assert ids_of(tmp_path, rest["number"]) == [ids[3]]


def test_a_reprint_is_a_batch_of_its_own_with_the_same_pages(run: Run, url: str, tmp_path: Path) -> None:
    waiting(url, 2)
    (old,) = run("letters", "render", "--to", tmp_path, "--json").json["batches"]
    new = done(run("letters", "reprint", old["number"], "--to", tmp_path, "--json")).json
    assert (new["batch"]["reprint_of"], new["batch"]["reason"]) == (old["number"], "ny utskrift")
    assert new["batch"]["state"] == "printed"
    pdfs = [(tmp_path / f"brev-05-{number}.pdf").read_bytes() for number in (old["number"], new["batch"]["number"])]
    assert pdfs[0] == pdfs[1]
    refused(run("letters", "confirm", old["number"], "--posted", 2))
    refused(run("letters", "write", old["number"], "--to", tmp_path))
    done(run("letters", "confirm", new["batch"]["number"], "--posted", 2))
    shown = {row["number"]: row["state"] for row in run("letters", "list", "--json").json["batches"]}
    assert shown == {old["number"]: "cancelled", new["batch"]["number"]: "posted"}


def test_letters_come_back_and_are_sent_again_once_the_address_is_looked_up(run: Run, url: str, tmp_path: Path) -> None:
    waiting(url, 2)
    number = handed_over(run, tmp_path)
    first, second = ids_of(tmp_path, number)
    back = run("letters", "returned", first, "B-000099", "--why", "moved", "--json")
    assert (done(back, 1).json["returned"], [one["letter"] for one in back.json["refused"]]) == ([first], ["B-000099"])
    refused(run("letters", "returned", first), first)
    refused(run("letters", "again", first, "--reason", "retur"))
    sent = done(run("letters", "again", first, "--reason", "retur", "--address-checked", "--json")).json["letter"]
    assert sent not in (first, second)
    assert first not in done(run("letters", "again", second, "--reason", "bortkommet")).out
    (made,) = run("letters", "render", "--to", tmp_path, "--json").json["batches"]
    assert sent in ids_of(tmp_path, made["number"])
    assert made["letters"] == 2


# 1177 and receipts


def test_letters_in_1177_and_their_receipts(run: Run, url: str, today: time_machine.Traveller, tmp_path: Path) -> None:
    waiting(url, 3, Channel.MESSAGE_1177)
    assert done(run("letters", "render", "--channel", "paper", "--to", tmp_path, "--json")).json["batches"] == []
    assert "1177" in run("letters", "list").out
    (made,) = run("letters", "render", "--channel", "1177", "--to", tmp_path, "--json").json["batches"]
    number = made["number"]
    folder = tmp_path / f"1177-05-{number}"
    messages = json.loads((folder / f"meddelanden-05-{number}.json").read_text())["messages"]
    ids = [message["letter_id"] for message in messages]
    done(run("letters", "confirm", number, "--posted", 3))
    receipts = tmp_path / "kvitto.csv"
    receipts.write_text(
        "letter_id;outcome;at;note\n"
        f"{ids[0]};read;2026-09-14T08:00;\n{ids[1]};failed;2026-09-14T08:00;\nB-000099;read;2026-09-14T08:00;\n{ids[2]};read\n"
    )
    got = run("letters", "receipts", receipts, tmp_path / "saknas.csv", "--json")
    assert got.code == 2
    file, missing = got.json["files"]
    assert (file["taken"], file["on_paper"], missing["file"]) == (2, 1, "saknas.csv")
    assert [problem["line"] for problem in file["problems"]] == [4, 5]
    assert "B-000099" in file["problems"][0]["reason"]
    assert "kopia" in file["problems"][1]["reason"], "what to do about the line"
    again = done(run("letters", "receipts", receipts), 1)
    assert "0 kvittenser noterade, 2 kända" in again.out
    done(run("letters", "list"))
    today.shift(timedelta(days=7))
    assert "1177" in done(run("run-day")).out
    assert run("run-day", "--json").json["unread"] == 0
    (paper,) = run("letters", "render", "--to", tmp_path, "--json").json["batches"]
    assert (paper["channel"], paper["letters"]) == ("paper", 2)


# Texts


def test_a_text_is_written_compared_tried_and_signed_by_somebody_else(run: Run, tmp_path: Path) -> None:
    done(run("staff", "add", "eva", "Eva", "--role", "supervisor", *REGIONS, env=PASSWORD))
    rows = done(run("letters", "texts", "list", "--json")).json
    old = next(row for row in rows if (row["name"], row["language"]) == ("pre_letter", "sv"))
    assert old["in_force"]
    body = done(run("letters", "texts", "show", old["text_id"])).out
    file = tmp_path / "forbrev.txt"
    file.write_text(body + "\nEn ny mening till dig.\n")
    write = ("letters", "texts", "write", file, "--name", "pre_letter")
    refused(run(*write, "--comment", ""))
    new = done(run(*write, "--comment", "En mening till", "--json")).json
    assert (new["state"], new["in_force"]) == ("draft", False)
    assert "+En ny mening till dig." in done(run("letters", "texts", "diff", new["text_id"])).out
    assert "En ny mening" in done(run("letters", "texts", "preview", new["text_id"])).out
    pdf = tmp_path / "prov.pdf"
    done(run("letters", "texts", "preview", new["text_id"], "--for", "long_named", "--pdf", pdf))
    assert "En ny mening" in " ".join(page_texts(pdf.read_bytes()))
    refused(run("letters", "texts", "sign", new["text_id"]))
    signed = run("letters", "texts", "sign", new["text_id"], "--user", "eva", "--json", env=PASSWORD)
    assert done(signed).json["in_force"]
    other = done(run(*write, "--comment", "Ångrad", "--json")).json
    done(run("letters", "texts", "reject", other["text_id"], "--reason", "behövs inte"))
    shown = done(run("letters", "texts", "list")).out
    assert str(other["version"]) not in [line.split()[3] for line in shown.splitlines() if " pre_letter " in line]
    file.write_bytes(b"\xff\xfe")
    refused(run(*write, "--comment", "x"), "UTF-8")
    file.write_text(body.replace("# ", "# {fel} ", 1))
    refused(run(*write, "--comment", "x"), "fel")
    refused(run("letters", "texts", "show", 9999))


def test_what_is_asked_for_in_vain_is_refused_in_plain_words(run: Run, url: str) -> None:
    refused(run("letters", "render", "--region", "99"), "region 99")
    refused(run("stats", "--from", "2026-05-01", "--to", "2026-04-01"), "--from")
    refused(run("stats", "--as-of", "2999-01-01"), "inte kommit")
