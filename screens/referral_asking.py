"""What is asked before a referral is made: that he has been phoned, and why although something stands against it.

Against it stand a yes to what the MRI unit asks about, and a question to the physician that nobody has answered.
"""

import re
from collections.abc import Callable
from functools import partial

from kansli_tui.i18n import _
from kansli_tui.pathway.referrals import ReferralKind
from kansli_tui.rows.referrals import ReferralForm
from screens.base import KansliScreen
from screens.dialogs import AskReason, Assert, Choice, Choose
from screens.referral_form_view import YES, Draft
from screens.waiting import questions

_SAID_YES = re.compile(rf"{YES}\b", re.IGNORECASE)
_ASK, _MAKE = "ask", "make"


def before(screen: KansliScreen, form: ReferralForm, draft: Draft, then: Callable[[str], object]) -> None:
    """Ask what must be asked; `then` is told why it is made all the same, '' where nothing stands against it."""
    if form.phone_first:
        lines = (_who(form), _("He must hear it from a person before a letter or a call comes."))
        screen.ask(Assert(_("Has he been phoned?"), lines), lambda _yes: _against(screen, form, draft, then))
    else:
        _against(screen, form, draft, then)


def said_yes(form: ReferralForm, draft: Draft) -> tuple[str, ...]:
    """Questions of the MRI unit, with their answers, that he has answered yes to."""
    if form.kind is not ReferralKind.MRI:
        return ()
    answers = ((asked, draft.answers.get(asked, "")) for asked in form.asks)
    return tuple(f"{asked} {answer}" for asked, answer in answers if _SAID_YES.match(answer))


def _against(screen: KansliScreen, form: ReferralForm, draft: Draft, then: Callable[[str], object]) -> None:
    yes = said_yes(form, draft)
    asked = questions(form.blocked_by)
    lines = (_who(form), *yes, *asked)
    why = AskReason(_("Make the referral all the same?"), lines, text=_("Why it is made all the same"))
    if yes:
        choices = (
            Choice(_ASK, _("Ask the physician"), _("The referral is not made; the question goes to the physician.")),
            Choice(_MAKE, _("Make it all the same"), _("With a reason, which stands in the referral's history.")),
        )
        acts: dict[str, Callable[[], object]] = {
            _ASK: partial(_ask_physician, screen, form, yes),
            _MAKE: lambda: screen.ask(why, lambda told: then(told.text)),
        }
        dialog = Choose(_("He has said yes to what may hinder the examination"), choices, lines)
        screen.ask(dialog, lambda chosen: acts[chosen]())
    elif asked:
        screen.ask(why, lambda told: then(told.text))
    else:
        then("")


def _ask_physician(screen: KansliScreen, form: ReferralForm, yes: tuple[str, ...]) -> None:
    given = _("{answers} Can he be examined with MRI?", answers=" ".join(f"{answer}." for answer in yes))
    dialog = AskReason(_("Question to physician"), (_who(form),), text=_("The question"), given=given)
    work = partial(screen.office.cases.ask_physician, screen.actor, form.person_id)
    screen.ask(dialog, lambda told: screen.write(partial(work, told.text), _("The question is with the physician.")))


def _who(form: ReferralForm) -> str:
    return f"{form.number}  {form.name}"
