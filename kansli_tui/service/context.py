"""What every service is given: sessions, the clock, settings and the rule book; and the small habits they share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from db.engine import Sessions
from kansli_tui.errors import NotAllowedError
from kansli_tui.rows.office import Actor, OfficeFacts, Role
from kansli_tui.service.rule_book import RuleBook
from kansli_tui.service.text_book import TextBook
from kansli_tui.settings import Settings

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SYSTEM = Actor("program", "Programmet", Role.SYSTEM, frozenset({"05", "06", "08"}))
"""Acts where no person does: migrations, delivered rules, invented data."""


def now_utc() -> datetime:
    """The clock on the wall; tests and simulations inject another."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """The shared tools of the services."""

    sessions: Sessions
    clock: Callable[[], datetime]
    settings: Settings
    rule_book: RuleBook
    facts: OfficeFacts
    text_book: TextBook = field(default_factory=TextBook)
    standby: Sessions | None = None

    @property
    def heavy(self) -> Sessions:
        """Where heavy reading is done: a standby where the office has one, else the database itself."""
        return self.standby or self.sessions

    @property
    def today(self) -> date:
        """The office's date (Europe/Stockholm)."""
        return self.clock().astimezone(STOCKHOLM).date()

    def rules(self, session: Session) -> RuleBook:
        """The rule book, with every rule set signed so far."""
        return self.rule_book.fresh(session)

    def texts(self, session: Session) -> TextBook:
        """The letter texts, with every one signed so far."""
        return self.text_book.fresh(session)


def plain(text: str) -> str:
    """What somebody typed, without control characters and escape sequences; only line feeds stay."""
    return "".join(char if char.isprintable() or char == "\n" else "·" for char in text).strip()


def local_date(at: datetime) -> date:
    """The date of a time in Sweden."""
    return at.astimezone(STOCKHOLM).date()


def require_region(actor: Actor, region: str) -> None:
    """Refuse what concerns a region the actor does not work for."""
    if region not in actor.regions:
        raise NotAllowedError("You do not work for region {region}.", region=region)


def require_supervisor(actor: Actor) -> None:
    """Refuse what only a supervisor may do."""
    if not actor.is_supervisor:
        raise NotAllowedError("Only a supervisor may do this.")


def chosen_regions(actor: Actor, region: str | None) -> list[str]:
    """The regions a list covers: the one asked for, or all of the actor's."""
    if region is None:
        return sorted(actor.regions)
    require_region(actor, region)
    return [region]
