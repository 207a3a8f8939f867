"""Reading a batch: its row, its letters and their people, and which of the letters may not leave. Writes nothing."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from db.models import Letter, LetterBatch, Person
from kansli_tui.errors import ChangedBySomeoneElseError, LetterError, NotFoundError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letter_states import OPEN_BATCHES, BatchRow, LetterRow, LetterState
from kansli_tui.rows.letters import LetterContent, RegionOffice
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from kansli_tui.service.context import Context, require_region
from kansli_tui.service.letter_content import thaw
from kansli_tui.service.naming import shown_name, shown_number
from kansli_tui.service.offices import offices
from kansli_tui.service.text_book import TextBook


def letter_number(letter_id: int) -> str:
    """How a letter is named on paper and in lists: 'B-000123'."""
    return f"B-{letter_id:06d}"


def office_of(context: Context, region: str) -> RegionOffice:
    """What letters say about a region's office. LetterError when the offices file lacks it."""
    found = offices(context.settings.offices_file).get(region)
    if found is None:
        raise LetterError("The offices file says nothing about region {region}.", region=region)
    return found


def batch_of(session: Session, actor: Actor, batch_id: int, version: int | None = None) -> LetterBatch:
    """A batch of one of the actor's regions; with `version` under lock and as it was shown."""
    batch = session.get(LetterBatch, batch_id, with_for_update=True if version is not None else None)
    if batch is None:
        raise NotFoundError("There is no such batch.")
    require_region(actor, batch.region)
    if version is not None and batch.version_id != version:
        raise ChangedBySomeoneElseError("Somebody else has changed the batch. Look at it again.")
    return batch


def people_of(session: Session, batch: LetterBatch, *, lock: bool = False) -> dict[int, Person]:
    """Whom the batch's letters go to, by key."""
    mine = select(Letter.person_id).where(Letter.batch_id == batch.id)
    statement = select(Person).where(Person.id.in_(mine)).order_by(Person.id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return {person.id: person for person in session.scalars(statement)}


def letters_of(session: Session, batch: LetterBatch, *, lock: bool = False) -> list[Letter]:
    """The batch's letters in the order of the envelopes: by postcode."""
    statement = select(Letter).where(Letter.batch_id == batch.id).order_by(Letter.id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return sorted(
        session.scalars(statement),
        key=lambda letter: ((letter.content or {}).get("recipient", {}).get("postcode", ""), letter.id),
    )


def contents_of(
    session: Session, batch: LetterBatch, texts: TextBook, *, without: Collection[int] = ()
) -> list[LetterContent]:
    """What the batch's letters say, `without` some of them by key, in the order they are set in."""
    letters = letters_of(session, batch)
    return [
        thaw(letter.content, texts) for letter in letters if letter.content is not None and letter.id not in without
    ]


def stopped_in(session: Session, batch: LetterBatch) -> list[int]:
    """Letters of the batch that have been stopped."""
    return list(
        session.scalars(select(Letter.id).where(Letter.batch_id == batch.id, Letter.state == LetterState.STOPPED))
    )


def stays(letter: Letter, person: Person) -> bool:
    """Whether a printed letter may not leave now: its person is held, or protected and it is not one sent by hand."""
    return person.blocked or (person.protection is not Protection.NONE and not letter.by_hand)


def taken_out(session: Session, batch: LetterBatch) -> list[int]:
    """Letters of the batch that may not leave the house."""
    protected = and_(Person.protection != Protection.NONE, Letter.by_hand.is_(False))
    staying = and_(Letter.state == LetterState.PRINTED, or_(Person.blocked, protected))
    return list(
        session.scalars(
            select(Letter.id)
            .join(Person, Person.id == Letter.person_id)
            .where(Letter.batch_id == batch.id, or_(Letter.state == LetterState.STOPPED, staying))
            .order_by(Letter.id)
        )
    )


def _set_aside(session: Session, batch: LetterBatch) -> list[int]:
    """Letters that are in the PDF but no longer in the batch: somebody has taken them out."""
    if not batch.reason or batch.page_map is None:
        return []
    inside = set(session.scalars(select(Letter.id).where(Letter.batch_id == batch.id)))
    return [key for key in (int(page[0].removeprefix("B-")) for page in batch.page_map) if key not in inside]


def pages_by_letter(batch: LetterBatch) -> dict[str, int]:
    """How many pages each letter has in the batch's PDF, by letter id; nothing before it is set."""
    return {page[0]: page[2] for page in batch.page_map or []}


def row_of(session: Session, batch: LetterBatch) -> BatchRow:
    """A batch as it stands in the list."""
    out = [*taken_out(session, batch), *_set_aside(session, batch)] if batch.state in OPEN_BATCHES else []
    sheets = None
    if batch.pages is not None:
        pages = pages_by_letter(batch) if out else {}
        # Letters are printed on one side, so that two people never share a sheet: a page is a sheet.
        sheets = batch.pages - sum(pages.get(letter_number(letter_id), 0) for letter_id in out)
    return BatchRow(
        batch_id=batch.id,
        number=batch.number,
        region=batch.region,
        type=batch.type,
        by_hand=batch.by_hand,
        state=batch.state,
        made_at=batch.made_at,
        made_by=batch.made_by,
        letters=batch.letters,
        to_post=batch.letters - len(out),
        take_out=tuple(letter_number(letter_id) for letter_id in out),
        pages=batch.pages,
        posted_on=batch.posted_on,
        posted_by=batch.posted_by,
        left_out=tuple(f"{reason} ({count})" for reason, count in batch.left_out.items()),
        version=batch.version_id,
        channel=batch.channel,
        sheets_to_post=sheets,
        reprint_of=batch.reprint_of,
        reason=batch.reason,
        printed_at=batch.printed_at,
        printed_by=batch.printed_by,
        sheets=batch.sheets,
        envelopes=batch.envelopes,
    )


def letter_rows(batch: LetterBatch, letters: Sequence[Letter], people: dict[int, Person]) -> tuple[LetterRow, ...]:
    """The batch's letters as rows; protected people's names are masked."""
    pages = pages_by_letter(batch)
    return tuple(
        LetterRow(
            letter.id,
            letter.person_id,
            letter.region,
            shown_number(people[letter.person_id]),
            shown_name(people[letter.person_id]),
            letter.type,
            letter.state,
            letter.prepared_at,
            letter.posted_on,
            letter.stop_reason,
            pages.get(letter_number(letter.id)),
            letter.returned_on,
            booked_at(letter),
        )
        for letter in letters
    )


def booked_at(letter: Letter) -> datetime | None:
    """The appointment that the letter calls to."""
    stated = letter.values.get("booked_at")
    return datetime.fromisoformat(stated) if stated else None


def prepared_again(letter: Letter, person: Person) -> None:
    """The letter waits for another batch, and follows what its person has wished meanwhile. What was not read stays on paper."""
    letter.state, letter.batch_id, letter.content, letter.printed_at = LetterState.PREPARED, None, None, None
    letter.language = person.letter_language
    if letter.again_of is None and letter.type is not LetterType.MRI_CALL:
        letter.channel = person.letter_channel


def first_made_at(session: Session, batch: LetterBatch) -> datetime:
    """When the batch was made that a reprint, or a reprint of it, prints again: the time that its PDF states."""
    while batch.reprint_of:
        batch = session.scalars(select(LetterBatch).where(LetterBatch.number == batch.reprint_of)).one()
    return batch.made_at
