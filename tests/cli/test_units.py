"""`import mri`, `import outcomes` and the watched folder with what units send; referrals and receipts on the command line."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from kansli_tui.pathway.referrals import ReferralKind
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.office import Actor
from kansli_tui.service.office import Office
from tests.cli.conftest import Run
from tests.conftest import Clock
from tests.world import World


@pytest.fixture
def office(run: Run, url: str, clock: Clock, anna: Actor, per: Actor, tmp_path: Path) -> Iterator[World]:
    """The same office behind the commands, where everything else has happened."""
    del run
    opened = Office.open(url, clock=clock)
    yield World(opened.context, clock, anna, per, tmp_path / "kansli", paper=False)
    opened.close()


@pytest.fixture
def man(office: World, today: time_machine.Traveller) -> int:
    """A man whose MRI referral waits to be sent."""
    person = office.raised("4.5")
    office.refer(person, sent=False)
    today.move_to(office.clock.now)
    return person


def file(folder: Path, name: str, raw: bytes) -> Path:
    path = folder / name
    path.write_bytes(raw)
    return path


def test_a_referral_leaves_is_booked_and_answered(
    run: Run, office: World, man: int, today: time_machine.Traveller, tmp_path: Path
) -> None:
    made = run("orders", "export", "--to", tmp_path / "ut", "--json")
    assert (made.code, made.json["referrals"], made.json["referral_cancellations"]) == (0, 1, 0)
    assert sorted(Path(name).suffix for name in made.json["files"]) == [".csv", ".hl7", ".pdf"]
    number = office.referral(man).number
    assert run("orders", "receipt", number, "K-9").code == 0
    assert office.referral(man).receipt == "K-9"
    booked = file(tmp_path, "tid.hl7", office.booking_message(man, "S12", office.clock.now + timedelta(days=2)))
    office.clock.advance(days=3)
    today.move_to(office.clock.now)
    answered = file(tmp_path, "svar.hl7", office.mri_message(man, (4,), "40"))
    taken = run("import", "mri", booked, answered, "--json")
    assert taken.code == 0
    assert [(one["applied"], one["held"], one["no_effect"]) for one in taken.json["files"]] == [(1, 0, 0)] * 2
    assert set(taken.json["files"][0]["items"][0]) == {"position", "state", "order", "reason", "fix"}
    assert taken.json["files"][0]["items"][0]["order"] == number
    assert office.step(man) is Step.MRI_TO_ASSESS
    again = run("import", "mri", booked)
    assert again.code == 0
    assert "1 svar" in again.out


def test_export_says_how_many_referrals_left(run: Run, man: int, tmp_path: Path) -> None:
    assert "1 remisser och 0 avbeställningar av remisser skickade." in run("orders", "export", "--to", tmp_path).out


def test_outcomes_are_taken_in_and_what_is_in_doubt_is_code_one(
    run: Run, office: World, man: int, today: time_machine.Traveller, tmp_path: Path
) -> None:
    run("orders", "export", "--to", tmp_path / "ut")
    office.mri(man, (5,), "40")
    (row,) = office.office.examinations.mri_rows(office.anna)
    office.office.examinations.confirm_mri(
        office.anna, row.decision_id, version=row.version, pirads=5, volume_ml=row.volume_ml
    )
    office.refer(man)
    office.clock.advance(days=3)
    today.move_to(office.clock.now)
    number, pnr = office.referral(man, ReferralKind.UROLOGY).number, office.person(man).number
    lines = f"{number};{pnr};visit;{office.today};;\n;{pnr};pathology;{office.today};2;\n{number};{pnr};biopsy;;;\n"
    path = file(tmp_path, "utfall.csv", f"order;pnr;event;at;isup;treatment\n{lines}".encode())
    taken = run("import", "outcomes", path, "--json")
    assert taken.code == 1
    (one,) = taken.json["files"]
    assert (one["applied"], one["held"]) == (1, 2)
    assert all(item["reason"] and item["fix"] for item in one["items"] if item["state"] == "held")
    assert office.step(man) is Step.UROLOGY_VISITED
    assert "3 rader" in run("import", "outcomes", path).out


def test_the_watched_folder_takes_every_kind(
    run: Run, office: World, man: int, today: time_machine.Traveller, tmp_path: Path
) -> None:
    run("orders", "export", "--to", tmp_path / "ut")
    inbox = tmp_path / "bevakad" / "inbox"
    inbox.mkdir(parents=True)
    file(inbox, "1-tid.hl7", office.booking_message(man, "S12", office.clock.now + timedelta(days=2)))
    office.clock.advance(days=3)
    today.move_to(office.clock.now)
    file(inbox, "2-svar.hl7", office.mri_message(man, (2,), "60"))
    file(inbox, "3-okand.hl7", office.mri_message(man, (2,), "60", order="OPTMR-1"))
    today.shift(timedelta(minutes=1))
    assert run("import", "inbox", inbox.parent, "--once").code == 1
    assert sorted(path.name for path in (inbox.parent / "done").iterdir()) == ["1-tid.hl7", "2-svar.hl7"]
    assert [path.name for path in (inbox.parent / "held").iterdir()] == ["3-okand.hl7"]
    assert office.step(man) is Step.MRI_TO_ASSESS


@pytest.mark.parametrize("kind", ["mri", "outcomes"])
def test_a_file_that_cannot_be_read_is_named(run: Run, tmp_path: Path, kind: str) -> None:
    made = run("import", kind, file(tmp_path, "tom.csv", b""))
    assert made.code == 2
    assert len(made.err.strip().splitlines()) == 1
