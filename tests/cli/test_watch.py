"""The failsafe from the command line: findings with what to do, exit codes for a timer, duties and absences; balances on paper."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import time_machine

from kansli_tui.pathway.watch import CHECKS
from tests.cli.conftest import Run
from tests.cli.test_commands import HEAD, MEN, add_staff, done, refused
from tests.factories import register_file, register_row
from tests.reports.pdf_reading import page_texts


@pytest.fixture
def office(run: Run, tmp_path: Path) -> Run:
    """Four men of Östergötland in the register."""
    file = tmp_path / "befolkning.csv"
    file.write_bytes(register_file(*(register_row(pnr=number, lan="05", kommun="80") for number in MEN)))
    done(run("import", "population", file, "--accept"))
    return run


@pytest.fixture
def held(office: Run, tmp_path: Path, today: time_machine.Traveller) -> Run:
    """An answer to an order that nobody has made, left for two days."""
    file = tmp_path / "svar.csv"
    file.write_text(HEAD + f"OPT-1;{MEN[0]};NPU08669;3.4;µg/L;F;2026-09-10;;\n")
    done(office("import", "lab", file), 1)
    today.shift(timedelta(days=2))
    return office


def test_an_office_in_order_has_nothing_to_find(office: Run) -> None:
    assert f"Alla {len(CHECKS)} bevakningar är körda och inget är sent." in done(office("watch")).out
    report = done(office("watch", "--json")).json
    assert set(report) == {"at", "checks", "findings"}
    assert report["findings"] == []
    assert [row["check"] for row in report["checks"]] == [check.code.value for check in CHECKS]
    assert all(row["last_by"] == "datoranvändare" and not row["late"] for row in report["checks"])


def test_what_is_late_is_told_with_what_to_do_and_code_1(held: Run) -> None:
    made = done(held("watch", "--json"), 1)
    assert {row["check"]: row["found"] for row in made.json["checks"] if row["found"]} == {"held_message": 1}
    (finding,) = made.json["findings"]
    assert (finding["check"], finding["region"], finding["since"]) == ("held_message", "00", "2026-09-14")
    assert (finding["personnummer"], finding["person_id"], finding["cause"]) == (None, None, None)
    assert finding["what"] == "Väntar i kön Hållna provsvar"
    assert finding["subject"].startswith("task:")
    told = done(held("watch"), 1).out
    assert "✗ Hållet meddelande inte omhändertaget: 1  (allas)" in told
    assert "→ Öppna Hållna provsvar" in told
    assert "1 fynd i 1 bevakningar." in told
    assert "{" not in told


def test_a_duty_is_given_and_moves_with_an_absence(run: Run) -> None:
    add_staff(run, "eva")
    add_staff(run, "ola")

    def on_duty() -> str:
        rows = done(run("watch-duty")).out.splitlines()
        assert len(rows) == len(CHECKS)
        return next(row.split()[1] for row in rows if row.startswith("held_message"))

    assert on_duty() == "allas"
    given = done(run("watch-duty", "held_message", "--owner", "eva", "--deputy", "ola", "--every-hours", "12"))
    assert given.out.split()[:4] == ["held_message", "eva", "12", "h"]
    away = done(run("absence", "eva")).out.split()
    assert away[1] == "eva"
    assert on_duty() == "ola"
    assert done(run("absence", "--end", away[0])).out == ""
    assert on_duty() == "eva"
    done(run("absence", "eva", "2026-09-20", "2026-09-21"))
    assert on_duty() == "eva"
    refused(run("watch-duty", "häst", "--owner", "eva"), "häst")
    refused(run("absence", "eva", "i morgon"), "i morgon")
    refused(run("absence", "ingen"), "ingen")


def test_the_balance_is_written_and_signed(office: Run, tmp_path: Path) -> None:
    paper = tmp_path / "ut" / "balans.pdf"
    done(office("balance", "--pdf", paper))
    assert "Summan stämmer" in page_texts(paper.read_bytes())[0]
    made = done(office("balance", "--sign", "--pdf", paper, "--json")).json
    assert made["signed"]["by"] == "datoranvändare"
    assert made["signed"]["sha256"] == sha256(paper.read_bytes()).hexdigest()
    assert "Undertecknad av datoranvändare: nummer 2" in done(office("balance", "--sign")).out
    assert done(office("balance", "--json")).json["signed"] is None
    for wrong in (("--sign", "--region", "05"), ("--sign", "--born", "1976"), ("--pdf", paper, "--born", "1976")):
        refused(office("balance", *wrong))
