from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kansli_tui.errors import UnreadableFileError
from kansli_tui.exchange.population_csv import COLUMNS, OPTIONAL_COLUMNS, read_population_csv
from kansli_tui.pathway.identity import check_digit
from kansli_tui.pathway.register_codes import DeregistrationEffect
from kansli_tui.rows.population import (
    ALL_FIELDS,
    AddressSource,
    Protection,
    RegisterLine,
    RegisterPerson,
    RegisterProblem,
    postal_address,
)

SAMPLE = (Path(__file__).parent.parent / "samples" / "population_csv.csv").read_bytes()
HEADING = ";".join(COLUMNS)


def number(serial: int) -> str:
    return f"19760203{serial:03}{check_digit(f'760203{serial:03}')}"


def row(**values: str) -> str:
    plain = {
        "pnr": number(101),
        "kon": "M",
        "sekretess": "N",
        "skyddad_fbf": "N",
        "fornamn": "Åke",
        "tilltal": "10",
        "efternamn": "Öberg",
        "adr2": "Vägen 1",
        "postnr": "57431",
        "ort": "VETLANDA",
        "lan": "06",
        "kommun": "85",
        "fbf_datum": "2015-01-01",
    }
    cells = plain | values
    return ";".join(cells.get(column, "") for column in COLUMNS)


def read(*rows: str, encoding: str = "utf-8") -> tuple[RegisterLine, ...]:
    return read_population_csv("\n".join((HEADING, *rows)).encode(encoding))


def person_of(line: RegisterLine) -> RegisterPerson:
    assert line.person is not None, line.problem
    assert line.problem is None
    return line.person


def problem_of(line: RegisterLine) -> RegisterProblem:
    assert line.problem is not None
    assert line.person is None
    return line.problem


@pytest.fixture(scope="module")
def sample() -> dict[str, RegisterPerson]:
    lines = read_population_csv(SAMPLE)
    assert [line.line for line in lines] == list(range(2, 11))
    assert all(line.change_only is None for line in lines)
    return {person_of(line).family_name: person_of(line) for line in lines}


def test_an_ordinary_row(sample: dict[str, RegisterPerson]) -> None:
    person = sample["Sjöberg"]
    assert (person.number, person.birth_date, person.sex) == ("197601012391", date(1976, 1, 1), "M")
    assert (person.county, person.municipality, person.registered_since) == ("05", "0580", "2013-02-25")
    assert person.full_name == "Åke Öst Sjöberg"
    assert person.deregistration is None
    address = postal_address(person)
    assert address is not None
    assert (address.lines, address.postcode, address.city) == (("Storgatan 1 lgh 1101",), "58222", "LINKÖPING")


def test_protection_marks(sample: dict[str, RegisterPerson]) -> None:
    assert sample["Testsson"].protection is Protection.CONFIDENTIALITY
    protected = sample["Testlund"]
    assert protected.protection is Protection.PROTECTED_REGISTRATION
    address = postal_address(protected)
    assert address is not None
    assert (address.source, address.lines) == (AddressSource.SPECIAL, ("Förmedlingsuppdrag", "Box 2820"))


def test_old_number_points_at_the_new_one(sample: dict[str, RegisterPerson]) -> None:
    old = sample["Gammal"]
    assert old.deregistration is DeregistrationEffect.NUMBER_CHANGED
    assert old.reference_number == sample["Nyman"].number


def test_death_with_a_partly_unknown_date(sample: dict[str, RegisterPerson]) -> None:
    dead = sample["Avliden"]
    assert dead.deregistration is DeregistrationEffect.DEAD
    assert (dead.deregistered_on, dead.deregistered_date) == ("2026-00-00", None)


def test_emigrated_has_an_address_abroad(sample: dict[str, RegisterPerson]) -> None:
    gone = sample["Utflyttad"]
    assert gone.deregistration is DeregistrationEffect.EMIGRATED
    assert gone.deregistered_date == date(2026, 3, 14)
    address = postal_address(gone)
    assert address is not None
    assert (address.source, address.country) == (AddressSource.FOREIGN, "Nederländerna")


