"""How letters on their way out are shown: a line for each kind that waits and each batch, and what is to be done with the marked one."""

from collections.abc import Mapping
from datetime import datetime

from rich.text import Text

from kansli_tui.i18n import _, ago, day, n_, number
from kansli_tui.labels import label
from kansli_tui.rows.letter_states import BatchRow, BatchState, Channel, WaitingLetters
from screens.widgets.left_out import counted_words
from screens.widgets.text import plain, right, visible
from screens.widgets.words import shown_place

_NAMED = 6
"""How many letters are named in a line; the others are counted."""


def named(numbers: tuple[str, ...], most: int = _NAMED) -> str:
    """'B-000001, B-000002 and 14 more'."""
    shown = ", ".join(numbers[:most])
    more = len(numbers) - most
    return f"{shown} {_('and {count} more', count=number(more))}" if more > 0 else shown


def batch_line(batch: BatchRow) -> str:
    """'Batch 2026-00012 · RÖ · Offer'."""
    return f"{_('Batch {number}', number=batch.number)} · {shown_place(batch.region)} · {label(batch.type)}"


def should_be(batch: BatchRow) -> str:
    """Letters = sheets ÷ sheets a letter = envelopes = handed over, with the batch's own numbers."""
    letters = n_("{count} letter", "{count} letters", batch.to_post)
    if batch.channel is not Channel.PAPER:
        return f"{letters} = {_('{count} handed over', count=number(batch.to_post))}"
    envelopes = n_("{count} envelope", "{count} envelopes", batch.to_post)
    same = f"{envelopes} = {_('{count} handed over', count=number(batch.to_post))}"
    if batch.sheets_to_post is None or not batch.to_post:
        return f"{letters} = {same}"
    each = round(batch.sheets_to_post / batch.to_post, 2)
    per = number(int(each)) if each == int(each) else str(each).replace(".", ",")
    sheets = n_("{count} sheet", "{count} sheets", batch.sheets_to_post)
    return f"{letters} = {sheets} ÷ {per} = {same}"


def letter_lines(
    waiting: Mapping[str, WaitingLetters], batches: Mapping[str, BatchRow], now: datetime
) -> list[tuple[str, list[Text]]]:
    """The lines of the list by key: what was interrupted, what waits, what goes by hand, and the batches, each under its heading."""
    unfinished = [(key, batch_cells(row, now)) for key, row in batches.items() if row.state is BatchState.PREPARED]
    others = [(key, batch_cells(row, now)) for key, row in batches.items() if row.state is not BatchState.PREPARED]
    together = [(key, waiting_cells(row, now)) for key, row in waiting.items() if not row.by_hand]
    by_hand = [(key, waiting_cells(row, now)) for key, row in waiting.items() if row.by_hand]
    return [
        *_headed("unfinished", _("NOT FINISHED"), unfinished),
        # What waits needs no heading where it stands first.
        *(_headed("waiting", _("TO PRINT"), together) if unfinished else together),
        *_headed("hand", _("BY HAND (protected)"), by_hand),
        *_headed("batches", _("BATCHES"), others),
    ]


def is_heading(key: str) -> bool:
    """Whether a line of the list is a heading, on which no key does anything."""
    return key.startswith("head:")


def _headed(key: str, words: str, lines: list[tuple[str, list[Text]]]) -> list[tuple[str, list[Text]]]:
    """The lines under a heading of their own; nothing where there are none."""
    empty = [plain("") for _column in range(3)]
    return [(f"head:{key}", [plain(""), plain(words, "bold"), *empty]), *lines] if lines else []


def waiting_cells(row: WaitingLetters, now: datetime) -> list[Text]:
    """A kind of letter that waits."""
    since = _("waits {age}", age=ago(row.oldest, now))
    name = marked(row)
    return [plain(shown_place(row.region)), plain(name), right(number(row.letters)), plain(since), plain("")]


def batch_cells(row: BatchRow, now: datetime) -> list[Text]:
    """A batch; what still has to be done with it stands out."""
    to_do = row.state not in (BatchState.POSTED, BatchState.CANCELLED)
    style = "" if to_do else "dim"
    state = _state(row)
    if row.posted_on is not None:
        state += f" {day(row.posted_on, now)}"
    name = marked(row)
    return [
        plain(shown_place(row.region), style),
        plain(name, style),
        right(number(row.to_post if to_do else row.letters), style),
        plain(state, "bold" if to_do else style),
        plain(row.number, style),
    ]


def about_waiting(row: WaitingLetters) -> Text:
    """What P does with them."""
    if row.by_hand:
        text = plain(_("P prints one letter. It goes in an inner envelope, by the tax agency's forwarding."))
    elif row.channel is Channel.PAPER:
        text = plain(_("P prints these letters as one batch, after deaths, blocks and addresses are looked at again."))
    else:
        text = plain(
            _(
                "P makes these letters one batch for {channel}, after deaths, blocks and addresses are looked at again.",
                channel=label(row.channel),
            )
        )
    return text


