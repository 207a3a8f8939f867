"""Rule sets as a supervisor handles them: loaded by one, signed by another, never changed."""

from sqlalchemy import select

from db import audit
from db.models import RuleSetRow
from kansli_tui.errors import NotFoundError, RefusedError, RuleSetError
from kansli_tui.pathway.ruleset import RuleSet
from kansli_tui.rows.office import Actor
from kansli_tui.rows.rules import RuleSetInfo
from kansli_tui.service.context import Context, require_supervisor
from kansli_tui.service.rule_book import parse_rule_set


class RuleService:
    """Loading and signing rule sets."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def rows(self, actor: Actor) -> tuple[RuleSetInfo, ...]:
        """Every rule set, the newest first."""
        del actor
        with self._context.sessions.read() as session:
            found = session.scalars(select(RuleSetRow).order_by(RuleSetRow.id.desc()))
            return tuple(_info(row) for row in found)

    def in_force(self, actor: Actor, region: str) -> RuleSet:
        """The rule set that holds in a region today."""
        del actor
        with self._context.sessions.read() as session:
            return self._context.rules(session).rule_set(region, self._context.today)

    def load(self, actor: Actor, text: str) -> RuleSetInfo:
        """Take a rule set in. It holds once somebody else has signed it."""
        require_supervisor(actor)
        rules = parse_rule_set(text)
        with self._context.sessions.begin() as session:
            taken = select(RuleSetRow.id).where(RuleSetRow.name == rules.name, RuleSetRow.version == rules.version)
            if session.scalar(taken) is not None:
                raise RuleSetError("Version {version} exists already; a change is a new version.", version=rules.title)
            row = RuleSetRow(
                name=rules.name,
                version=rules.version,
                valid_from=rules.valid_from,
                body=text,
                loaded_by=actor.username,
                loaded_at=self._context.clock(),
            )
            session.add(row)
            session.flush()
            audit.record(session, actor, self._context.clock(), "rules.load", subject=rules.title)
            return _info(row)

    def sign(self, actor: Actor, name: str, version: str) -> RuleSetInfo:
        """Sign a rule set that somebody else loaded; from then on it holds from its date."""
        require_supervisor(actor)
        with self._context.sessions.begin() as session:
            row = session.scalar(
                select(RuleSetRow).where(RuleSetRow.name == name, RuleSetRow.version == version).with_for_update()
            )
            if row is None:
                raise NotFoundError("There is no rule set {name}.", name=f"{name} {version}")
            if row.signed_at is not None:
                raise RefusedError("The rule set is signed already.")
            if row.loaded_by == actor.username:
                raise RefusedError("A rule set is signed by somebody other than its author.")
            row.signed_by, row.signed_at = actor.username, self._context.clock()
            audit.record(session, actor, self._context.clock(), "rules.sign", subject=f"{name} {version}")
            return _info(row)


def _info(row: RuleSetRow) -> RuleSetInfo:
    return RuleSetInfo(row.name, row.version, row.valid_from, row.loaded_by, row.signed_by, row.signed_at)
