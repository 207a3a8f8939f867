"""Letter texts: written by one, signed by another, tried on people before, never changed after; a region's own goes first."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from db.models import Letter, LetterText
from kansli_tui.errors import LetterError, NotAllowedError, RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letter_states import TextRow, TextState
from kansli_tui.rows.letters import LANGUAGES
from kansli_tui.rows.office import Actor
from kansli_tui.service.letter_texts import Reader
from kansli_tui.service.text_book import install_texts
from tests.world import World

PRE = LetterType.PRE_LETTER
BODY = "# Ett förbrev till\n> Omkring den {offer_on} kommer ett erbjudande.\n\n@questions\n"


@pytest.fixture
def eva(per: Actor) -> Actor:
    """Another supervisor."""
    return replace(per, username="eva", name="Eva Ansvarig")


def write(world: World, **more: object) -> TextRow:
    given = {
        "name": PRE.value,
        "language": "sv",
        "region": "",
        "body": BODY,
        "valid_from": world.today,
        "comment": "kortare",
    }
    return world.office.letter_texts.write(world.per, **{**given, **more})  # type: ignore[arg-type]


def waiting_letter(world: World, region: str = "05") -> int:
    """A prepared pre-letter of the region; its key."""
    man = world.man(region=region)
    world.release(world.plan(region=region))
    with world.context.sessions.read() as session:
        found = session.scalar(select(Letter.id).where(Letter.person_id == man))
        assert found is not None
        return found


def test_every_delivered_text_is_in_force_from_the_beginning(world: World) -> None:
    rows = world.office.letter_texts.rows(world.per)
    letters = {(row.name, row.language) for row in rows if row.in_force and not row.name.startswith("shared_")}
    assert {name for name, _language in letters} == set(LetterType)
    assert {language for _name, language in letters} == set(LANGUAGES)
    assert all(row.state is TextState.SIGNED and row.region == "" for row in rows)


def test_a_draft_holds_when_somebody_else_has_signed_it_and_from_its_day(world: World, eva: Actor) -> None:
    letter = waiting_letter(world)
    draft = write(world, valid_from=world.today + timedelta(days=3))
    texts = world.office.letter_texts
    assert (draft.state, draft.in_force) == (TextState.DRAFT, False)
    with pytest.raises(RefusedError, match="somebody other than its author"):
        texts.sign(world.per, draft.text_id)
    signed = texts.sign(eva, draft.text_id)
    assert (signed.state, signed.signed_by, signed.in_force) == (TextState.SIGNED, "eva", False)
    assert "ETT FÖRBREV TILL" not in world.office.letters.preview(world.anna, letter)
    world.clock.advance(days=3)
    assert "ETT FÖRBREV TILL" in world.office.letters.preview(world.anna, letter)
    with pytest.raises(RefusedError, match="never changes"):
        texts.reject(eva, draft.text_id, reason="nej")


def test_a_day_that_has_been_is_never_changed_afterwards(world: World, eva: Actor) -> None:
    draft = write(world, valid_from=world.today - timedelta(days=30))
    assert draft.valid_from == world.today, "whoever writes it sees the day that it will hold from"
    world.clock.advance(days=2)
    assert world.office.letter_texts.sign(eva, draft.text_id).valid_from == world.today


def test_a_regions_own_text_goes_before_the_one_of_all(world: World, eva: Actor) -> None:
    ours, theirs = waiting_letter(world, "05"), waiting_letter(world, "08")
    own = write(world, region="05", body="# Eget\n> Den {offer_on}.\n")
    world.office.letter_texts.sign(eva, own.text_id)
    common = write(world, body="# Gemensamt\n> Den {offer_on}.\n", comment="nyare än regionens")
    world.office.letter_texts.sign(eva, common.text_id)
    assert "EGET" in world.office.letters.preview(world.anna, ours)
    assert "GEMENSAMT" in world.office.letters.preview(world.anna, theirs)
    made = world.office.letters.make_batch(world.anna, region="05", type=PRE)
    world.office.letters.write(world.anna, made.batch_id, world.folder)
    with world.context.sessions.read() as session:
        content = session.get_one(Letter, ours).content
        assert content is not None
        assert content["template_version"] == f"05:{own.version}"
        assert "text" not in content, "what a letter says is kept once, not with every letter"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("# Rubrik\nHej {namn}", "no letter fills: namn"),
        ("# Rubrik\nHej {offer_on", "no letter fills"),
        ("# Rubrik\n[psa] Hej", "no letter fills: psa"),
        ("Ingen rubrik", "begin with one title"),
        ("# En\n\n# Två", "begin with one title"),
        ("# Rubrik\n@finns_inte", "no letter text"),
        ("# Rubrik\nHej \N{PILE OF POO}", "the letter font lacks"),
        ("# Rubrik\n{offer_on.__class__}", "no letter fills"),
    ],
)
def test_a_text_that_no_letter_could_be_set_from_is_refused_with_why(world: World, body: str, says: str) -> None:
    with pytest.raises(LetterError, match=says):
        write(world, body=body)


@pytest.mark.parametrize(
    ("name", "body", "lost"),
    [
        ("psa_low", "# R\n> Den {sampled_on}.\n\n[next_year] {next_year}\n\n[last_year] {last_year}", "{psa}"),
        ("psa_low", "# R\n> {psa} den {sampled_on}.\n\n[next_year] {next_year}", "{last_year}"),
        ("psa_low", "# R\n> Den {sampled_on}.\n\n[next_year] {psa} {next_year}\n\n[last_year] {last_year}", "{psa}"),
        (
            "mri_call",
            "# R\n> {mri_unit}, {unit_phone}.\n\n[instead_of] {booked_at} i stället för {instead_of}",
            "{booked_at}",
        ),
    ],
)
def test_a_text_that_loses_a_value_in_any_of_its_letters_is_refused_by_name(
    world: World, name: str, body: str, lost: str
) -> None:
    with pytest.raises(LetterError) as refused:
        write(world, name=name, body=body)
    assert refused.value.values["names"] == lost


def test_a_part_is_tried_in_every_letter_that_takes_it_in(world: World) -> None:
    with pytest.raises(LetterError, match="no letter fills"):
        # Offers have a last day, other letters with the same part have none.
        write(world, name="shared_questions", body="Ring före den {valid_until}.\n")
    part = write(world, name="shared_questions", body="Ring oss på {phone}, {hours}.\n")
    shown = world.office.letter_texts.preview(world.per, part.text_id, kind=LetterType.PSA_LOW)
    assert "Svar på ditt PSA-prov".upper() in shown
    with pytest.raises(RefusedError, match="No letter takes this part in"):
        write(world, name="shared_nowhere", body="Text\n")


def test_a_draft_is_read_with_the_made_up_the_long_named_and_the_next_real_person(world: World) -> None:
    draft = write(world)
    texts = world.office.letter_texts
    assert "Exempelsson" in texts.preview(world.per, draft.text_id)
    assert "Rosenschöld" in texts.preview(world.per, draft.text_id, reader=Reader.LONG_NAMED)
    with pytest.raises(RefusedError, match="Try the text on a made-up person"):
        texts.preview(world.per, draft.text_id, reader=Reader.NEXT)
    letter = waiting_letter(world)
    with world.context.sessions.read() as session:
        man = session.get_one(Letter, letter).person_id
    shown = texts.preview(world.per, draft.text_id, reader=Reader.NEXT)
    assert "ETT FÖRBREV TILL" in shown
    assert world.person(man).family_name in shown
    assert "letter.preview" in world.audit(man)
    assert texts.preview_pdf(world.per, draft.text_id).startswith(b"%PDF")


def test_every_delivered_text_can_be_read_with_a_made_up_person(world: World) -> None:
    for row in world.office.letter_texts.rows(world.per):
        shown = world.office.letter_texts.preview(world.per, row.text_id)
        assert "{" not in shown, row.name


def test_the_difference_says_what_is_taken_out_and_put_in(world: World) -> None:
    (old,) = [row for row in world.office.letter_texts.rows(world.per) if (row.name, row.language) == (PRE.value, "sv")]
    draft = write(world, body=old.body.replace("Provet kostar ingenting.", "Provet är gratis."))
    lines = world.office.letter_texts.difference(world.per, draft.text_id)
    assert [line for line in lines if line.startswith(("+", "-"))] == [
        "-Provet kostar ingenting.",
        "+Provet är gratis.",
    ]


def test_who_may_write_for_whom(world: World, jkp: Actor, eva: Actor) -> None:
    texts = world.office.letter_texts
    with pytest.raises(NotAllowedError):
        texts.write(
            world.anna, name=PRE.value, language="sv", region="05", body=BODY, valid_from=world.today, comment="x"
        )
    own = replace(eva, regions=frozenset({"06"}))
    for region in ("", "05"):
        with pytest.raises(NotAllowedError):
            texts.write(
                own, name=PRE.value, language="sv", region=region, body=BODY, valid_from=world.today, comment="x"
            )
    made = texts.write(own, name=PRE.value, language="sv", region="06", body=BODY, valid_from=world.today, comment="x")
    assert made.text_id in {row.text_id for row in texts.rows(jkp)}
    assert made.text_id not in {row.text_id for row in texts.rows(replace(jkp, regions=frozenset({"05"})))}


def test_a_newer_delivered_text_waits_for_somebody_to_sign_it(world: World, eva: Actor) -> None:
    """A database of an earlier version: one text is missing whole, another is there in an older version."""
    with world.context.sessions.begin() as session:
        session.execute(delete(LetterText).where(LetterText.name == LetterType.AGE_EXIT.value))
        older = session.scalars(
            select(LetterText).where(LetterText.name == PRE.value, LetterText.language == "sv")
        ).one()
        delivered, older.version = older.version, "2025-9"
    with world.context.sessions.begin() as session:
        install_texts(session, world.clock())
    with world.context.sessions.begin() as session:
        install_texts(session, world.clock())
    rows = [row for row in world.office.letter_texts.rows(world.per) if row.language == "sv"]
    assert [row.state for row in rows if row.name == LetterType.AGE_EXIT.value] == [TextState.SIGNED]
    pre = {row.version: row for row in rows if row.name == PRE.value}
    assert {version: row.state for version, row in pre.items()} == {
        "2025-9": TextState.SIGNED,
        delivered: TextState.DRAFT,
    }
    assert pre["2025-9"].in_force
    assert world.office.letter_texts.sign(eva, pre[delivered].text_id).in_force
