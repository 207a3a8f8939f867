"""The letter texts in force: read once from the database, and again when another has been signed.

A letter keeps which versions it was set from, so that the text can be put together again years later.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Letter, LetterText
from kansli_tui.errors import LetterError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letter_states import TextState

if TYPE_CHECKING:
    from reports.delivered import DeliveredText

_FRESH = "text book read"
_DELIVERED_BY = "levererad"
_DELIVERED_FROM = date(2000, 1, 1)
"""Before any letter: who has no other text has had the delivered one all along."""


@dataclass(frozen=True, slots=True)
class LetterSource:
    """The text a letter is set from: its language, the versions of its parts ("2026-1+06:2026-2") and the whole."""

    language: str
    version: str
    text: str


@dataclass(frozen=True, slots=True)
class _Signed:
    region: str
    version: str
    body: str
    valid_from: date

    @property
    def label(self) -> str:
        """How a letter names it: with the region where the text is a region's own."""
        return f"{self.region}:{self.version}" if self.region else self.version


def install_texts(session: Session, at: datetime) -> None:
    """Put the delivered texts into a database that does not hold these versions.

    A text that the office does not have yet is in force at once. A newer version of one that it has comes as a draft, which
    somebody of the office signs: what its letters say never changes by itself.
    """
    from reports.delivered import delivered_texts, earlier_texts  # noqa: PLC0415 - texts are read when a database is made

    rows = select(LetterText.name, LetterText.language, LetterText.version, LetterText.written_by)
    held = {
        (row.name, row.language, row.version): row.written_by
        for row in session.execute(rows.where(LetterText.region == ""))
    }
    known = {(name, language) for name, language, _version in held}
    if not held and session.scalar(select(Letter.id).where(Letter.content.is_not(None)).limit(1)) is not None:
        # Letters were posted before texts were kept here: what they say must be found again. The newer ones go before these.
        session.add_all(_delivered(text, text.version, at, in_force=True) for text in earlier_texts())
        session.flush()
    for text in delivered_texts().values():
        version = text.version
        if held.get((text.name, text.language, version), _DELIVERED_BY) != _DELIVERED_BY:
            # The office has written one of that version itself.
            version = f"p{version}"
        if (text.name, text.language, version) not in held:
            session.add(_delivered(text, version, at, in_force=(text.name, text.language) not in known))


def _delivered(text: "DeliveredText", version: str, at: datetime, *, in_force: bool) -> LetterText:
    return LetterText(
        name=text.name,
        language=text.language,
        version=version,
        body=text.body,
        valid_from=_DELIVERED_FROM if in_force else at.date(),
        state=TextState.SIGNED if in_force else TextState.DRAFT,
        comment="Följer med programmet",
        written_by=_DELIVERED_BY,
        written_at=at,
        signed_by=_DELIVERED_BY if in_force else None,
        signed_at=at if in_force else None,
    )


class TextBook:
    """All signed letter texts."""

    def __init__(self) -> None:
        self._stamp: object = None
        self._signed: dict[tuple[str, str], list[_Signed]] = {}
        self._current: dict[tuple[LetterType, str, str, date], LetterSource] = {}
        self._exact: dict[tuple[LetterType, str, str], str] = {}

    def fresh(self, session: Session) -> "TextBook":
        """Itself, after reading what has been signed since the last time; once in a transaction."""
        already: object = session.info.get(_FRESH)
        if already is self:
            return self
        session.info[_FRESH] = self
        signed = LetterText.state == TextState.SIGNED
        stamp = session.execute(select(func.count(), func.max(LetterText.signed_at)).where(signed)).one()
        if stamp != self._stamp:
            self._read(session)
            self._stamp = stamp
        return self

    def again(self, session: Session) -> "TextBook":
        """Itself, after reading once more in a transaction that has signed a text."""
        session.info.pop(_FRESH, None)
        return self.fresh(session)

    def _read(self, session: Session) -> None:
        found: dict[tuple[str, str], list[_Signed]] = {}
        rows = session.scalars(
            select(LetterText)
            .where(LetterText.state == TextState.SIGNED)
            .order_by(LetterText.valid_from, LetterText.id)
        )
        for row in rows:
            signed = _Signed(row.region, row.version, row.body, row.valid_from)
            found.setdefault((row.name, row.language), []).append(signed)
        self._signed, self._current, self._exact = found, {}, {}

    def current(self, letter_type: LetterType, language: str, region: str, on: date) -> LetterSource:
        """The text in force on a day; a letter that has none in easy-to-read Swedish is sent in Swedish.

        Raises:
            LetterError: there is none in that language.
        """
        key = (letter_type, language, region, on)
        found = self._current.get(key)
        if found is None:
            # A text in easy-to-read Swedish that is another region's own, or not in force yet, is none.
            has = self.in_force(letter_type.value, language, region, on) is not None
            own = language if has else language.partition("-")[0]
            version, text = self.draft(letter_type, own, region, on)
            found = self._current[key] = LetterSource(own, version, text)
        return found

    def draft(
        self,
        letter_type: LetterType,
        language: str,
        region: str,
        on: date,
        instead: tuple[str, str, str] | None = None,
    ) -> tuple[str, str]:
        """Versions and whole text as they would be on a day, with one text (name, version, body) in place of the signed one."""
        from reports.templates import assemble  # noqa: PLC0415 - texts are put together when a letter is made

        def lookup(name: str) -> tuple[str, str]:
            if instead is not None and name == instead[0]:
                return instead[1], instead[2]
            found = self.in_force(name, language, region, on)
            if found is None:
                raise LetterError("There is no letter text {name} in {language}.", name=name, language=language)
            return found.label, found.body

        return assemble(letter_type.value, lookup)

    def in_force(self, name: str, language: str, region: str, on: date) -> _Signed | None:
        """The text of that name in force on a day: the region's own before the one of all regions."""
        known = [text for text in self._signed.get((name, language), ()) if text.valid_from <= on]
        return next(
            (text for code in (region, "") for text in reversed(known) if text.region == code),
            None,
        )

    def exact(self, letter_type: LetterType, language: str, version: str) -> str:
        """The text that a letter was set from, by the versions it names. LetterError when one of them is not here."""
        key = (letter_type, language, version)
        if key not in self._exact:
            self._exact[key] = self._as_it_was(letter_type, language, iter(version.split("+")))
        return self._exact[key]

    def _as_it_was(self, letter_type: LetterType, language: str, versions: Iterator[str]) -> str:
        from reports.templates import assemble  # noqa: PLC0415 - texts are put together when a letter is made

        def lookup(name: str) -> tuple[str, str]:
            label = next(versions, "")
            for text in self._signed.get((name, language), ()):
                if text.label == label:
                    return label, text.body
            raise LetterError("The letter text {name} has no version {version} here.", name=name, version=label or "–")

        return assemble(letter_type.value, lookup)[1]
