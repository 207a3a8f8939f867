"""A person's own extract: everything that is held is in it, whoever has looked is in it, and taking it out is logged."""

import json

import pypdfium2
import pytest
from sqlalchemy import select

from db.base import Base
from db.models import AuditRow, Person
from kansli_tui import i18n
from kansli_tui.errors import NotAllowedError, RefusedError
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.access_extract import SECTIONS
from kansli_tui.rows.letter_states import Channel, ReturnReason
from kansli_tui.rows.office import Actor, Role
from kansli_tui.rows.population import Protection
from kansli_tui.service.access_extract import access_kind, as_json, columns
from kansli_tui.service.batches import office_of
from reports.access_extract import access_extract_pdf
from reports.access_words import FIELDS, TITLES
from tests.reports.pdf_reading import page_texts
from tests.world import World

NOT_FACTS = {"cancel_owed", "orphaned", "lease_by", "lease_until", "actor"}
"""Columns about the office's own work with a row."""
HEADS = {
    "at", "since", "began_at", "prepared_at", "ordered_at", "received_at", "proposed_at", "made_at", "opened_at",
    "step", "queue", "cause",
}  # fmt: skip
"""Columns that are when an entry is from, or what it is."""


def lived(world: World) -> int:
    """A man with something of most kinds."""
    man = world.man(family_name="Łukasz")
    world.offer(man)
    world.clock.advance(days=5)
    world.answer(man, "3.4")
    world.confirm(Queue.RAISED, man)
    world.post()
    office, anna = world.office, world.anna
    office.cases.note(anna, man, "phone", "ringde 中国 om <b>väntan</b>\nbesked gavs. " + "och mer " * 500)
    office.mail.returned(anna, "1", ReturnReason.MOVED)

    def version() -> int:
        return world.person(man).version_id

    office.wishes.letters(anna, man, version=version(), language="en", channel=Channel.MESSAGE_1177, reason="sade det")
    office.wishes.register(anna, man, version=version(), objects=True, reason="skrev det")
    office.handovers.offer(anna, man, version=version(), to_region="06", reason="har flyttat")
    return man


def text_of(pdf: bytes) -> str:
    return " ".join(page_texts(pdf)).replace("\ufffe", "-")


def test_everything_that_is_held_is_in_it_and_on_paper(world: World) -> None:
    man = lived(world)
    world.clock.advance(days=1)
    files = world.office.access.write(world.anna, man, world.folder / "ut", why="begäran per brev")
    assert [file.suffix for file in files] == [".pdf", ".json"]
    number = world.person(man).number
    assert not any(number in file.name or "ukasz" in file.name for file in files)
    data = json.loads(files[1].read_text())
    assert list(data["sections"]) == list(SECTIONS)
    found = {name: [entry["what"] for entry in entries] for name, entries in data["sections"].items()}
    assert found["answers"] == ["PSA 3,4 µg/l"]
    assert found["decisions"] == ["mri"]
    assert found["letters"] == ["pre_letter", "offer", "psa_raised", "register_opt_out_confirmed"]
    assert found["deliveries"].count("returned") == 1
    assert found["handovers"] == ["offered"]
    assert found["wishes"] == ["wishes"]
    sections = data["sections"]
    assert sections["person"][0]["family_name"] == "Łukasz"
    assert sections["letters"][0]["return_reason"] == "moved"
    assert sections["letters"][0]["sent_to"][0].endswith("Łukasz")
    assert sections["contacts"][0]["text"].startswith("ringde 中国 om <b>väntan</b>\nbesked")
    assert sections["contacts"][1]["letter_channel"] == "1177"
    assert sections["log"][-1]["action"] == "case.extract"
    assert sections["log"][-1]["why"] == "begäran per brev"

    paper = text_of(files[0].read_bytes())
    with pypdfium2.PdfDocument(files[0]) as document:
        assert document.get_metadata_value("Title") == "Registerutdrag"
        last = len(document)
    assert f"Sida {last} ({last})" in paper
    for words in (
        "Region Östergötland",
        "PÅHITTAD PERSON",
        "ringde ‹U+4E2D›‹U+56FD› om <b>väntan</b> besked gavs.",
        "Brev på: engelska · Brev genom: 1177 inkorg · Vill inte vara med i kvalitetsregistret sedan",
        "Skäl till retur: adressaten har flyttat",
        "Uppgifter i brevet: PSA 3,4; prov taget",
        "Till region: Jönköpings län",
        "Skäl: begäran per brev",
        "Vem som har tagit del av uppgifterna",
    ):
        assert words in paper, words
    assert paper.count("och mer ") > 450, "a long text goes on over the page"


