"""Nobody meets an English word on a Swedish screen, and no translation loses what it should say."""

import re

from babel.messages.pofile import read_po

from kansli_tui import i18n
from kansli_tui.i18n import _
from kansli_tui.labels import _WORDS, ACTIONS, label_id
from kansli_tui.rows.cases import CaseAction
from tests.screens.messages import ROOT, every_id

_FILE = ROOT / "kansli_tui/locale/sv/LC_MESSAGES/kansli.po"


def test_every_message_has_its_swedish_words() -> None:
    known = i18n.catalogue("sv")
    missing = [f"{where}: {message!r}" for message, where in every_id().items() if message not in known]
    assert not missing, "no Swedish for:\n" + "\n".join(missing)


def test_the_catalogue_holds_nothing_that_is_no_longer_used() -> None:
    assert sorted(set(i18n.catalogue("sv")) - set(every_id())) == []


def test_translations_keep_their_placeholders() -> None:
    def names(text: str) -> set[str]:
        return set(re.findall(r"(?<!\{)\{([a-z_]+)\}", text))

    wrong = [message for message, text in i18n.catalogue("sv").items() if names(message) != names(text)]
    assert wrong == []


def test_the_catalogue_is_whole() -> None:
    with _FILE.open("rb") as stream:
        entries = [entry for entry in read_po(stream, locale="sv") if entry.id]
    assert all(isinstance(entry.id, str) and entry.string for entry in entries)
    assert not any(entry.fuzzy for entry in entries)


def test_every_stored_value_has_words() -> None:
    for members, words in _WORDS.items():
        assert set(words) == set(members), members
        assert all(label_id(member) for member in members)
    assert set(ACTIONS) == set(CaseAction)


def test_english_needs_no_catalogue() -> None:
    i18n.set_language("en")
    assert _("Working…") == "Working…"
    i18n.set_language("sv")
    assert _("Working…") == "Arbetar…"
