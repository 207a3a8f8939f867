"""The last thing that happens to a batch here: its counts agree, and its letters are somebody else's to carry."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import insert

from db.models import Letter, LetterAttempt, LetterBatch, Person
from kansli_tui.errors import RefusedError
from kansli_tui.rows.letter_states import AttemptOutcome, BatchRow
from kansli_tui.service.posting import Posting
from kansli_tui.service.walk import Walk


def hand_over(walk: Walk, going: Sequence[tuple[Letter, Person]]) -> None:
    """Record the letters as posted, with what that means for their people, and that each was handed to its channel."""
    Posting(walk, going).record()
    if going:
        walk.session.execute(insert(LetterAttempt), [_handed_over(walk, letter, person) for letter, person in going])


def refuse_other_count(row: BatchRow, batch: LetterBatch, posted: int, going: int, sheets: int | None) -> None:
    """Letters = pages ÷ sheets = envelopes = handed over, or it is said which letters to look for."""
    if posted != going and not row.take_out:
        raise RefusedError(
            "{posted} envelopes were counted but {expected} letters should leave. Count again.",
            posted=posted,
            expected=going,
        )
    if posted != going:
        raise RefusedError(
            "{posted} envelopes were counted but {expected} letters should leave. Count again, and take out: {out}.",
            posted=posted,
            expected=going,
            out=", ".join(row.take_out),
        )
    if sheets is not None and row.sheets_to_post is not None and sheets != row.sheets_to_post:
        usual = Counter(page[2] for page in batch.page_map or []).most_common(1)[0][0]
        other = [f"{page[0]} ({page[2]})" for page in batch.page_map or [] if page[2] != usual]
        if not other:
            raise RefusedError(
                "{sheets} sheets were counted but {expected} should leave. Every letter has {usual}. Count again.",
                sheets=sheets,
                expected=row.sheets_to_post,
                usual=usual,
            )
        raise RefusedError(
            "{sheets} sheets were counted but {expected} should leave. Most letters have {usual}; these have another number: {odd}.",
            sheets=sheets,
            expected=row.sheets_to_post,
            usual=usual,
            odd=", ".join(other),
        )


def _handed_over(walk: Walk, letter: Letter, person: Person) -> dict[str, object]:
    return {
        "letter_id": letter.id,
        "person_id": person.id,
        "region": letter.region,
        "channel": letter.channel,
        "outcome": AttemptOutcome.HANDED_OVER,
        "at": walk.at,
        "note": "",
        "by": walk.actor.username,
    }
