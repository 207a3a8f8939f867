"""The papers around a protected person's letter, read back from their PDF."""

from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest

from kansli_tui.errors import LetterError
from kansli_tui.rows.letters import Recipient
from reports import page
from reports.forwarding import ForwardingJob, forwarding_papers
from tests.reports.letter_factory import CREATED, ON, REGION
from tests.reports.pdf_reading import page_texts, text_inside

AGENCY = Recipient("Skatteverket", ("Förmedlingsuppdrag", "Box 2820"), "40320", "Göteborg")
JOB = ForwardingJob(REGION, AGENCY, "Örjan <b>Łind", "197601012391", ("B-2026-000042",), ON, invented=True)


def papers(**changes):
    return forwarding_papers(replace(JOB, **changes), created=CREATED)


@pytest.mark.parametrize("window", ["H2", "V2"])
def test_each_window_holds_who_it_is_for_and_nothing_else(window):
    pdf = papers(office=replace(REGION, window=window))
    clear = page.SHEETS[window].clear
    assert text_inside(pdf, 0, clear) == "SkatteverketFörmedlingsuppdragBox282040320GÖTEBORG"
    assert text_inside(pdf, 1, clear) == "Örjan<b>Łind19760101-2391"


def test_the_note_says_what_is_asked_and_the_person_is_on_the_inner_sheet_only():
    note, inner = page_texts(papers())
    assert "förmedla det bifogade innerkuvertet" in note
    assert "Antal innerkuvert: 1. Antal brev i kuvertet: 1. • Brevets nummer: B-2026-000042." in note
    assert "Box 1024, 551 11 Jönköping" in note
    assert "Box 1024, 551 11 Jönköping" in inner
    assert "Łind" not in note
    assert "2391" not in note


def test_several_letters_are_counted_and_named():
    assert "Antal brev i kuvertet: 2. • Brevens nummer: B-1, B-2." in page_texts(papers(letter_ids=("B-1", "B-2")))[0]


def test_nothing_tells_what_the_letter_is_about():
    pdf = papers()
    with pikepdf.open(BytesIO(pdf)) as opened:
        told = f"{page_texts(pdf)}{opened.docinfo.Title}{opened.Root.StructTreeRoot.K.K[0].T}".casefold()
    assert not [word for word in ("prostat", "cancer", "psa", "urolog", "test") if word in told]
    assert "Łind" not in told


@pytest.mark.parametrize("field", ["name", "return_address", "hours"])
def test_a_sender_that_would_tell_refuses(field):
    with pytest.raises(LetterError, match="tell what the letter is about"):
        papers(office=replace(REGION, **{field: "Prostatakansliet"}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"letter_ids": ()}, "no letter to forward"),
        ({"name": " "}, "name or number is empty"),
        ({"name": "Bo 🙂"}, r"The person's name has the character U\+1F642"),
        ({"office": replace(REGION, return_address="")}, "return address is empty"),
        ({"office": replace(REGION, return_address="Box 1, " * 60)}, "too long for the letterhead"),
        ({"agency": replace(AGENCY, city="")}, "no city"),
    ],
)
def test_papers_that_would_be_wrong_refuse(changes, message):
    with pytest.raises(LetterError, match=message):
        papers(**changes)


def test_the_same_job_gives_the_same_bytes():
    assert papers() == papers()