def test_special_address_comes_first(sample: dict[str, RegisterPerson]) -> None:
    person = sample["Dubbeladress"]
    assert person.addresses.registered.co == "c/o Testperson"
    address = postal_address(person)
    assert address is not None
    assert (address.source, address.city) == (AddressSource.SPECIAL, "JÖNKÖPING")


def test_unknown_code_is_a_person_on_hold(sample: dict[str, RegisterPerson]) -> None:
    person = sample["Okändkod"]
    assert (person.deregistered_code, person.deregistration) == ("ZZ", DeregistrationEffect.HOLD)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_every_character_set_and_line_end_reads_the_same(encoding: str, line_end: bytes) -> None:
    raw = SAMPLE.decode().encode(encoding).replace(b"\n", line_end)
    assert [line.person for line in read_population_csv(raw)] == [line.person for line in read_population_csv(SAMPLE)]


def test_one_wrong_byte_holds_one_line() -> None:
    damaged = SAMPLE.replace(b"Nyman", b"Nym\xffn")
    lines = read_population_csv(damaged)
    held = [line.problem for line in lines if line.problem]
    assert [(each.line, each.number) for each in held] == [(6, "197601052397")]
    assert "cannot be read" in held[0].reason
    assert person_of(lines[0]).family_name == "Sjöberg"


def test_a_utf8_line_in_a_latin1_file_is_held() -> None:
    raw = "\n".join((HEADING, row(), row(pnr=number(103)), row(pnr=number(105)))).encode("latin-1")
    lines = read_population_csv(raw + b"\n" + row(pnr=number(107)).encode())
    assert [bool(line.problem) for line in lines] == [False, False, False, True]
    assert person_of(lines[0]).given_names == "Åke"


def test_a_latin1_line_in_a_utf8_file_is_held() -> None:
    raw = "\n".join((HEADING, row(), row(pnr=number(103)))).encode() + b"\n" + row(pnr=number(107)).encode("latin-1")
    assert [bool(line.problem) for line in read_population_csv(raw)] == [False, False, True]


def test_windows_1252_characters_are_not_guessed() -> None:
    raw = "\n".join((HEADING, row(), row(pnr=number(103), efternamn="\x8aime"))).encode("latin-1")
    assert [bool(line.problem) for line in read_population_csv(raw)] == [False, True]


def test_escape_sequences_and_control_characters_are_removed_and_noted() -> None:
    (line,) = read(row(efternamn="\x1b[1;31mÖ\x07ber\u200bg\x1b]0;title\x07", ort="VET\u00a0LANDA"))
    person = person_of(line)
    assert person.family_name == "Öberg"
    assert person.addresses.registered.city == "VET LANDA"
    assert any("Invisible" in remark.reason for remark in line.remarks)


def test_decomposed_letters_are_composed_without_a_remark() -> None:
    (line,) = read(row(efternamn="O\u0308berg"))
    assert person_of(line).family_name == "Öberg"
    assert line.remarks == ()


def test_quoted_fields() -> None:
    (line,) = read(row(efternamn='"Öberg; den ""yngre"""'))
    assert person_of(line).family_name == 'Öberg; den "yngre"'


def test_an_open_quote_holds_its_own_line_only() -> None:
    lines = read(row(efternamn='"Öberg'), row(pnr=number(103)))
    assert problem_of(lines[0]).line == 2
    assert person_of(lines[1]).number == number(103)


def test_wrong_column_count() -> None:
    lines = read(row(), "197602031011;M;N", row(pnr=number(103)) + ";")
    held = [problem_of(line) for line in lines[1:]]
    assert [(each.line, each.values["found"], each.values["expected"]) for each in held] == [(3, 3, 30), (4, 31, 30)]
    for each in held:
        assert "{found}" in each.reason