def about_batch(row: BatchRow) -> Text:
    """What is to be done next, how the batch came about, and what is to be taken out of it."""
    text = plain(_next(row), "bold", lines=True)
    text.append("\n" + _("Made by {who} {day}", who=visible(row.made_by), day=day(row.made_at)))
    text.append(" · " + n_("{count} letter", "{count} letters", row.letters))
    if row.pages is not None and row.channel is Channel.PAPER:
        text.append(" · " + n_("{count} page", "{count} pages", row.pages))
    if row.channel is not Channel.PAPER:
        text.append(" · " + label(row.channel))
    if row.printed_at is not None and row.printed_by:
        who, on = visible(row.printed_by), day(row.printed_at)
        paper = row.channel is Channel.PAPER
        printed = _("printed by {who} {day}", who=who, day=on)
        text.append(" · " + (printed if paper else _("written to a folder by {who} {day}", who=who, day=on)))
    if row.by_hand and row.state in (BatchState.RENDERED, BatchState.PRINTED):
        text.append("\n" + _("It goes by the tax agency's forwarding: U saves the cover note and the inner sheet."))
    if row.reprint_of:
        text.append("\n" + _("Prints batch {number} again", number=row.reprint_of))
    if row.reason and row.state is not BatchState.CANCELLED:
        text.append((": " if row.reprint_of else f"\n{_('Reason')}: ") + visible(_(row.reason)))
    if row.take_out:
        text.append("\n! " + _("Take out of what is printed: {letters}", letters=named(row.take_out)), "bold")
    if row.left_out:
        text.append("\n" + _("Left out:") + " " + "; ".join(counted_words(why) for why in row.left_out))
    return text


def made_words(batch: BatchRow) -> str:
    """That a batch is made, and what to do next."""
    if batch.channel is not Channel.PAPER:
        made = n_("{count} letter", "{count} letters", batch.letters)
        return _("Batch {number} is made: {letters}. S writes it to a folder.", number=batch.number, letters=made)
    letters = n_("{count} letter", "{count} letters", batch.letters)
    return _(
        "Batch {number} is made: {letters}, {pages}. S saves it, O shows it.",
        number=batch.number,
        letters=letters,
        pages=n_("{count} page", "{count} pages", batch.pages or 0),
    )


def again_words(old: BatchRow, new: BatchRow) -> str:
    """That a batch has been printed again, and what to do next."""
    if new.channel is not Channel.PAPER:
        return _("Batch {number} takes the place of {old}. S writes it to a folder.", number=new.number, old=old.number)
    return _("Batch {number} takes the place of {old}. S saves it, O shows it.", number=new.number, old=old.number)


def _state(row: BatchRow) -> str:
    paper = row.channel is Channel.PAPER
    if row.state is BatchState.PRINTED:
        return _("to post") if paper else _("to hand over")
    if row.state is BatchState.RENDERED and not paper:
        return _("to write")
    return _("handed over") if row.state is BatchState.POSTED and not paper else label(row.state)


def _next(row: BatchRow) -> str:
    if row.state is BatchState.PREPARED:
        return _(
            "The PDF is not made: somebody is at it now, or was interrupted. P finishes it: the same letters, none twice."
        )
    if row.state is BatchState.RENDERED and row.channel is Channel.VENDOR:
        return _("S writes the folder for the print house. When it has been fetched, K confirms it.")
    if row.state is BatchState.RENDERED and row.channel is Channel.MESSAGE_1177:
        return _("S writes the messages for 1177. When they have been taken in there, K confirms it.")
    if row.state is BatchState.RENDERED:
        return _("The PDF is made. S saves it, O shows it: print it on paper. After that K counts and posts.")
    if row.state is BatchState.PRINTED and not row.to_post:
        return _("No letter of the batch may leave. X cancels it.") + " " + throw_away(row)
    if row.state is BatchState.PRINTED and row.channel is not Channel.PAPER:
        return _("When it is handed over, K confirms it:") + "\n" + should_be(row)
    if row.state is BatchState.PRINTED:
        return _("Count and hand over, then K:") + "\n" + should_be(row)
    if row.state is BatchState.POSTED:
        return _posted(row)
    return _("Cancelled: {why}. Its letters wait, or are in another batch.", why=visible(_(row.reason)) or "–")


def _posted(row: BatchRow) -> str:
    paper = row.channel is Channel.PAPER
    counts = [n_("{count} envelope", "{count} envelopes", row.envelopes)] if paper and row.envelopes is not None else []
    counts += [n_("{count} sheet", "{count} sheets", row.sheets)] if row.sheets is not None else []
    words = _(
        "Posted {day} by {who}" if paper else "Handed over {day} by {who}",
        day=day(row.posted_on) if row.posted_on else "–",
        who=visible(row.posted_by),
    )
    return words + (" · " + _("counted: {counts}", counts=", ".join(counts)) if counts else "")


def marked(row: WaitingLetters | BatchRow) -> str:
    """The kind of letter; what goes another way than the usual one says so first, where nothing is cut."""
    name = label(row.type)
    if row.by_hand:
        return f"{_('BY HAND')} · {name}"
    return name if row.channel is Channel.PAPER else f"{way(row.channel)} · {name}"


def way(channel: Channel) -> str:
    """A way out in one short word."""
    return "1177" if channel is Channel.MESSAGE_1177 else label(channel)


def by_hand_words() -> str:
    """How the letter of a protected person leaves."""
    return _("Protected identity: an inner envelope, by the tax agency's forwarding. U saves the papers.")


def throw_away(row: BatchRow) -> str:
    """What is to be done with what has come out of a batch that does not hold any longer."""
    if row.channel is Channel.PAPER:
        return _("Destroy what has been printed of it.")
    return _("Delete the folder that has been written of it.")


def posted_words(row: BatchRow, count: int) -> str:
    """That letters have left."""
    if row.channel is Channel.PAPER:
        return n_("{count} letter is posted.", "{count} letters are posted.", count)
    return n_("{count} letter is handed over.", "{count} letters are handed over.", count)
