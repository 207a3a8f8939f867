"""`import history` from the command line: a dry run, the import, the same file again, and what it says of lines that cannot be."""

from datetime import date
from pathlib import Path

from tests.cli.conftest import Run
from tests.cli.test_commands import done, refused
from tests.factories import a_number
from tests.service.history_help import OFFERED, RAISED, SAMPLED, history_file, line

LOW = line(a_number(103), **SAMPLED, psa="0.4", psa_letter_on=date(2023, 2, 6))


def test_a_file_is_tried_taken_in_and_known_the_second_time(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "historik.csv"
    file.write_bytes(history_file(line(a_number(101), **RAISED), LOW))
    would = done(run("import", "history", file, "--dry-run", "--json")).json
    assert (would["dry_run"], would["applied"]) == (True, 2)
    assert done(run("balance", "--json")).json["rows"] == []
    did = done(run("import", "history", file, "--json")).json
    assert did["stands"] == {"mri_to_refer": 1, "not_due": 1}
    assert (did["rows"], did["people"], did["applied"], did["known"], did["problems"]) == (2, 2, 2, 0, [])
    case = done(run("case", a_number(101), "--json")).json
    assert (case["step"], case["psa"]["value"]) == ("mri_to_refer", "3.4")
    assert done(run("case", a_number(103), "--json")).json["next"]["on"] == "2029-02-01"
    done(run("balance"))
    again = done(run("import", "history", file))
    assert "2 redan kända" in again.out


def test_a_line_that_cannot_be_is_named_in_swedish_and_asks_for_a_person(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "historik.csv"
    ahead = line(a_number(105), offered_on=date(2027, 1, 1))
    file.write_bytes(history_file(LOW, ahead, line(a_number(107), **{**OFFERED, "offered_on": "i våras"})))
    made = done(run("import", "history", file), 1)
    assert "1 inlästa, 0 redan kända, 2 inte inlästa" in made.out
    assert "Rad 3: datumet i offered_on ligger framåt i tiden" in made.out
    assert "Rad 4: offered_on" in made.out
    assert a_number(105) not in made.out
    problems = done(run("import", "history", file, "--json"), 1).json["problems"]
    assert [problem["line"] for problem in problems] == [3, 4]
    assert all(problem["reason"] and problem["fix"] for problem in problems)


def test_what_is_no_such_file_is_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "annat.csv"
    file.write_text("pnr;region\n", encoding="utf-8")
    refused(run("import", "history", file), "preletter_on")
    refused(run("import", "history", tmp_path / "saknas.csv"), "saknas.csv")
