from pathlib import Path

import pytest

from kansli_tui.errors import UnreadableFileError
from kansli_tui.exchange.navet import read_navet
from kansli_tui.exchange.population_file import read_population
from kansli_tui.rows.population import Protection, RegisterLine

SAMPLES = Path(__file__).parent.parent / "samples"
NAVET = (SAMPLES / "navet_flat_up.txt").read_bytes()
NUMBER = "197601012391"
ALWAYS = {"number", "birth_date"}


def read(*lines: str) -> tuple[RegisterLine, ...]:
    return read_navet("\r\n".join(lines).encode("latin-1"))


def test_the_sample_is_four_records_of_changes() -> None:
    lines = read_navet(NAVET)
    assert [line.line for line in lines] == [1, 6, 10, 14]
    persons = [line.person for line in lines]
    assert None not in persons
    first, confidential, protected, renumbered = (person for person in persons if person)
    assert first.full_name == "Åke Öst Sjöberg"
    assert confidential.protection is Protection.CONFIDENTIALITY
    assert protected.protection is Protection.PROTECTED_REGISTRATION
    assert renumbered.reference_number == "197601052397"
    names = ALWAYS | {"given_names", "family_name"}
    assert [line.change_only for line in lines] == [
        names | {"preferred_mark", "middle_name"},
        names | {"protection"},
        names | {"protection"},
        names | {"reference_number"},
    ]


def test_only_given_fields_count_and_an_emptied_field_is_given() -> None:
    (line,) = read(f"#UP 01001 {NUMBER}", "#UP 01013")
    assert line.change_only == ALWAYS | {"middle_name"}
    assert line.person is not None
    assert line.person.middle_name == ""


def test_unknown_fields_are_kept_as_a_remark() -> None:
    (line,) = read(f"#UP 01001 {NUMBER}", "#UP 01099 text", "#UP 01014 Ek")
    assert line.person is not None
    assert [remark.values for remark in line.remarks] == [{"code": "01099"}]
    assert "01099 text" in line.raw_text


@pytest.mark.parametrize("bad", ["#UQ 01014 Ek", "01014 Ek", "#UP 0114 Ek", "#UP 01014Ek", "#POST_XX", "Ek"])
def test_a_malformed_line_holds_its_record_only(bad: str) -> None:
    lines = read(f"#UP 01001 {NUMBER}", bad, "#UP 01001 197601022390", "#UP 01014 Ek")
    assert lines[0].problem is not None
    assert (lines[0].problem.number, lines[0].problem.values["line"]) == (NUMBER, 2)
    assert lines[1].person is not None


def test_a_malformed_line_does_not_hold_back_a_protection_mark() -> None:
    (line,) = read(f"#UP 01001 {NUMBER}", "#UP 01003 J", "nonsense")
    assert line.person is not None
    assert line.person.protection is Protection.CONFIDENTIALITY
    assert [remark.values for remark in line.remarks] == [{"line": 3}]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (["#UP 01014 Ek", "#UP 01014 Al"], "more than once"),
        (["#UP 01003 X"], "must be J or N"),
        (["#UP 01002 197601012399"], "new number"),
        ([f"#UP 01002 {NUMBER}"], "same as the old"),
        (["#UP 01014"], "empty"),
        (["#UP 01014 \x81k"], "cannot be read"),
    ],
)
def test_what_is_wrong_holds_the_record(fields: list[str], says: str) -> None:
    (line,) = read(f"#UP 01001 {NUMBER}", *fields)
    assert line.problem is not None
    assert says in line.problem.reason


@pytest.mark.parametrize("first", ["#UP 01001", "#UP 01001 7601012391", "#UP 01001 197601012392", "#UP 01014 Ek"])
def test_a_record_without_a_valid_number_is_a_problem(first: str) -> None:
    lines = read(first, "#UP 01012 Per", "#UP 01001 197601022390")
    assert lines[0].problem is not None
    assert lines[0].problem.number is None
    assert lines[1].person is not None


def test_one_mark_that_ended_lifts_nothing_until_both_are_named() -> None:
    (line,) = read(f"#UP 01001 {NUMBER}", "#UP 01003 N")
    assert line.change_only == ALWAYS
    assert len(line.remarks) == 1
    (line,) = read(f"#UP 01001 {NUMBER}", "#UP 01003 N", "#UP 01020 N")
    assert line.change_only == ALWAYS | {"protection"}
    assert line.person is not None
    assert line.person.protection is Protection.NONE


def test_the_description_of_the_delivery_is_nobody() -> None:
    lines = read(
        "#DATABESKRIVNING_START", "#PRODUKT NAVET", "#DATABESKRIVNING_SLUT", f"#UP 01001 {NUMBER}", "#FILNAMN x"
    )
    assert [line.line for line in lines] == [4]
    assert lines[0].person is not None


def test_number_twice_in_a_file() -> None:
    lines = read(f"#UP 01001 {NUMBER}", "#UP 01014 Ek", f"#UP 01001 {NUMBER}", "#UP 01014 Al")
    assert [line.problem.values for line in lines if line.problem] == [{"lines": "1, 3"}, {"lines": "1, 3"}]


def test_a_file_without_records_is_refused() -> None:
    with pytest.raises(UnreadableFileError, match="#UP"):
        read_navet(b"pnr;kon\n")


def test_the_format_is_seen_from_the_contents() -> None:
    navet = read_population(NAVET, "a.txt")
    table = read_population((SAMPLES / "population_csv.csv").read_bytes(), "b.csv")
    assert (navet.name, navet.format, len(navet.lines)) == ("a.txt", "navet", 4)
    assert (table.name, table.format, len(table.lines)) == ("b.csv", "csv", 9)
    assert len(table.sha256) == 64
    assert table.sha256 != navet.sha256


@pytest.mark.parametrize(
    ("raw", "format_"), [(NAVET, "csv"), (NAVET, "xlsx"), (b"pnr;kon\n1;2", "navet"), (b"<?xml?>", None)]
)
def test_a_wrong_format_is_refused_whole(raw: bytes, format_: str | None) -> None:
    with pytest.raises(UnreadableFileError):
        read_population(raw, "x", format_)
