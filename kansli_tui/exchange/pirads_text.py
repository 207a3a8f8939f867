"""PI-RADS scores in the prose of a report, as suggestions for a person. Pure; it never decides and never guesses a volume.

A score counts only where it stands directly after the word PI-RADS. What the sentence calls earlier, denies or explains is left
out: a score that is not suggested costs a look at the text, a wrong one may cost a needless biopsy.
"""

import re
from collections.abc import Iterator
from typing import Final

from kansli_tui.rows.referral_messages import ProseScore

_DASH: Final = r"[-\u2010-\u2015\u2212]"
_ROMAN: Final = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5}
_WORD: Final = rf"\bpi(?:{_DASH}| )?rads(?![a-zåäö])(?:®|™)?"
_VERSION: Final = r"(?:\(?(?:v(?:er(?:sion)?)?\.? ?)[12](?:[.,][0-9])?\)?|2[.,][01])(?![0-9])"
_NAME: Final = rf"(?:{_DASH}| )?(?:score|poäng|kategori|category|klass|grad|bedömning|klassifikation|assessment)"
_SCORE: Final = r"(?:[1-5]|(?-i:IV|V|I{1,3}))"
# What follows a digit when it is no score: more of a number, a size, a count of something.
_NO_SCORE: Final = r"(?![0-9])(?![.,][0-9])(?! ?\+)(?! ?(?:mm|cm|ml|g|st|%|x|×|mån|år)\b)(?![a-zåäö])"
_RANGE: Final = rf" ?(?:{_DASH}|/|→|->|till|eller|och|,? ?(?:upp|ned)grader\w+ till) ?"
_MENTION: Final = re.compile(
    rf"{_WORD}(?:{_NAME})?(?:[ :=,]*{_VERSION})?(?:{_NAME})?(?: är| blir| is)?[ :=]*(?:{_DASH} ?)?"
    rf"(?P<first>{_SCORE}){_NO_SCORE}(?:(?P<how>{_RANGE})(?P<second>{_SCORE}){_NO_SCORE})?",
    re.IGNORECASE,
)

_EARLIER: Final = re.compile(
    r"\b(?:tidigare|tid\.|föregående|förra|förut|dessförinnan|jämfört|jämförelse|jämför|jfr|jmf|jmfr|gammal|gamla|senast"
    r"|ursprungligen|initialt|previous(?:ly)?|prior|compared|(?:19|20)[0-9]{2}(?![0-9-]))(?:\b|(?<=\.))",
    re.IGNORECASE,
)
_NOW: Final = re.compile(
    r"\b(?:nu|idag|i dag|aktuell\w*|denna gång|nuvarande|numera|fortsatt|fortfarande|now|current\w*)\b", re.IGNORECASE
)
_DENIED: Final = re.compile(
    r"\b(?:ingen|inga|inget|ej|inte|icke|utan|saknas|saknar|varken|aldrig|utesluter|no|not|without)\b", re.IGNORECASE
)
_EARLIER_AFTER: Final = re.compile(
    r" ?(?:,? ?\(?(?:(?:år|från|vid|på|i|mr|us|undersökning\w*|kontroll\w*) ){0,3}(?:19|20)[0-9]{2}\b"
    r"|(?:(?:från|vid|på|i) )?(?:föregående|tidigare|förra)\b)(?! ?(?:[:=]|pi|[1-5](?![0-9])))",
    re.IGNORECASE,
)
_DENIED_AFTER: Final = re.compile(
    rf"(?:{_DASH}| )?(?:lesion\w*|förändring\w*)? ?(?:(?:ses|påvisas|föreligger|finns|noteras|identifieras) (?:ej|inte)|kan uteslutas|saknas|utesluts)\b",
    re.IGNORECASE,
)
_CLAUSE_END: Final = re.compile(r"[;()\n]|\bmen\b|\butom\b", re.IGNORECASE)
_DENIAL_END: Final = re.compile(r"[,:]")

