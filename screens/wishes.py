"""What a person asks for: the language and the way of letters, and to be in the quality register or not. What holds now stands beside."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from kansli_tui.i18n import _, day_full, later
from kansli_tui.labels import label
from kansli_tui.letter_labels import LANGUAGE_NAMES
from kansli_tui.rows.cases import Case
from kansli_tui.rows.letter_states import Channel
from kansli_tui.rows.office import Actor
from screens.base import KansliScreen
from screens.dialogs import AskReason, Choice, Choose, Told

if TYPE_CHECKING:
    from kansli_tui.service.office import Office

_CHANNELS = {
    Channel.PAPER: later("Letters come by post."),
    Channel.MESSAGE_1177: later(
        "Letters come to the inbox at 1177; one that is not read in time is sent by post, and those with an appointment always are."
    ),
}
"""The ways that a person may choose; that a print house prints is the region's choice."""

Then = Callable[[Callable[[], object], str], object]
"""Is given what is to be done, and the sentence that says it is done."""


def ask_wishes(screen: KansliScreen, case: Case, then: Then) -> None:
    """Which wish, what is wished, and who said it."""
    choices = (
        Choice("language", _("Language of letters"), _("Now: {what}", what=_(LANGUAGE_NAMES[case.letter_language]))),
        Choice("channel", _("Way of letters"), _("Now: {what}", what=label(case.letter_channel))),
        Choice("register", _("Quality register"), _("Now: {what}", what=_register_now(case))),
    )
    asking = {"language": _ask_language, "channel": _ask_channel, "register": _ask_register}
    screen.ask(Choose(_("What does the person wish?"), choices), lambda wish: asking[wish](screen, case, then))


def _register_now(case: Case) -> str:
    if case.register_objection_on is None:
        return _("may be in it")
    return _("does not want to be in it since {day}", day=day_full(case.register_objection_on))


def _ask_language(screen: KansliScreen, case: Case, then: Then) -> None:
    helps = {"sv-simple": _("Letters that have no easy-to-read text come in Swedish.")}
    choices = tuple(Choice(code, _(name).capitalize(), helps.get(code, "")) for code, name in LANGUAGE_NAMES.items())

    def chosen(code: str) -> None:
        _ask_letters(screen, case, (code, case.letter_channel), then)

    screen.ask(Choose(_("Language of letters"), choices), chosen)


def _ask_channel(screen: KansliScreen, case: Case, then: Then) -> None:
    choices = tuple(Choice(way.value, label(way).capitalize(), _(helps)) for way, helps in _CHANNELS.items())

    def chosen(way: str) -> None:
        _ask_letters(screen, case, (case.letter_language, Channel(way)), then)

    screen.ask(Choose(_("Way of letters"), choices), chosen)


def _ask_letters(screen: KansliScreen, case: Case, wish: tuple[str, Channel], then: Then) -> None:
    language, channel = wish
    lines = (
        _("Letters: {language}, {channel}", language=_(LANGUAGE_NAMES[language]), channel=label(channel)),
        _("Letters that are not printed yet follow."),
    )

    def told(answer: Told) -> None:
        work = partial(_save_letters, screen.office, screen.actor, case, wish, answer.text)
        then(work, _("The wish is noted: {what}.", what=lines[0]))

    screen.ask(AskReason(_("Wish about letters"), lines, text=_("Who said it, and how")), told)


def _save_letters(office: "Office", actor: Actor, case: Case, wish: tuple[str, Channel], reason: str) -> None:
    language, channel = wish
    office.wishes.letters(
        actor, case.person_id, version=case.version, language=language, channel=channel, reason=reason
    )


def _ask_register(screen: KansliScreen, case: Case, then: Then) -> None:
    objects = case.register_objection_on is None
    lines: tuple[str, ...]
    if objects:
        title = _("Does not want to be in the quality register")
        lines = (
            _("Nothing about the person goes to the quality register, and a letter that confirms it is prepared."),
            _("Offers and care go on as before."),
        )
    else:
        title = _("May be in the quality register again")
        lines = (_("Data go to the quality register again from now on."),)

    def told(answer: Told) -> None:
        work = partial(_save_register, screen.office, screen.actor, case, objects=objects, reason=answer.text)
        then(work, _("The wish is noted: {what}.", what=title))

    screen.ask(AskReason(title, lines, text=_("Who said it, and how")), told)


def _save_register(office: "Office", actor: Actor, case: Case, *, objects: bool, reason: str) -> None:
    office.wishes.register(actor, case.person_id, version=case.version, objects=objects, reason=reason)
