"""Everything the office holds about one person and who has looked at it, for that person (GDPR article 15, PDL 8:5).

Facts are read column by column, so that what is added to a table later is in the extract without being named here. Left out are
keys that only the program uses, and the bytes of messages, which may hold other people: copies of these are given on request.
"""

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, or_, select
from sqlalchemy.orm import Session

from db import audit
from db.base import Base
from db.models import AuditRow, Deviation, LabMessage, Person, RegisterImport, RegisterImportRow, Round, Staff
from db.queries.history import History, history_of
from db.queries.people import by_id
from kansli_tui.errors import NotAllowedError, RefusedError
from kansli_tui.pathway.decide import PsaValue
from kansli_tui.pathway.identity import format_identity
from kansli_tui.pathway.register_care import BY_CODE, Cared
from kansli_tui.rows.access_extract import SECTIONS, AccessExtract, Entry, Value
from kansli_tui.rows.office import Actor
from kansli_tui.service.batches import letter_number, office_of
from kansli_tui.service.context import Context, local_date, plain, require_region
from kansli_tui.service.files import write_whole
from kansli_tui.service.naming import is_masked, letter_name, shown_number
from kansli_tui.service.wishes import read_wish

_INTERNAL = frozenset(
    {"id", "person_id", "again_of", "name_key", "raw", "sha256", "held_detail", "content", "subject", "fingerprint"}
)
"""Columns that say nothing about the person, or hold more than the person's own; those that end in `_id` too."""

FOUND, READ, SENT, CHANGED = "found", "read", "sent_out", "changed"
"""What somebody has done with the data, in the log."""
_FOUND_BY = frozenset({"case.hit"})
_SENT_BY = frozenset(
    {
        "case.extract",
        "balance.pdf",
        "balance.signed_pdf",
        "letter.print",
        "letter.write",
        "letter.forwarding",
        "case.question_paper",
        "letters.write",
        "order.send",
        "referral.send",
    }
)
_READ_BY = frozenset(
    {"case.open", "case.reveal", "balance.people", "letter.preview", "referral.form", "referral.clock"}
)
_READ_AS = frozenset(
    {
        "of_person",
        "show",
        "list",
        "rows",
        "missing",
        "week",
        "candidate",
        "preview_low",
        "preview_cut",
        "preview",
        "dry_run",
        "finding",
        "form",
        "merge_preview",
        "merges",
    }
)


