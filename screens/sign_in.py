"""Signing in with the program's own user names, where the database does not know who sits here (one computer, training)."""

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Label, Static

from kansli_tui.i18n import _
from kansli_tui.rows.office import Actor
from screens.base import KansliScreen
from screens.widgets.field import Field
from screens.widgets.text import plain


class SignInScreen(KansliScreen):
    """User name and password. What was wrong is not told apart, so that names cannot be tried out."""

    AREA = "Sign in"
    CSS_PATH = "sign_in.tcss"
    BINDINGS: ClassVar[list[BindingType]] = []

    class SignedIn(Message):
        """Somebody has signed in."""

        def __init__(self, actor: Actor) -> None:
            super().__init__()
            self.actor = actor

    def compose_body(self) -> ComposeResult:
        """Two fields and what this place is."""
        with Vertical(id="sign-in"):
            yield Static(plain(_("Office for organised prostate cancer testing"), "bold"))
            yield Static("", classes="gap")
            yield Label(plain(_("User name")))
            yield Field(id="username", max_length=60)
            yield Label(plain(_("Password")))
            yield Field(id="password", password=True, max_length=200)
            yield Static("", classes="gap")
            yield Static(
                plain(_("Everything that is opened and changed here is logged with your name.")), classes="quiet"
            )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is nowhere to go back to."""
        return False if action in ("back", "reload") else super().check_action(action, parameters)

    @on(Input.Submitted, "#username")
    def _name_written(self) -> None:
        self.query_one("#password", Input).focus()

    @on(Input.Submitted, "#password")
    def _try(self) -> None:
        name = self.query_one("#username", Input).value.strip()
        password = self.query_one("#password", Input).value
        if not name or not password:
            self.notice.failed(_("Write both user name and password."))
            self.query_one("#username" if not name else "#password", Input).focus()
            return
        self.query_one("#password", Input).value = ""
        self.write(partial(self.office.staff.sign_in, name, password), self.SignedIn, saying=_("Signing in…"))

    def on_sign_in_screen_signed_in(self, fact: SignedIn) -> None:
        """Let the person in."""
        self.app.run_worker(self.desk.enter(fact.actor), group="enter")

    def failed(self, error: BaseException) -> None:
        """Show it and let him try again."""
        super().failed(error)
        self.query_one("#password", Input).focus()
