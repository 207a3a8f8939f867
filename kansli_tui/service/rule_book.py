"""Rule sets: read from TOML, validated, kept in the database, found by region and date.

A rule set holds once somebody other than its author has signed it. The delivered one is signed by the program itself,
so that a new installation works; a region signs its own version over it.
"""

import tomllib
from datetime import date, datetime
from decimal import Decimal
from importlib import resources
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import RuleSetRow
from kansli_tui.errors import RuleSetError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.ruleset import (
    MriRule,
    OrderTime,
    Outcome,
    PreLetter,
    PsaRule,
    RegionRules,
    RuleSet,
    in_force,
)
from kansli_tui.rows.office import REGIONS

_DELIVERED = "sosr-2026-2.toml"
_DELIVERED_BY = "leverans"
_FRESH = "rule book"
# A rule set is signed by two people who read it: what they read is meant, so "0" is no number and 1 is no yes.
_Whole = Annotated[int, Field(strict=True)]
_Switch = Annotated[bool, Field(strict=True)]
_Days = Annotated[int, Field(strict=True, ge=1, le=730)]
_LETTERS = {
    Outcome.NEW_OFFER: frozenset({LetterType.PSA_LOW, LetterType.PSA_TWO_YEARS}),
    Outcome.MRI: frozenset({LetterType.PSA_RAISED}),
    Outcome.UROLOGY: frozenset({LetterType.PSA_VERY_HIGH}),
    Outcome.REPEAT: frozenset({LetterType.REPEAT_SAMPLE}),
    Outcome.CARE: frozenset[LetterType](),
    Outcome.PERSON: frozenset[LetterType](),
}
_MRI_LETTERS = {
    Outcome.NEW_OFFER: frozenset({LetterType.MRI_NO_BIOPSY}),
    Outcome.UROLOGY: frozenset({LetterType.MRI_UROLOGY}),
}
"""The letters that say what an outcome means, after PSA and after MRI."""
_PIRADS = range(1, 6)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _RegionFile(_Strict):
    first_age: _Whole = Field(ge=18, le=100)
    last_age: _Whole = Field(ge=18, le=100)
    pre_letter: PreLetter
    pre_letter_days: _Days
    psa_order: OrderTime
    sample_window_days: _Days
    no_sample_years: _Whole = Field(ge=1, le=20)
    preliminary_alarm_days: _Days
    referral_reminder_days: _Days
    automatic_low: _Switch
    batch_low: _Switch
    # The limits below came with MRI and urology: rule sets signed before them keep the programme's defaults.
    send_days: _Days = 2
    rebook_days: _Days = 7
    resolve_days: _Days = 7
    mri_answer_days: _Days = 14
    urology_visit_days: _Days = 14
    biopsy_days: _Days = 28
    pathology_days: _Days = 11
    not_done_years: _Whole = Field(default=2, ge=1, le=20)
    benign_years: _Whole = Field(default=2, ge=1, le=20)

    @model_validator(mode="after")
    def _ages(self) -> Self:
        if self.first_age > self.last_age:
            raise ValueError("first_age is above last_age")
        return self


class _PsaFile(_Strict):
    number: _Whole = Field(ge=1, lt=90)
    at_least: Decimal = Field(ge=0)
    below: Decimal | None = None
    outcome: Outcome
    years: _Whole | None = Field(default=None, ge=1, le=20)
    letter: LetterType
    meaning: str = Field(min_length=5)
    age_from: _Whole = Field(default=0, ge=0)
    age_to: _Whole = Field(default=200, le=200)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.outcome is Outcome.NEW_OFFER) != (self.years is not None):
            raise ValueError(f"rule {self.number}: years belong to new_offer, and only there")
        if self.outcome is Outcome.PERSON:
            raise ValueError(f"rule {self.number}: 'person' is what happens when no rule fits")
        if self.letter not in _LETTERS[self.outcome]:
            raise ValueError(f"rule {self.number}: letter {self.letter.value} does not say {self.outcome.value}")
        if self.below is not None and self.below <= self.at_least:
            raise ValueError(f"rule {self.number}: below must be above at_least")
        if self.age_from > self.age_to:
            raise ValueError(f"rule {self.number}: age_from is above age_to")
        return self


class _MriFile(_Strict):
    number: _Whole = Field(ge=1, lt=90)
    pirads_from: _Whole = Field(ge=1, le=5)
    pirads_to: _Whole = Field(ge=1, le=5)
    outcome: Outcome
    letter: LetterType
    meaning: str = Field(min_length=5)
    years: _Whole | None = Field(default=None, ge=1, le=20)
    density_at_least: Decimal | None = Field(default=None, gt=0)
    density_below: Decimal | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.outcome is Outcome.NEW_OFFER) != (self.years is not None):
            raise ValueError(f"rule {self.number}: years belong to new_offer, and only there")
        if self.letter not in _MRI_LETTERS.get(self.outcome, ()):
            raise ValueError(f"rule {self.number}: letter {self.letter.value} does not say {self.outcome.value}")
        if self.pirads_from > self.pirads_to:
            raise ValueError(f"rule {self.number}: pirads_from is above pirads_to")
        return self


