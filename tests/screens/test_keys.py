"""One table of keys: typed on a Swedish keyboard without AltGr, no key twice on a screen, every key with something to do."""

import string
from importlib import import_module

import pytest
from textual.binding import Binding

from kansli_tui.app import AREAS, SCREENS, KansliApp
from kansli_tui.keys import GROUPS, KEYS, Key
from screens.base import KansliScreen
from tests.screens.messages import ROOT

_PLAIN = {*string.ascii_lowercase, *string.digits, "enter", "escape", "right", "left", "plus", "minus", "pageup"}
_PLAIN |= {*(f"f{number}" for number in (*range(1, 11), 12)), *(f"ctrl+{letter}" for letter in "qprsnl")}


def screen_classes() -> list[type[KansliScreen]]:
    """Screens whose module is there."""
    found = []
    for where in {**AREAS, **SCREENS}.values():
        module, _colon, name = where.partition(":")
        if (ROOT / (module.replace(".", "/") + ".py")).exists():
            found.append(getattr(import_module(module), name))
    return found


@pytest.mark.parametrize("key", KEYS.values(), ids=list(KEYS))
def test_every_key_can_be_typed_without_altgr(key: Key) -> None:
    assert key.key in _PLAIN
    assert key.group in GROUPS
    assert key.label
    assert key.tooltip


@pytest.mark.parametrize("screen", screen_classes(), ids=lambda screen: screen.__name__)
def test_no_key_stands_for_two_things_on_a_screen(screen: type[KansliScreen]) -> None:
    bound: dict[str, str] = {}
    for base in (screen, KansliScreen, KansliApp):
        for binding in base.__dict__.get("BINDINGS", ()):
            assert isinstance(binding, Binding)
            for key in binding.key.split(","):
                assert bound.setdefault(key, binding.action) == binding.action, key


@pytest.mark.parametrize("screen", screen_classes(), ids=lambda screen: screen.__name__)
def test_every_key_of_a_screen_does_something(screen: type[KansliScreen]) -> None:
    for binding in screen.__dict__.get("BINDINGS", ()):
        name = binding.action.partition("(")[0]
        assert hasattr(screen, f"action_{name}"), binding.action
        assert binding.id in KEYS or not binding.show, "a key that is shown comes from the table"


def test_every_key_of_the_app_does_something() -> None:
    for key in KEYS.values():
        if key.group == "app":
            assert hasattr(KansliApp, f"action_{key.action}"), key.id
