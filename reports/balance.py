"""The balance on paper, to be read and signed by two. Set from a `Balance` alone: it counts nothing but sums.

reportlab is loaded when the first one is set, not at import.
"""

from collections.abc import Callable, Mapping
from io import BytesIO

from kansli_tui.i18n import clock, local_day
from kansli_tui.rows.cases import Balance
from reports.text import clean, format_date


def balance_pdf(
    balance: Balance, *, made_by: str, regions: Mapping[str, str], line_words: Callable[[str], str], invented: bool
) -> bytes:
    """The balance as PDF in Swedish; the same balance gives the same bytes.

    Page one holds the verdict, what does not add up with the people named, the sum of each region and the place for two
    signatures. Each region's lines and birth years follow on pages of their own.

    Args:
        balance: as counted; `balance.at` is the paper's time.
        made_by: who had it counted, as shown to people.
        regions: region code → name; a code without a name stands as it is.
        line_words: a line, or what is missing for a person who is not accounted for, in words for people.
        invented: whether the people do not exist; every page says so then.

    Raises:
        LetterError: a character that the font lacks.
    """
    from reports.balance_rows import front, of_region  # noqa: PLC0415 - reportlab loads when it is needed
    from reports.paper import draw_frame, draw_rows, pages_of  # noqa: PLC0415
    from reports.press import new_canvas  # noqa: PLC0415

    codes = sorted({row.region for row in balance.rows} | {person.region for person in balance.unaccounted})
    names = {code: clean(regions.get(code, code)) for code in codes}
    day, time = format_date(local_day(balance.at), "sv"), f"kl. {clock(balance.at).replace(':', '.')}"
    pages = pages_of(front(balance, names, line_words, f"Räknad {day} {time} av {clean(made_by)}."))
    for code in codes:
        mine = [one for one in balance.rows if one.region == code]
        pages += pages_of(of_region(names[code], mine, line_words)) if mine else []

    buffer = BytesIO()
    canvas = new_canvas(buffer, balance.at, f"Balans {local_day(balance.at).isoformat()}")
    foot = (", ".join(names.values()), f"Balans {day} {time}", "Kan innehålla personuppgifter. Omfattas av sekretess.")
    for number, rows in enumerate(pages, start=1):
        draw_frame(canvas, ("Balans", "Prostatacancertestning"), (day, time), foot, (number, len(pages)), invented)
        draw_rows(canvas, rows)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()
