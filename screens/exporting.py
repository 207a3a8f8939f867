"""Everything that waits to leave the office is written to a folder: PSA orders, referrals, and what is taken back."""

from functools import partial
from pathlib import Path

from textual.message import Message

from kansli_tui.i18n import _, n_, number
from kansli_tui.rows.answers import OrderExport
from screens.asking import AskPath
from screens.base import KansliScreen
from screens.dialogs import Show

_NAMED = 8
FOLDER = "~/kansli-bestallningar"
"""Where files are written unless somebody says otherwise."""


class Exported(Message):
    """What waited has been written to files."""

    def __init__(self, done: OrderExport, folder: Path) -> None:
        super().__init__()
        self.done = done
        self.folder = folder


def ask_export(screen: KansliScreen, given: str) -> None:
    """Ask for the folder (`given` stands there already), then write."""
    lines = (
        _("All waiting orders, referrals and cancellations of your regions are written, and then count as sent."),
        _("The files hold personal data: choose a folder that only the office can read."),
    )
    dialog = AskPath(_("Write orders and referrals"), lines, text=_("Folder"), given=given, folder=True)
    screen.ask(dialog, partial(_export, screen))


def _export(screen: KansliScreen, folder: Path) -> None:
    export = partial(screen.office.orders.export, screen.actor, folder)
    screen.write(export, lambda done: Exported(done, folder), saying=_("The orders are written…"))


def show_exported(screen: KansliScreen, fact: Exported) -> None:
    """Say what was written, where, and what was left."""
    done = fact.done
    if not (done.files or done.left_out):
        screen.notice.done(_("Nothing waited: no file is written."))
        return
    screen.notice.done(_("Sent: {what}.", what=", ".join(_counts(done)) or _("nothing")))
    screen.ask(Show(_("Orders and referrals are written"), export_lines(done, fact.folder)), lambda _answer: None)


def _counts(done: OrderExport) -> list[str]:
    counts = (
        (done.orders, n_("{count} order", "{count} orders", done.orders)),
        (done.referrals, n_("{count} referral", "{count} referrals", done.referrals)),
        (done.cancellations, n_("{count} cancellation", "{count} cancellations", done.cancellations)),
        (
            done.referral_cancellations,
            n_("{count} cancelled referral", "{count} cancelled referrals", done.referral_cancellations),
        ),
    )
    return [words for count, words in counts if count]


def export_lines(done: OrderExport, folder: Path) -> tuple[str, ...]:
    """What was written, where, and what was left with why."""
    lines = [*_counts(done), "", _("Folder {folder}", folder=folder), *(f"  {Path(file).name}" for file in done.files)]
    if done.left_out:
        lines += ["", _("Left, not sent:"), *(f"  {why}" for why in done.left_out[:_NAMED])]
    if len(done.left_out) > _NAMED:
        lines.append(_("… and {count} more", count=number(len(done.left_out) - _NAMED)))
    return tuple(lines)