def test_empty_lines_are_nobody() -> None:
    assert [line.line for line in read("", row(), "   ", "")] == [3]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"pnr": ""}, "missing"),
        ({"pnr": "7602031011"}, "century"),
        ({"pnr": "197602031019"}, "check digit"),
        ({"pnr": "22AB19701234"}, "no reserve numbers"),
        ({"kon": "X"}, "M or K"),
        ({"sekretess": "?"}, "protection mark"),
        ({"skyddad_fbf": "?"}, "protection mark"),
        ({"lan": "06", "kommun": "0580"}, "municipality"),
        ({"fbf_datum": "2015-13-01"}, "not a date"),
        ({"avreg_datum": "2026-01-01"}, "no code"),
        ({"avreg": "GN"}, "new one is missing"),
        ({"avreg": "GN", "hanvisning": "197602031019"}, "reference number"),
        ({"avreg": "GN", "hanvisning": number(101)}, "same as the number"),
        ({"avreg": "TOO LONG A CODE"}, "too long"),
        ({"fornamn": "", "efternamn": ""}, "no name"),
    ],
)
def test_what_is_wrong_holds_the_line_with_the_remedy(values: dict[str, str], says: str) -> None:
    problem = problem_of(read(row(**values))[0])
    assert problem.line == 2
    assert says in problem.reason
    assert number(101) not in str(problem.values)


@pytest.mark.parametrize(
    "urgent", [{"avreg": "AV"}, {"avreg": "UV"}, {"avreg": "ZZ"}, {"sekretess": "J"}, {"skyddad_fbf": "J"}]
)
def test_a_flaw_never_holds_back_a_death_or_a_protection_mark(urgent: dict[str, str]) -> None:
    (line,) = read(row(kon="X", fbf_datum="nonsense", **urgent))
    person = person_of(line)
    assert line.change_only == ALL_FIELDS - {"sex", "registered_since"}
    assert {remark.reason for remark in line.remarks} >= {
        "The sex must be M or K, or be left empty: correct the line or have the file sent again.",
        "A date is not a date: write YYYY-MM-DD, with 00 for what is unknown.",
    }
    assert person.deregistered_code == urgent.get("avreg")
    assert (person.protection is Protection.NONE) == ("avreg" in urgent)


def test_a_death_whose_date_is_wrong_is_still_a_death() -> None:
    (line,) = read(row(avreg="av", avreg_datum="2026-02-30"))
    assert person_of(line).deregistration is DeregistrationEffect.DEAD
    assert line.change_only == ALL_FIELDS - {"deregistered_on"}


def test_one_mark_set_and_the_other_unclear_is_protected() -> None:
    (line,) = read(row(sekretess="J", skyddad_fbf="?"))
    assert person_of(line).protection is Protection.CONFIDENTIALITY
    assert line.change_only is None
    assert len(line.remarks) == 1


def test_true_address_of_a_person_with_protected_registration_is_not_kept() -> None:
    (line,) = read(
        row(skyddad_fbf="J", sp_adr1="Box 2820", sp_postnr="403 20", sp_ort="GÖTEBORG", utl1="Street", land="Norge")
    )
    fields = person_of(line).addresses.to_fields()
    assert fields == {"sp_adr1": "Box 2820", "sp_postnr": "40320", "sp_ort": "GÖTEBORG"}
    assert any("not stored" in remark.reason for remark in line.remarks)


def test_a_postcode_that_is_none_is_noted_and_gives_no_address() -> None:
    (line,) = read(row(postnr="5743"))
    assert postal_address(person_of(line)) is None
    assert any("postcode" in remark.reason for remark in line.remarks)


def test_repeated_number() -> None:
    twice, other = row(), row(pnr=number(103))
    lines = read(twice, other, twice)
    assert person_of(lines[0]).number == number(101)
    assert problem_of(lines[2]).values == {"first": 2}
    lines = read(twice, other, row(efternamn="Ek"))
    assert problem_of(lines[0]).values == problem_of(lines[2]).values == {"lines": "2, 4"}
    assert person_of(lines[1]).number == number(103)


def test_a_number_on_a_sound_and_on_a_flawed_line_is_held_on_both() -> None:
    lines = read(row(), row(kon="X"))
    assert problem_of(lines[0]).values == {"lines": "2, 3"}
    assert "M or K" in problem_of(lines[1]).reason


