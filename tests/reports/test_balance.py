"""The balance is read back out of its PDF: verdict, sums, names, pages."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from kansli_tui.errors import LetterError
from kansli_tui.rows.cases import Balance, BalanceRow, Unaccounted
from reports import page
from reports.balance import balance_pdf
from tests.reports.pdf_reading import characters, page_texts

AT = datetime(2026, 3, 14, 23, 41, tzinfo=UTC)
NAMES = {"05": "Region Östergötland", "06": "Region Jönköpings län", "08": "Region Kalmar län"}
WORDS = {"Offered": "Erbjudna", "Closed: dead": "Avslutad: Avliden", "No date": "Inget datum är satt"}


def row(region, born, offered, dead, difference=0):
    lines = {"Closed: dead": dead, "Offered": offered}
    return BalanceRow(region, born, offered + dead + difference, lines, difference)


WHOLE = Balance(AT, (row("05", 1975, 10000, 5), row("05", 1976, 3000, 7), row("06", 1976, 900, 0)), ())
BROKEN = replace(
    WHOLE,
    rows=(*WHOLE.rows, row("06", 1977, 800, 1, difference=2)),
    unaccounted=(Unaccounted(1, "19770101-2391", "06", "No date"), Unaccounted(2, "19770102-2390", "06", "No date")),
)


def made(balance, **changes):
    how = {"made_by": "Eva Ek", "regions": NAMES, "line_words": lambda line: WORDS.get(line, line), "invented": True}
    return balance_pdf(balance, **(how | changes))


def test_a_balance_that_adds_up_says_so_and_has_room_for_two_signatures():
    first = page_texts(made(WHOLE))[0]
    assert "Summan stämmer 13 912 personer i registret. Alla finns på en rad." in first
    assert "Räknad 15 mars 2026 kl. 00.41 av Eva Ek." in first
    assert "stämmer inte" not in first
    assert "Skillnader" not in first
    for label in ("Datum", "Underskrift", "Namnförtydligande"):
        assert first.count(f"{label} {label}") == 1
    assert "Region Östergötland 13 012 13 012 0 stämmer" in first
    assert "Region Jönköpings län 900 900 0 stämmer" in first
    assert "Alla 13 912 13 912 0 stämmer" in first


def test_each_region_has_its_lines_and_its_birth_years_with_sums():
    texts = page_texts(made(WHOLE))
    assert len(texts) == 3
    assert "Region Östergötland: rader" in texts[1]
    assert (
        "Rad Personer Erbjudna 13 000 Avslutad: Avliden 12 Summa rader 13 012 I registret 13 012 Skillnad 0" in texts[1]
    )
    assert "1975 10 005 10 005 0 stämmer 1976 3 007 3 007 0 stämmer Alla år 13 012 13 012 0 stämmer" in texts[1]
    assert "Region Jönköpings län: rader" in texts[2]
    assert [f"Sida {number} (3)" in text for number, text in enumerate(texts, start=1)] == [True] * 3


def test_what_does_not_add_up_stands_first_with_the_people_named():
    first = page_texts(made(BROKEN))[0]
    assert "Summan stämmer inte 14 715 personer i registret. Skillnaden är 2, och 2 personer namnges här." in first
    assert "Region Jönköpings län 1977 803 801 2" in first
    for number in ("19770101-2391", "19770102-2390"):
        assert f"{number} Region Jönköpings län Inget datum är satt" in first
        assert first.index(number) < first.index("Summor")
    assert "Region Jönköpings län 1 703 1 701 2 stämmer inte" in first
    assert "Region Östergötland 13 012 13 012 0 stämmer" in first


def test_too_many_and_too_few_do_not_make_up_for_each_other():
    balance = Balance(AT, (row("05", 1975, 10, 0, difference=1), row("05", 1976, 10, 0, difference=-1)), ())
    first = page_texts(made(balance))[0]
    assert "Summan stämmer inte" in first
    assert "Region Östergötland 20 20 2 stämmer inte" in first
    assert "Skillnaden är 2 större än antalet som namnges" in first


def test_one_region_needs_no_sum_of_all():
    assert " Alla " not in page_texts(made(replace(WHOLE, rows=WHOLE.rows[2:])))[0].replace("Alla finns", "")


def test_a_hundred_names_go_on_with_the_column_heads_again():
    many = tuple(Unaccounted(number, f"1977{number:04d}-0000", "06", "No date") for number in range(100))
    texts = page_texts(made(replace(BROKEN, unaccounted=many)))
    assert all(any(person.number in text for text in texts) for person in many)
    assert sum("Nummer Region Det här fattas" in text for text in texts) == 3
    signed = [text for text in texts if "Namnförtydligande" in text]
    assert len(signed) == 1
    assert "Underskrifter" in signed[0]


def test_the_largest_balance_stays_inside_its_pages():
    lines = {f"Rad nummer {number} med ganska många ord om var personerna finns": 12345 for number in range(20)}
    rows = tuple(
        BalanceRow(region, born, 20 * 12345, lines, 0) for region in ("05", "06", "08") for born in range(1952, 1977)
    )
    pdf = made(Balance(AT, rows, ()))
    texts = page_texts(pdf)
    assert len(texts) == 7
    assert "Summa rader 6 172 500" in texts[1]
    assert "Alla år 6 172 500 6 172 500 0 stämmer" in texts[2]
    paper = page.Box(19.5, 4, 171, 284)
    for number in range(len(texts)):
        found = characters(pdf, number)
        assert [item.char for item in found if not paper.holds(item.box)] == []
        assert [item.char for item in found if item.box.y < page.FOOTER.y < item.box.bottom] == []


def test_an_empty_register_adds_up():
    texts = page_texts(made(Balance(AT, (), ())))
    assert len(texts) == 1
    assert "Summan stämmer 0 personer i registret" in texts[0]


def test_a_lost_person_alone_does_not_add_up():
    alone = Balance(AT, (), (Unaccounted(1, "19770101-2391", "06", "No date"),))
    first = page_texts(made(alone))[0]
    assert "Summan stämmer inte 0 personer i registret. Skillnaden är 0, och 1 person namnges här." in first


def test_invented_people_are_marked_on_every_page_and_others_are_not():
    assert all("PÅHITTAD PERSON" in text for text in page_texts(made(WHOLE)))
    assert "PÅHITTAD" not in " ".join(page_texts(made(WHOLE, invented=False)))


def test_the_same_balance_gives_the_same_bytes_and_no_number_in_the_metadata():
    assert made(BROKEN) == made(BROKEN)
    assert made(BROKEN) != made(replace(BROKEN, at=AT.replace(day=15)))
    metadata = str(PdfReader(BytesIO(made(BROKEN))).metadata)
    assert "Balans 2026-03-15" in metadata
    assert "19770101" not in metadata


def test_a_region_without_a_name_stands_as_its_code():
    assert "06: rader" in page_texts(made(WHOLE, regions={"05": "Region Östergötland"}))[2]


def test_a_name_that_cannot_be_printed_refuses():
    with pytest.raises(LetterError, match=r"U\+0645"):
        made(WHOLE, made_by="محمد")