_REACH: Final = 300
"""How many characters on each side of a score are looked at."""

_SENTENCE_END: Final = re.compile(r"(?<=[.!?])[ \n]+|\n+")
_GOES_ON: Final = re.compile(
    rf"(?:\b(?:ca|jfr|jmf|jmfr|tid|resp|dx|sin|hö|vä|us|nr|bl|t|f|d|ex|s|k|dvs|inkl)\.|\b(?:ingen|inga|ej|inte|utan|tidigare|föregående|med|jämfört|och|eller)|{_WORD})[:,]?$",
    re.IGNORECASE,
)
_LONGEST_END: Final = 40
"""More characters than what a sentence goes on after: only its end is looked at, however long it is."""
_LINE_GOES_ON: Final = re.compile(r"[a-zåäö(]")


def prose_scores(text: str) -> tuple[ProseScore, ...]:
    """Every score that the text gives as its own, in its order, once with each whole sentence that it stands in.

    'PI-RADS 3-4' gives both. Earlier scores, denied ones, version numbers and scales ('PI-RADS 1-5') give none.
    """
    return tuple(
        ProseScore(score=score, sentence=sentence)
        for sentence in _sentences(text)
        for score in dict.fromkeys(_scores(sentence))
    )


def _sentences(text: str) -> Iterator[str]:
    """The sentences, with line breaks within them as spaces. An abbreviation or a line that runs on ends none."""
    spaced = re.sub(r" *\n *", "\n", re.sub(r"[^\S\n]+", " ", text))
    sentence = ""
    at = 0
    for end in [*_SENTENCE_END.finditer(spaced), None]:
        piece = spaced[at : end.start() if end else len(spaced)].strip(" \n")
        at = end.end() if end else at
        blank_line = end is not None and end.group().count("\n") > 1
        sentence = f"{sentence} {piece}".strip()
        runs_on = end is not None and not sentence.endswith((".", "!", "?", ":")) and _LINE_GOES_ON.match(spaced, at)
        if end is None or blank_line or not (runs_on or _GOES_ON.search(sentence[-_LONGEST_END:])):
            if sentence:
                yield sentence
            sentence = ""


def _scores(sentence: str) -> Iterator[int]:
    for mention in _MENTION.finditer(sentence):
        start, end = mention.span()
        before, after = sentence[max(0, start - _REACH) : start], sentence[end : end + _REACH]
        if not _is_earlier(before, after) and not _is_denied(before, after):
            yield from _stated(mention, after)


def _stated(mention: re.Match[str], after: str) -> Iterator[int]:
    first, second = _value(mention["first"]), mention["second"]
    if second is None:
        yield first
        return
    how, last = mention["how"].strip(" ").lower(), _value(second)
    if how == "/" and last == 5:
        # "3/5": three out of five.
        yield first
    elif (first, last) != (1, 5):
        yield first
        # "4 och 2 lymfkörtlar" counts something; "3 och 4." does not.
        if how not in ("och", "eller", "till") or re.match(r" ?(?:[.,;:)]|-?lesion|$)", after):
            yield last


def _value(written: str) -> int:
    return _ROMAN.get(written) or int(written)


def _is_earlier(before: str, after: str) -> bool:
    """Whether the clause calls the score an earlier one, before it or right after it."""
    clause = _last(_CLAUSE_END, before)
    earlier = max((match.start() for match in _EARLIER.finditer(clause)), default=-1)
    now = max((match.start() for match in _NOW.finditer(clause)), default=-1)
    return earlier > now or bool(_EARLIER_AFTER.match(after))


def _is_denied(before: str, after: str) -> bool:
    clause = _last(_DENIAL_END, _last(_CLAUSE_END, before))
    return bool(_DENIED.search(clause)) or bool(_DENIED_AFTER.match(after))


def _last(end: re.Pattern[str], text: str) -> str:
    """What stands after the last end of a clause."""
    return end.split(text)[-1]
