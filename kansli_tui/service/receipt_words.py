"""What came of a file of receipts, in the language of the screen."""

from kansli_tui.i18n import _
from kansli_tui.rows.lab_reasons import FIXES, Reason
from kansli_tui.rows.receipts import ReceiptProblem, ReceiptReport


def report_lines(report: ReceiptReport) -> tuple[str, ...]:
    """How many receipts did what, then each line that could not be used and what to do about it."""
    whole = _(
        "{file}: {taken} receipts noted, {known} known before, {on_paper} letters go on paper, {to_contact} got a task.",
        file=report.file,
        taken=report.taken,
        known=report.known,
        on_paper=report.on_paper,
        to_contact=report.to_contact,
    )
    lines = (_("line {line}: {problem}", line=problem.place, problem=reason(problem)) for problem in report.problems)
    return (whole, *lines)


def reason(problem: ReceiptProblem) -> str:
    """What is wrong with a line and what to do about it; reasons of every CSV have their fix beside them."""
    text = _(problem.message, **problem.values)
    return f"{text}. {_(FIXES[Reason(problem.message)])}" if problem.message in set(Reason) else text
