"""Letter texts as supervisors handle them: written by one, read with made-up and real people, signed by another, never changed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from difflib import unified_diff

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.models import Letter, LetterText, Person
from kansli_tui.errors import LetterError, NotAllowedError, NotFoundError, RefusedError
from kansli_tui.invented.recipients import LONG_NAMED, MADE_UP
from kansli_tui.labels import label
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letter_states import LetterState, Reader, TextRow, TextState
from kansli_tui.rows.letters import LANGUAGES, LetterContent
from kansli_tui.rows.office import REGIONS, Actor
from kansli_tui.rows.population import Protection
from kansli_tui.service.batches import office_of
from kansli_tui.service.context import STOCKHOLM, Context, require_region, require_supervisor
from kansli_tui.service.letter_content import build, recipient
from kansli_tui.service.made_up_letters import made_up_letter
from kansli_tui.service.text_book import LetterSource, TextBook

_PART = re.compile(r"shared_[a-z]{2,30}")


class LetterTextService:
    """Versions of the letter texts."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def rows(self, actor: Actor) -> tuple[TextRow, ...]:
        """Every version of the texts the actor's regions use: by name and language, the newest first."""
        with self._context.sessions.read() as session:
            texts, found = (
                self._context.texts(session),
                session.scalars(
                    select(LetterText)
                    .where(LetterText.region.in_(("", *actor.regions)))
                    .order_by(LetterText.name, LetterText.language, LetterText.region, LetterText.id.desc())
                ),
            )
            return tuple(self._row(texts, row) for row in found)

    def write(
        self, actor: Actor, *, name: str, language: str, region: str, body: str, valid_from: date, comment: str
    ) -> TextRow:
        """A new version as a draft, from a day on or from today where that has passed.

        LetterError when a letter could not be set from it or would lose a value; RefusedError when something is missing.
        """
        self._require(actor, region)
        if not comment.strip():
            raise RefusedError("Say what is new in the text.")
        if language not in LANGUAGES:
            raise RefusedError("There are no letters in that language.")
        if name not in set(LetterType) and not _PART.fullmatch(name):
            raise RefusedError("There is no letter of that name.")
        # A text never holds from a day that has been: letters of that day were set from another.
        valid_from = max(valid_from, self._context.today)
        body = body.strip() + "\n"
        with self._context.sessions.begin() as session:
            self._check(session, name, language, region, body, valid_from)
            row = LetterText(
                name=name,
                language=language,
                region=region,
                version=self._next_version(session, name, language, region),
                body=body,
                valid_from=valid_from,
                state=TextState.DRAFT,
                comment=comment.strip(),
                written_by=actor.username,
                written_at=self._context.clock(),
            )
            session.add(row)
            session.flush()
            self._logged(session, actor, "texts.write", row)
            return self._row(self._context.texts(session), row)

    def check(self, actor: Actor, *, name: str, language: str, region: str, body: str, valid_from: date) -> None:
        """Whether every letter that takes the text in can be set from it, without keeping it. LetterError says what is wrong."""
        self._require(actor, region)
        with self._context.sessions.read() as session:
            self._check(session, name, language, region, body.strip() + "\n", valid_from)

    def used_in(self, actor: Actor, text_id: int) -> tuple[LetterType, ...]:
        """The letters that a version is, or is a part of; a shared part may be in none."""
        with self._context.sessions.read() as session:
            row = self._text(session, actor, text_id)
            wholes = self._wholes(self._context.texts(session), row.name, row.language, row.region, row.body)
            return tuple(kind for kind, _text in wholes)

    def sign(self, actor: Actor, text_id: int) -> TextRow:
        """Sign a draft that somebody else has written. It is in force from its date, or from today where that has passed."""
        with self._context.sessions.begin() as session:
            row = self._draft(session, actor, text_id)
            if row.written_by == actor.username:
                raise RefusedError("A letter text is signed by somebody other than its author.")
            # Its day may have passed while it waited.
            row.valid_from = max(row.valid_from, self._context.today)
            self._check(session, row.name, row.language, row.region, row.body, row.valid_from)
            row.state, row.signed_by, row.signed_at = TextState.SIGNED, actor.username, self._context.clock()
            self._logged(session, actor, "texts.sign", row)
            session.flush()
            return self._row(self._context.texts(session).again(session), row)

    def reject(self, actor: Actor, text_id: int, *, reason: str) -> TextRow:
        """Put a draft away. The author too may do so."""
        if not reason.strip():
            raise RefusedError("State why.")
        with self._context.sessions.begin() as session:
            row = self._draft(session, actor, text_id)
            row.state, row.signed_by, row.signed_at = TextState.REJECTED, actor.username, self._context.clock()
            row.comment = f"{row.comment}\n{reason.strip()}"
            self._logged(session, actor, "texts.reject", row)
            session.flush()
            return self._row(self._context.texts(session), row)

    def difference(self, actor: Actor, text_id: int, other_id: int | None = None) -> tuple[str, ...]:
        """What a version changes, as lines with '+', '-' or ' ' before them: against another, or against what is in force."""
        with self._context.sessions.read() as session:
            new = self._text(session, actor, text_id)
            if other_id is not None:
                old = self._text(session, actor, other_id).body
            else:
                current = self._context.texts(session).in_force(new.name, new.language, new.region, self._context.today)
                old = current.body if current is not None else ""
            lines = list(unified_diff(old.splitlines(), new.body.splitlines(), lineterm="", n=2))
            return tuple(lines[2:])

    def preview(
        self, actor: Actor, text_id: int, *, reader: Reader = Reader.MADE_UP, kind: LetterType | None = None
    ) -> str:
        """The letter as text, set from this version: to a made-up person, to one with a long name, or to the next real one.

        `kind` says in which letter a shared part is shown; without it the first that takes it in.
        """
        from reports.letters import plain_text  # noqa: PLC0415 - texts are read when a letter is looked at

        return plain_text(self._letter(actor, text_id, reader, kind))

    def preview_pdf(
        self, actor: Actor, text_id: int, *, reader: Reader = Reader.MADE_UP, kind: LetterType | None = None
    ) -> bytes:
        """The same letter as PDF."""
        from reports.letters import render_batch  # noqa: PLC0415 - reportlab loads when letters are set

        return render_batch([self._letter(actor, text_id, reader, kind)], created=self._context.clock()).pdf

    # How

    def _letter(self, actor: Actor, text_id: int, reader: Reader, kind: LetterType | None) -> LetterContent:
        context = self._context
        with context.sessions.begin() as session:
            row, texts = self._text(session, actor, text_id), context.texts(session)
            used_in = [one for one, _text in self._wholes(texts, row.name, row.language, row.region, row.body)]
            if not used_in:
                raise RefusedError("No letter takes this part in.")
            kind = kind if kind in used_in else used_in[0]
            regions = [row.region] if row.region else sorted(actor.regions)
            real = self._next_real(session, actor, kind, regions, texts) if reader is Reader.NEXT else None
            region = real.region.code if real is not None else regions[0]
            version, text = texts.draft(
                kind, row.language, region, context.today, instead=(row.name, row.version, row.body)
            )
            if real is not None:
                return replace(real, text=text, language=row.language, template_version=version)
            source = LetterSource(row.language, version, text)
            to = MADE_UP if reader is Reader.MADE_UP else LONG_NAMED
            return made_up_letter(
                kind, source, office_of(context, region), to, now=context.clock().astimezone(STOCKHOLM)
            )

    def _next_real(
        self, session: Session, actor: Actor, kind: LetterType, regions: Sequence[str], texts: TextBook
    ) -> LetterContent:
        """The next letter of the kind that waits, to somebody without protection; who looked is logged."""
        context = self._context
        waiting = session.execute(
            select(Letter, Person)
            .join(Person, Person.id == Letter.person_id)
            .where(
                Letter.state == LetterState.PREPARED,
                Letter.type == kind,
                Letter.region.in_(regions),
                Person.protection == Protection.NONE,
            )
            .order_by(Letter.id)
        )
        for letter, person in waiting:
            to = recipient(person)
            if to is None:
                continue
            audit.record(
                session,
                actor,
                context.clock(),
                "letter.preview",
                person_id=person.id,
                region=person.region,
                subject=f"letter:{letter.id}",
            )
            rules = context.rules(session).region(letter.region, context.today)
            office = office_of(context, letter.region)
            return build(letter, to, office, rules, texts, on=context.today, invented=context.facts.invented)
        raise RefusedError("No letter of this kind waits. Try the text on a made-up person.")

    def _check(self, session: Session, name: str, language: str, region: str, body: str, on: date) -> None:
        """Every letter that takes the text in can be set from it. LetterError says what is wrong."""
        from reports.letters import render_batch  # noqa: PLC0415 - reportlab loads when a text is checked
        from reports.templates import lost_values, read_text  # noqa: PLC0415

        wholes = list(self._wholes(self._context.texts(session), name, language, region, body, on))
        if not wholes:
            raise RefusedError("No letter takes this part in.")
        now = self._context.clock().astimezone(STOCKHOLM)
        office = office_of(self._context, region or min(REGIONS))
        for kind, text in wholes:
            read_text(text, kind)
            # Set, not only checked: what is too tall for a page is found when pages are made, and would stop every batch.
            render_batch(
                [made_up_letter(kind, LetterSource(language, "-", text), office, LONG_NAMED, now=now)], created=now
            )
            lost = lost_values(text, kind)
            if lost:
                raise LetterError(
                    "The letter {letter} would not say {names}. Write it with braces where it is to stand.",
                    letter=label(kind),
                    names=", ".join(f"{{{name}}}" for name in sorted(lost)),
                )

    def _wholes(
        self, texts: TextBook, name: str, language: str, region: str, body: str, on: date | None = None
    ) -> Iterator[tuple[LetterType, str]]:
        """The letters that a text is, or is part of, each as a whole."""
        day = on or self._context.today
        kinds: Sequence[LetterType] = [LetterType(name)] if name in set(LetterType) else list(LetterType)
        for kind in kinds:
            try:
                version, text = texts.draft(kind, language, region, day, instead=(name, "\x00", body))
            except LetterError:
                # A kind without a text in this language has none for the part to stand in; the kind's own text says what is wrong.
                if kind.value == name:
                    raise
                continue
            if "\x00" in version.split("+"):
                yield kind, text

    def _next_version(self, session: Session, name: str, language: str, region: str) -> str:
        """The next free version of the year, as '2026-3'."""
        year = self._context.today.year
        # One writer at a time: the next sees what the one before it has written.
        versions = select(LetterText.id).where(LetterText.name == name, LetterText.language == language)
        session.execute(versions.with_for_update())
        taken = session.scalars(
            select(LetterText.version).where(
                LetterText.name == name,
                LetterText.language == language,
                LetterText.region == region,
                LetterText.version.like(f"{year}-%"),
            )
        )
        return f"{year}-{max((int(version.partition('-')[2]) for version in taken), default=0) + 1}"

    def _text(self, session: Session, actor: Actor, text_id: int) -> LetterText:
        row = session.get(LetterText, text_id)
        if row is None:
            raise NotFoundError("There is no such letter text.")
        if row.region:
            require_region(actor, row.region)
        return row

    def _draft(self, session: Session, actor: Actor, text_id: int) -> LetterText:
        row = session.get(LetterText, text_id, with_for_update=True)
        if row is None:
            raise NotFoundError("There is no such letter text.")
        self._require(actor, row.region)
        if row.state is not TextState.DRAFT:
            raise RefusedError("Only a draft can be signed or rejected; what is signed never changes.")
        return row

    def _require(self, actor: Actor, region: str) -> None:
        require_supervisor(actor)
        if region:
            require_region(actor, region)
        elif not actor.regions >= set(REGIONS):
            raise NotAllowedError("A text for all regions is written and signed by somebody who works for all of them.")

    def _row(self, texts: TextBook, row: LetterText) -> TextRow:
        current = texts.in_force(row.name, row.language, row.region, self._context.today)
        return TextRow(
            text_id=row.id,
            name=row.name,
            language=row.language,
            region=row.region,
            version=row.version,
            body=row.body,
            valid_from=row.valid_from,
            state=row.state,
            comment=row.comment,
            written_by=row.written_by,
            written_at=row.written_at,
            signed_by=row.signed_by,
            signed_at=row.signed_at,
            in_force=current is not None and (current.region, current.version) == (row.region, row.version),
        )

    def _logged(self, session: Session, actor: Actor, action: str, row: LetterText) -> None:
        subject = f"{row.name}.{row.language}.{row.region or 'alla'} {row.version}"
        audit.record(session, actor, self._context.clock(), action, region=row.region or None, subject=subject)