class AccessExtractService:
    """A person's own extract."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def make(self, actor: Actor, person_id: int, *, why: str) -> AccessExtract:
        """Everything about one person; logged with the reason.

        NotAllowedError for a protected person unless the actor may reveal protected data.
        """
        if not why.strip():
            raise RefusedError("State why.")
        context, at = self._context, self._context.clock()
        with context.sessions.begin() as session:
            person = by_id(session, person_id)
            require_region(actor, person.region)
            if is_masked(person):
                if not actor.is_supervisor:
                    raise NotAllowedError("Only a supervisor may reveal protected data.")
                self._logged(session, actor, "case.reveal", person, why)
            self._logged(session, actor, "case.extract", person, why)
            session.flush()
            found = _sections(session, person)
            return AccessExtract(
                at=at,
                made_by=actor.name,
                why=plain(why),
                region=person.region,
                number=shown_number(person),
                name=letter_name(person),
                protected=is_masked(person),
                invented=context.facts.invented,
                sections={name: tuple(found[name]) for name in SECTIONS},
            )

    def write(self, actor: Actor, person_id: int, folder: Path, *, why: str) -> tuple[Path, ...]:
        """Make the extract and write it as PDF and JSON to a folder; the files' names say nobody's name or number."""
        from reports.access_extract import access_extract_pdf  # noqa: PLC0415 - reportlab loads when a paper is set

        extract = self.make(actor, person_id, why=why)
        pdf = access_extract_pdf(extract, office_of(self._context, extract.region))
        name = f"registerutdrag-{person_id}-{local_date(extract.at).isoformat()}"
        text = json.dumps(as_json(extract), ensure_ascii=False, indent=2)
        return (
            write_whole(folder, f"{name}.pdf", pdf),
            write_whole(folder, f"{name}.json", text.encode()),
        )

    def _logged(self, session: Session, actor: Actor, action: str, person: Person, why: str) -> None:
        at = self._context.clock()
        audit.record(session, actor, at, action, person_id=person.id, region=person.region, why=plain(why))


def as_json(extract: AccessExtract) -> dict[str, Any]:
    """The extract as plain JSON values: codes as they are stored, times as ISO 8601, decimals as exact text."""
    return {
        "at": extract.at.isoformat(),
        "made_by": extract.made_by,
        "why": extract.why,
        "region": extract.region,
        "personnummer": extract.number.replace("-", ""),
        "name": extract.name,
        "protected": extract.protected,
        "invented": extract.invented,
        "sections": {
            name: [
                {
                    "at": _json(entry.at),
                    "what": str(entry.what),
                    **{key: _json(value) for key, value in entry.facts.items()},
                }
                for entry in entries
            ]
            for name, entries in extract.sections.items()
        },
    }


def _json(value: Value | None) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_json(one) for one in value]
    return value


def _sections(session: Session, person: Person) -> dict[str, list[Entry]]:
    history = history_of(session, person.id)
    of_letters = {letter.id: letter for letter, _batch, _by in history.letters}
    referrals = {referral.id: (referral, unit) for referral, unit in history.referrals}
    orders = {order.id: order.number for order in history.orders}

    def referral_of(row: Any) -> dict[str, Value]:
        referral, unit = referrals[row.referral_id]
        return {"referral": referral.number, "unit": unit.name}

    return {
        "person": [_person(person, history)],
        "wishes": [_wishes(person)],
        "steps": [_entry(row, "at", row.event) for row in history.changes],
        "rounds": [
            _entry(row, "began_at", row.kind)
            for row in session.scalars(select(Round).where(Round.person_id == person.id).order_by(Round.number))
        ],
        "letters": [_letter(letter, batch, by) for letter, batch, by in history.letters],
        "deliveries": [
            _entry(
                row, "at", row.outcome, {"letter": letter_number(row.letter_id), "type": of_letters[row.letter_id].type}
            )
            for row in history.attempts
        ],
        "orders": [_entry(row, "ordered_at", row.number, without=("number",)) for row in history.orders],
        "answers": [
            _entry(row, "received_at", _psa(row.value, row.comparator, row.raw_value), {"order": orders[row.order_id]})
            for row, _file in history.answers
        ],
        "messages": [_entry(row, "received_at", row.state) for row in _messages(session, person, history)],
        "decisions": [_entry(row, "proposed_at", row.outcome or row.proposed) for row in history.decisions],
        "referrals": [
            _entry(row, "made_at", row.kind, {"unit": unit.name}, without=("kind", "cancel_owed", "orphaned"))
            for row, unit in history.referrals
        ],
        "referral_changes": [_entry(row, "at", row.event, referral_of(row)) for row in history.referral_changes],
        "bookings": [_entry(row, "made_at", row.state, referral_of(row)) for row in history.bookings],
        "mri_answers": [_entry(row, "received_at", "mri_answer", referral_of(row)) for row in history.mri_answers],
        "pathology": [_entry(row, "received_at", "pathology_answer", referral_of(row)) for row in history.pathology],
        "treatments": [_entry(row, "received_at", row.kind, referral_of(row)) for row in history.treatments],
        "contacts": [_contact(row) for row in history.contacts],
        "tasks": [_entry(row, "opened_at", row.queue, without=("lease_by", "lease_until")) for row in history.tasks],
        "blocks": [_entry(row, "began_at", row.reason, without=("reason", "kind")) for row in history.blocks],
        "handovers": [_entry(row, "at", row.state) for row in history.handovers],
        "merges": [_entry(row, "at", "merge") for row in history.merges],
        "hand_edits": [_entry(row, "at", row.field, without=("field",)) for row in history.hand_edits],
        "register_care": [
            _entry(row, "at", BY_CODE[Cared(row.check)].label, without=("check",)) for row in history.settled
        ],
        "causes": [
            _entry(row, "at", row.cause)
            for row in session.scalars(select(Deviation).where(Deviation.person_id == person.id).order_by(Deviation.id))
        ],
        "register": _register(session, person),
        "log": _log(session, person),
    }


def _entry(
    row: Base, at: str, what: str, more: Mapping[str, Value | None] | None = None, *, without: Collection[str] = ()
) -> Entry:
    """A row with `more` and all that its columns say, but for what stands as `at` and `what`."""
    facts = _said(more or {})
    for name in columns(type(row)):
        value = getattr(row, name)
        if name != at and name not in without and value is not what and _says(value):
            facts.setdefault(name, value)
    return Entry(getattr(row, at), what, facts)


def columns(model: type[Base]) -> tuple[str, ...]:
    """The columns of a table that say something about a person."""
    names = (column.key for column in inspect(model).column_attrs)
    return tuple(name for name in names if name not in _INTERNAL and not name.endswith("_id"))


def _says(value: object) -> bool:
    """Whether there is something to tell; a count of 0 and a no are."""
    return value is not None and value not in ("", [], {})


def _said(facts: Mapping[str, Value | None]) -> dict[str, Value]:
    return {name: value for name, value in facts.items() if value is not None and _says(value)}


def _person(person: Person, history: History) -> Entry:
    own = ("letter_language", "letter_channel", "register_objection_on", "number")
    earlier = [format_identity(number) for number in history.numbers if number != person.number]
    number = format_identity(person.number)
    return _entry(person, "since", person.step, {"number": number, "earlier_numbers": earlier}, without=own)


def _wishes(person: Person) -> Entry:
    facts: dict[str, Value] = {"letter_language": person.letter_language, "letter_channel": person.letter_channel}
    if person.register_objection_on is not None:
        facts["register_objection_on"] = person.register_objection_on
    return Entry(None, "wishes", facts)


def _letter(letter: Any, batch: str | None, posted_by: str | None) -> Entry:
    content = letter.content or {}
    to = content.get("recipient") or {}
    sent_to = [to.get("name", ""), *to.get("lines", ()), f"{to.get('postcode', '')} {to.get('city', '')}".strip()]
    more = {
        "number": letter_number(letter.id),
        "batch": batch,
        "posted_by": posted_by,
        "sent_to": [line for line in (*sent_to, to.get("country", "")) if line],
        "text_version": content.get("template_version"),
        "stands_for": letter_number(letter.again_of) if letter.again_of else None,
    }
    return _entry(letter, "prepared_at", letter.type, more)


def _psa(value: Decimal | None, comparator: str | None, raw: str) -> str:
    return f"PSA {PsaValue(value, comparator).swedish()} µg/l" if value is not None else f"PSA {raw or '–'}"


def _messages(session: Session, person: Person, history: History) -> list[LabMessage]:
    """Messages that were matched to the person, or name one of the person's orders or referrals."""
    numbers = [order.number for order in history.orders] + [referral.number for referral, _unit in history.referrals]
    whose = or_(LabMessage.person_id == person.id, LabMessage.order_number.in_(numbers))
    return list(session.scalars(select(LabMessage).where(whose).order_by(LabMessage.id)))


