"""Preparing the letter of an offer or of a repeat sample, with the order that belongs to it where the region orders at once."""

from collections.abc import Sequence
from datetime import date

from db.models import Letter, Person
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.ruleset import OrderTime, RegionRules, age_in_year
from kansli_tui.rows.offers import RoundKind
from kansli_tui.service.walk import Walk

OFFER_LETTERS = {
    RoundKind.FIRST: LetterType.OFFER,
    RoundKind.REQUEST: LetterType.OFFER,
    RoundKind.AFTER_NO_SAMPLE: LetterType.OFFER_AFTER_NO_SAMPLE,
    RoundKind.AFTER_INTERVAL: LetterType.OFFER_AFTER_INTERVAL,
}


def of_age(rules: RegionRules, person: Person, today: date) -> bool:
    """Whether the region offers at the age he reaches this year; the last offer is made in the year of the last age."""
    return rules.first_age <= age_in_year(person.birth_date, today) <= rules.last_age


def prepare_offer(walk: Walk, person: Person, letter: LetterType) -> Letter:
    """The offer letter; with an order in it where the region orders with the offer. The order is sent once it is posted."""
    return prepare_offers(walk, [(person, letter)])[0]


def prepare_offers(walk: Walk, offers: Sequence[tuple[Person, LetterType]]) -> list[Letter]:
    """`prepare_offer` for many, in that order."""
    walk.session.flush()
    at_once = [person for person, _ in offers if walk.rules(person.region).psa_order is OrderTime.WITH_OFFER]
    orders = walk.create_orders([(person, walk.window_end(person)) for person in at_once], kind="first")
    numbers = {person.id: order.number for person, order in zip(at_once, orders, strict=True)}
    return [
        walk.prepare_letter(person, letter, {"order_number": numbers[person.id]} if person.id in numbers else {})
        for person, letter in offers
    ]


def prepare_repeat(walk: Walk, person: Person, sampled_on: str) -> Letter:
    """The repeat letter and its new order."""
    order = walk.create_order(person, kind="repeat", valid_until=walk.window_end(person))
    values = {"order_number": order.number}
    if sampled_on:
        values["sampled_on"] = sampled_on
    return walk.prepare_letter(person, LetterType.REPEAT_SAMPLE, values)