def test_it_is_swedish_also_for_somebody_who_works_in_english(world: World) -> None:
    man = lived(world)
    i18n.set_language("en")
    try:
        extract = world.office.access.make(world.anna, man, why="letter")
        paper = text_of(access_extract_pdf(extract, office_of(world.context, "05")))
    finally:
        i18n.set_language("sv")
    assert "Förhöjt PSA" in paper
    assert "Raised" not in paper


def test_every_column_about_people_has_its_swedish_name(world: World) -> None:
    """Every table with a person in it, so that one that is added later is not forgotten either."""
    tables = [
        mapper.class_ for mapper in Base.registry.mappers if "person_id" in mapper.columns or mapper.class_ is Person
    ]
    known = [table for table in tables if table.__tablename__ not in ("person_number", "register_import_row")]
    assert len(known) > 15
    missing = {column for table in known for column in columns(table)} - set(FIELDS) - NOT_FACTS - HEADS
    assert missing == set()
    assert set(TITLES) == set(SECTIONS)


def test_a_table_about_people_that_is_not_in_it_is_found_here() -> None:
    """Whoever adds one decides in which section it is shown."""
    told = {
        "person_number", "step_change", "round", "letter", "letter_attempt", "psa_order", "psa_answer", "lab_message",
        "decision", "referral", "referral_change", "booking", "mri_answer", "pathology_answer", "treatment", "contact",
        "task", "block", "handover", "deviation", "register_import_row", "audit", "hand_edit", "person_merge",
        "care_settled",
    }  # fmt: skip
    # Counted from the others.
    told |= {"round_fact", "person_fact", "stats_dirty"}
    assert {name for name, table in Base.metadata.tables.items() if "person_id" in table.columns} == told


def test_protected_data_only_for_a_supervisor_and_never_without_a_reason(world: World) -> None:
    man = world.man(protection=Protection.CONFIDENTIALITY)
    with pytest.raises(RefusedError, match="why"):
        world.office.access.make(world.per, man, why="  ")
    with pytest.raises(NotAllowedError, match="supervisor"):
        world.office.access.make(world.anna, man, why="begäran")
    elsewhere = Actor("eva", "Eva", Role.SUPERVISOR, frozenset({"06"}))
    with pytest.raises(NotAllowedError, match="region"):
        world.office.access.make(elsewhere, man, why="begäran")
    with world.context.sessions.read() as session:
        assert not session.scalars(select(AuditRow)).all()
    extract = world.office.access.make(world.per, man, why="begäran")
    assert extract.protected
    with world.context.sessions.read() as session:
        assert [row.action for row in session.scalars(select(AuditRow).order_by(AuditRow.id))] == [
            "case.reveal",
            "case.extract",
        ]


def test_nobody_elses_data_come_along(world: World) -> None:
    man = lived(world)
    world.man(family_name="Främling", given_names="Annan")
    world.office.cases.search(world.anna, "främling")
    text = json.dumps(as_json(world.office.access.make(world.anna, man, why="x")), ensure_ascii=False)
    assert "Främling" not in text


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("case.hit", "found"),
        ("case.open", "read"),
        ("queue.show", "read"),
        ("decision.preview_low", "read"),
        ("letters.of_person", "read"),
        ("letters.write", "sent_out"),
        ("letter.forwarding", "sent_out"),
        ("case.extract", "sent_out"),
        ("case.note", "changed"),
        ("letter.posted", "changed"),
    ],
)
def test_what_was_done_with_the_data(action: str, kind: str) -> None:
    assert access_kind(action) == kind