def _contact(row: Any) -> Entry:
    wish = read_wish(row.text) if row.kind == "wish" else None
    if wish is None:
        return _entry(row, "at", row.kind)
    return Entry(row.at, row.kind, _said({"by": row.by, "region": row.region, **wish}))


def _register(session: Session, person: Person) -> list[Entry]:
    """Lines of the population register's files."""
    found = session.execute(
        select(RegisterImportRow, RegisterImport)
        .join(RegisterImport, RegisterImport.id == RegisterImportRow.import_id)
        .where(or_(RegisterImportRow.person_id == person.id, RegisterImportRow.number == person.number))
        .order_by(RegisterImportRow.id)
    )
    return [
        Entry(
            file.made_at,
            row.kind,
            _said(
                {
                    "file_name": file.file_name,
                    "state": file.state,
                    "decided_by": file.decided_by,
                    "decided_at": file.decided_at,
                    "data": row.data.get("person", row.data),
                }
            ),
        )
        for row, file in found
    ]


def _log(session: Session, person: Person) -> list[Entry]:
    """Who has looked at, changed or sent out what, the oldest first."""
    names = {staff.username: staff.name for staff in session.scalars(select(Staff))}
    rows = session.scalars(select(AuditRow).where(AuditRow.person_id == person.id).order_by(AuditRow.id))
    return [
        _entry(
            row, "at", access_kind(row.action), {"user": row.actor, "name": names.get(row.actor)}, without=("actor",)
        )
        for row in rows
    ]


def access_kind(action: str) -> str:
    """What an act of the log does with somebody's data."""
    if action in _FOUND_BY:
        return FOUND
    if action in _SENT_BY:
        return SENT
    return READ if action in _READ_BY or action.partition(".")[2] in _READ_AS else CHANGED