class _RuleFile(_Strict):
    name: str = Field(min_length=1, max_length=40)
    version: str = Field(min_length=1, max_length=20)
    valid_from: date
    defaults: dict[str, Any] = Field(default_factory=dict)
    regions: dict[str, _RegionFile]
    psa: tuple[_PsaFile, ...]
    mri: tuple[_MriFile, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _defaults_into_regions(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("regions"), dict):
            defaults = data.get("defaults", {})
            data = {**data, "regions": {code: {**defaults, **own} for code, own in data["regions"].items()}}
        return data

    @model_validator(mode="after")
    def _no_gap_and_no_overlap(self) -> Self:
        unknown = set(self.regions) - set(REGIONS)
        if unknown:
            raise ValueError(f"unknown region {min(unknown)}")
        numbers = [*(rule.number for rule in self.psa), *(rule.number for rule in self.mri)]
        if len(set(numbers)) != len(numbers):
            raise ValueError("two rules have the same number")
        ages = range(
            min(region.first_age for region in self.regions.values()) - 1,
            max(region.last_age for region in self.regions.values()) + 3,
        )
        for age in ages:
            bands = sorted(
                (rule for rule in self.psa if rule.age_from <= age <= rule.age_to), key=lambda rule: rule.at_least
            )
            reached: Decimal | None = Decimal(0)
            for band in bands:
                if reached is None or band.at_least != reached:
                    raise ValueError(f"at age {age} the PSA rules overlap or leave a gap at {band.at_least}")
                reached = band.below
            if reached is not None:
                raise ValueError(f"at age {age} no PSA rule covers values from {reached}")
        return self

    @model_validator(mode="after")
    def _every_score_and_density_once(self) -> Self:
        """A rule set that says nothing about MRI leaves every MRI answer to a person; one that does covers all of them."""
        for score in _PIRADS if self.mri else ():
            bands = sorted(
                (rule for rule in self.mri if rule.pirads_from <= score <= rule.pirads_to),
                key=lambda rule: rule.density_at_least or Decimal(0),
            )
            reached: Decimal | None = Decimal(0)
            for band in bands:
                if reached is None or (band.density_at_least or Decimal(0)) != reached:
                    raise ValueError(f"at PI-RADS {score} the MRI rules overlap or leave a gap")
                reached = band.density_below
            if reached is not None:
                raise ValueError(f"at PI-RADS {score} no MRI rule covers densities from {reached}")
        return self


def parse_rule_set(text: str) -> RuleSet:
    """Read and validate a rule set file. RuleSetError says which part does not hold together."""
    try:
        file = _RuleFile.model_validate(tomllib.loads(text, parse_float=Decimal))
    except tomllib.TOMLDecodeError as problem:
        raise RuleSetError("The rule set is not readable TOML: {problem}", problem=problem) from problem
    except ValidationError as problem:
        first = problem.errors()[0]
        where = " ".join(str(part) for part in first["loc"])
        raise RuleSetError(
            "The rule set does not hold together: {where} {problem}", where=where, problem=first["msg"]
        ) from problem
    return RuleSet(
        name=file.name,
        version=file.version,
        valid_from=file.valid_from,
        psa=tuple(PsaRule(**dict(rule)) for rule in file.psa),
        mri=tuple(MriRule(**dict(rule)) for rule in file.mri),
        regions={code: RegionRules(**dict(region)) for code, region in file.regions.items()},
    )


def delivered_rule_set() -> str:
    """The text of the rule set that comes with the program."""
    return resources.files("kansli_tui.pathway").joinpath(_DELIVERED).read_text(encoding="utf-8")


def install_delivered(session: Session, at: datetime) -> None:
    """Put the delivered rule set into a database that does not hold this version of it. What a region has signed later prevails."""
    body = delivered_rule_set()
    rules = parse_rule_set(body)
    held = select(RuleSetRow.id).where(RuleSetRow.name == rules.name, RuleSetRow.version == rules.version)
    if session.scalar(held) is not None:
        return
    session.add(
        RuleSetRow(
            name=rules.name,
            version=rules.version,
            valid_from=rules.valid_from,
            body=body,
            loaded_by=_DELIVERED_BY,
            loaded_at=at,
            signed_by=_DELIVERED_BY,
            signed_at=at,
        )
    )


class RuleBook:
    """All signed rule sets, read once and again when another has been signed."""

    def __init__(self) -> None:
        self._stamp: object = None
        self._rule_sets: tuple[RuleSet, ...] = ()

    def fresh(self, session: Session) -> "RuleBook":
        """Itself, after reading what has been signed since the last time; once in a transaction."""
        already: object = session.info.get(_FRESH)
        if already is self:
            return self
        session.info[_FRESH] = self
        signed = RuleSetRow.signed_at.is_not(None)
        stamp = session.execute(select(func.count(), func.max(RuleSetRow.signed_at)).where(signed)).one()
        if stamp != self._stamp:
            rows = session.scalars(select(RuleSetRow.body).where(signed).order_by(RuleSetRow.id))
            self._rule_sets = tuple(parse_rule_set(body) for body in rows)
            self._stamp = stamp
        return self

    def rule_set(self, region: str, on: date) -> RuleSet:
        """The rule set in force; RuleSetError when a region has none."""
        rules = in_force(self._rule_sets, region, on)
        if rules is None:
            raise RuleSetError("Region {region} has no signed rule set on {on}.", region=region, on=on)
        return rules

    def region(self, region: str, on: date) -> RegionRules:
        """A region's choices in force."""
        return self.rule_set(region, on).for_region(region)
