"""The question to a physician, read back from its PDF."""

from dataclasses import replace
from datetime import date

import pytest

from kansli_tui.errors import LetterError
from kansli_tui.rows.physician_questions import PhysicianQuestion, PsaValue
from reports import page
from reports.physician_question import physician_question
from tests.reports.letter_factory import ON, REGION
from tests.reports.pdf_reading import characters, page_texts

QUESTION = PhysicianQuestion(
    number="F-2026-000017",
    office=REGION,
    on=ON,
    name="Örjan <i>Đorđević",
    identity_number="197601012391",
    birth_date=date(1976, 1, 1),
    asked="Ska personen till urolog trots PI-RADS 2?",
    why="Värdet har stigit mellan två prov.",
    asked_by="Åsa Ek",
    psa=(PsaValue(date(2026, 2, 27), "9.4"), PsaValue(None, "0.1", "<")),
    pirads="2",
    volume_ml="41",
    density="0.21",
    examined_on=date(2026, 3, 10),
    invented=True,
)


def test_everything_stands_on_one_page():
    (text,) = page_texts(physician_question(QUESTION))
    for shown in (
        "F-2026-000017",
        "Örjan <i>Đorđević",
        "19760101-2391",
        "Ska personen till urolog trots PI-RADS 2?",
        "Värdet har stigit mellan två prov.",
        "Åsa Ek",
        "9,4 µg/l, provtagningsdag: 27 februari 2026",
        "mindre än 0,1 µg/l, provtagningsdag: uppgift saknas",
        "MR-undersökning 10 mars 2026",
        "41 ml",
        "0,21 µg/l per ml",
        "Underskrift",
        "Datum",
        "PÅHITTAD PERSON",
    ):
        assert shown in text


def test_what_is_not_known_is_said():
    bare = replace(QUESTION, psa=(), pirads="", volume_ml="", density="", examined_on=None, why="")
    assert page_texts(physician_question(bare))[0].count("uppgift saknas") == 6


def test_a_long_question_and_many_answers_stay_on_the_page():
    psa = tuple(PsaValue(date(2026 - year, 2, 1), "9.4") for year in range(20))
    pdf = physician_question(replace(QUESTION, asked="Varför då? " * 60, why="Därför. " * 60, psa=psa))
    (text,) = page_texts(pdf)
    assert "och 14 äldre" in text
    sheet = page.Box(19.5, 4, 171, 284)
    assert [item.char for item in characters(pdf, 0) if not sheet.holds(item.box)] == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"asked": " "}, "is empty"),
        ({"asked": "Varför? " * 900}, "does not fit one page"),
        ({"why": "\x1b[2J"}, r"U\+001B"),
    ],
)
def test_a_question_that_cannot_be_set_refuses(changes, message):
    with pytest.raises(LetterError, match=message):
        physician_question(replace(QUESTION, **changes))


def test_the_same_question_gives_the_same_bytes():
    assert physician_question(QUESTION) == physician_question(QUESTION)