@pytest.mark.parametrize(
    ("urgent", "passes"),
    [({"avreg": "AV"}, {"deregistered_code", "deregistered_on"}), ({"sekretess": "J"}, {"protection"})],
)
def test_lines_that_differ_do_not_hold_back_a_death_or_a_protection_mark(
    urgent: dict[str, str], passes: set[str]
) -> None:
    lines = read(row(), row(**urgent))
    assert problem_of(lines[0]).values == {"lines": "2, 3"}
    assert person_of(lines[1]).number == number(101)
    assert lines[1].change_only == {"number", "birth_date"} | passes
    assert lines[1].remarks[-1].values == {"lines": "2, 3"}


def test_samordningsnummer_with_unknown_day_and_with_impossible_day() -> None:
    unknown, impossible = (f"1976{rest}{check_digit('76' + rest)}" for rest in ("0060123", "0291123"))
    lines = read(row(pnr=unknown), row(pnr=impossible))
    assert [person_of(line).birth_date for line in lines] == [None, None]


def test_missing_headings_are_named() -> None:
    with pytest.raises(UnreadableFileError) as refused:
        read_population_csv(SAMPLE.replace(b"skyddad_fbf;", b"x;").replace(b"hanvisning;", b"y;"))
    assert "skyddad_fbf, hanvisning" in str(refused.value)


def test_a_heading_twice_is_refused() -> None:
    with pytest.raises(UnreadableFileError, match="more than once"):
        read_population_csv(SAMPLE.replace(b";mellannamn;", b";fornamn;"))


def test_headings_may_come_in_any_order_and_case_and_with_more() -> None:
    raw = "\n".join(f"{last};{rest}" for rest, last in (line.rsplit(";", 1) for line in SAMPLE.decode().splitlines()))
    raw = "\n".join(f"{line};more" for line in raw.splitlines()).replace("pnr", " PNR ", 1)
    assert [line.person for line in read_population_csv(raw.encode())] == [
        line.person for line in read_population_csv(SAMPLE)
    ]


def test_optional_columns_left_out_change_nothing() -> None:
    keep = [column for column in COLUMNS if column not in OPTIONAL_COLUMNS]
    cells = dict(zip(COLUMNS, row().split(";"), strict=True))
    raw = f"{';'.join(keep)}\n{';'.join(cells[column] for column in keep)}"
    (line,) = read_population_csv(raw.encode())
    left_out = {"preferred_mark", "middle_name", "notification_name", "district", "registered_since"}
    assert line.change_only == ALL_FIELDS - left_out


def test_column_map() -> None:
    raw = SAMPLE.replace(b"pnr;", b"Personnr;", 1)
    assert len(read_population_csv(raw, columns={"pnr": "personnr"})) == 9
    with pytest.raises(UnreadableFileError, match="column map"):
        read_population_csv(raw, columns={"ppnr": "personnr"})


@pytest.mark.parametrize(
    "raw", [b"", b" \r\n", SAMPLE.decode().encode("utf-16"), SAMPLE.decode().encode("utf-16-be"), b"PK\x03\x04abc"]
)
def test_what_is_no_text_is_refused_whole(raw: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        read_population_csv(raw)


@given(st.binary(max_size=200))
def test_any_bytes_after_the_heading_end_as_persons_or_problems(tail: bytes) -> None:
    raw = SAMPLE + tail
    lines = read_population_csv(raw)
    assert all((line.person is None) != (line.problem is None) for line in lines)
    assert len(lines) >= 9


@given(
    st.lists(
        st.sampled_from([*row().split(";"), '"', "\x1b[", "\ufffd", "J", "AV", number(103)]), min_size=30, max_size=30
    )
)
def test_any_mix_of_cells_ends_as_a_person_or_a_problem(cells: list[str]) -> None:
    (line,) = read(";".join(cells)) or [None]
    assert line is not None
    assert (line.person is None) != (line.problem is None)
