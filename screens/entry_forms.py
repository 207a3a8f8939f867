"""Forms for what a unit has told by phone or on paper. What is typed is read in words; a person has read it aloud before it counts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from textual.widgets import Input, Static

from kansli_tui.i18n import _, day_full
from screens.dialogs import Answer, parse_day
from screens.lines import Line, Lines
from screens.volume import parse_volume, wrong_volume

_LEAST_WORDS = 3
_AGO = re.compile(r"- ?([0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class MriTold:
    """An MRI answer as it was told; `scores` are PI-RADS per lesion."""

    examined_on: date
    scores: tuple[int, ...]
    volume_ml: Decimal | None
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class PathologyTold:
    """A pathology answer as it was told."""

    biopsied_on: date
    reported_on: date
    isup: int
    why: str


@dataclass(frozen=True, slots=True)
class DayTold:
    """When something happened, and who said so."""

    on: date
    why: str


class EntryForm(Lines[Answer]):
    """Labelled fields below each other. Enter goes to the next empty field, and answers when none is left."""

    def __init__(self, title: str, lines: tuple[str, ...], today: date) -> None:
        super().__init__(title, lines)
        self._today = today

    def answer(self, typed: Mapping[str, str]) -> Answer:
        """The answer. `_WrongError` names the field that cannot be read."""
        raise NotImplementedError

    def worth_a_stop(self, fields: Sequence[Input]) -> Sequence[Input]:
        """The empty ones: what stands already is only passed by those who go there."""
        return [field for field in fields if not field.value.strip()]

    def action_accept(self) -> None:
        """Answer when every field can be read; else say which cannot."""
        typed = {name: self.typed(name) for name in self.fields()}
        try:
            answer = self.answer(typed)
        except _WrongError as wrong:
            self.missing(wrong.field, wrong.words)
            return
        self.query_one("#dialog-wrong", Static).update("")
        self.dismiss(answer)

    # Reading fields

    def read_day(self, field: str, typed: str) -> date:
        """A day that has been."""
        read = parse_past_day(typed, self._today)
        if read is None:
            raise _WrongError(_("Write the day it happened, for example 2026-11-20, 20/11, 0 for today or -3."), field)
        if read > self._today:
            raise _WrongError(_("{day} has not been yet.", day=day_full(read)), field)
        return read

    def read_words(self, field: str, typed: str) -> str:
        """Who said it, in a few words."""
        if len(typed) < _LEAST_WORDS:
            raise _WrongError(_("Write who said it and how; it stays in the case."), field)
        return typed


class MriEntry(EntryForm[MriTold]):
    """An MRI answer that has come by phone or on paper."""

    def fields(self) -> Mapping[str, Line]:
        """Day, scores, volume, text, source."""
        return {
            "day": Line(_("Examined"), example="20/11"),
            "scores": Line(_("PI-RADS per lesion"), example="4, 3"),
            "volume": Line(_("Volume in ml"), example="42,5"),
            "words": Line(_("What the unit wrote"), longest=2000),
            "why": Line(_("Who said it, how"), example=_("Dr Ek by phone"), longest=200),
        }

    def answer(self, typed: Mapping[str, str]) -> MriTold:
        """The answer; scores may be missing, the volume too: then nothing is proposed, or the unit is asked."""
        scores = parse_scores(typed["scores"])
        if scores is None:
            raise _WrongError(
                _("Write PI-RADS 1 to 5 for each lesion, as 4 or 4, 3; nothing when none is stated."), "scores"
            )
        volume = parse_volume(typed["volume"])
        if typed["volume"] and volume is None:
            raise _WrongError(wrong_volume(), "volume")
        return MriTold(
            self.read_day("day", typed["day"]), scores, volume, typed["words"], self.read_words("why", typed["why"])
        )


class PathologyEntry(EntryForm[PathologyTold]):
    """A pathology answer that has come by phone or on paper."""

    def fields(self) -> Mapping[str, Line]:
        """Days, ISUP, source."""
        return {
            "biopsied": Line(_("Biopsy taken"), example="10/11"),
            "reported": Line(_("Answer given"), example="18/11"),
            "isup": Line(_("ISUP, 0 is benign"), example="0", longest=1),
            "why": Line(_("Who said it, how"), example=_("Dr Ek by phone"), longest=200),
        }

    def answer(self, typed: Mapping[str, str]) -> PathologyTold:
        """The answer."""
        biopsied, reported = self.read_day("biopsied", typed["biopsied"]), self.read_day("reported", typed["reported"])
        if reported < biopsied:
            raise _WrongError(_("The answer cannot be older than the biopsy."), "reported")
        if not re.fullmatch("[0-5]", typed["isup"]):
            raise _WrongError(_("Write ISUP 0 to 5; 0 is benign."), "isup")
        return PathologyTold(biopsied, reported, int(typed["isup"]), self.read_words("why", typed["why"]))


class DayEntry(EntryForm[DayTold]):
    """When something happened, and who said so."""

    def fields(self) -> Mapping[str, Line]:
        """Day, source."""
        return {
            "day": Line(_("Day"), example="20/11"),
            "why": Line(_("Who said it, how"), example=_("Dr Ek by phone"), longest=200),
        }

    def answer(self, typed: Mapping[str, str]) -> DayTold:
        """The answer."""
        return DayTold(self.read_day("day", typed["day"]), self.read_words("why", typed["why"]))


class _WrongError(Exception):
    """A field that cannot be read, and what to write instead."""

    def __init__(self, words: str, field: str) -> None:
        super().__init__(words)
        self.field = field
        self.words = words


def parse_past_day(typed: str, today: date) -> date | None:
    """A day that has been: as `parse_day`, but 20/11 is the latest one, -3 is three days ago and 0 is today."""
    text = typed.strip()
    if text == "0":
        return today
    if before := _AGO.fullmatch(text):
        return date.fromordinal(today.toordinal() - int(before[1]))
    if "/" not in text:
        return parse_day(text, today)
    read = parse_day(text, date(today.year, 1, 1))
    return parse_day(text, date(today.year - 1, 1, 1)) if read is not None and read > today else read


def parse_scores(typed: str) -> tuple[int, ...] | None:
    """'4, 3' as PI-RADS per lesion; () for nothing, None when it cannot be read."""
    parts = [part for part in re.split(r"[,;\s]+", typed.strip()) if part]
    if not all(re.fullmatch("[1-5]", part) for part in parts):
        return None
    return tuple(int(part) for part in parts)
