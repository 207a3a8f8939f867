"""The balance: everyone in the register is somewhere, and the sum proves it. A difference names the people."""

import json
from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.models import Meta, SignedBalance
from db.queries import balance as queries
from kansli_tui.errors import NotFoundError
from kansli_tui.i18n import _
from kansli_tui.labels import label
from kansli_tui.pathway.steps import ClosedReason, ExclusionReason
from kansli_tui.rows.cases import Balance, BalanceRow, PersonHit, SignedBalanceRow, Unaccounted
from kansli_tui.rows.office import REGIONS, Actor
from kansli_tui.service.cases import hit
from kansli_tui.service.context import Context, chosen_regions, require_region
from kansli_tui.service.naming import shown_number
from kansli_tui.service.queues import BALANCE_KEY

_NAMED = 100


class BalanceService:
    """Counts everyone."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def make(self, actor: Actor, *, region: str | None = None, born: int | None = None) -> Balance:
        """Count now. A whole balance is remembered for the home screen."""
        with self._context.sessions.begin() as session:
            return self._make(session, actor, region, born)

    def pdf(self, actor: Actor, *, region: str | None = None) -> bytes:
        """Count now, and set the balance on paper to be read and signed by hand."""
        with self._context.sessions.begin() as session:
            balance = self._make(session, actor, region, None)
            audit.record(session, actor, balance.at, "balance.pdf", region=region)
            self._log_named(session, actor, balance, "balance.pdf")
            return self._pdf(actor, balance)

    def sign(self, actor: Actor) -> SignedBalanceRow:
        """Count now, and put one's name to it: the PDF is kept as it was signed, with its hash. Also one that does not add up."""
        with self._context.sessions.begin() as session:
            balance = self._make(session, actor, None, None)
            pdf = self._pdf(actor, balance)
            signed = SignedBalance(
                at=balance.at,
                by=actor.username,
                regions=sorted(actor.regions),
                totals=_totals(balance, sorted(actor.regions)),
                adds_up=balance.adds_up,
                sha256=sha256(pdf).hexdigest(),
                pdf=pdf,
            )
            session.add(signed)
            session.flush()
            audit.record(
                session,
                actor,
                balance.at,
                "balance.sign",
                subject=f"balance:{signed.id}",
                detail={"adds_up": balance.adds_up, "sha256": signed.sha256},
            )
            self._log_named(session, actor, balance, "balance.sign")
            return _signed_row(signed)

    def signed(self, actor: Actor, *, limit: int = 50) -> tuple[SignedBalanceRow, ...]:
        """The newest signed balances that hold none but the actor's regions, the newest first."""
        with self._context.sessions.read() as session:
            rows = session.scalars(select(SignedBalance).order_by(SignedBalance.id.desc()).limit(limit))
            return tuple(_signed_row(row) for row in rows if set(row.regions) <= actor.regions)

    def signed_pdf(self, actor: Actor, balance_id: int) -> bytes:
        """The PDF of a signed balance, byte by byte as it was signed."""
        with self._context.sessions.begin() as session:
            signed = session.get(SignedBalance, balance_id)
            if signed is None:
                raise NotFoundError("There is no such signed balance.")
            for region in signed.regions:
                require_region(actor, region)
            audit.record(session, actor, self._context.clock(), "balance.signed_pdf", subject=f"balance:{signed.id}")
            return signed.pdf

    def people(
        self, actor: Actor, *, region: str, born: int, line: str, after: int = 0, limit: int = 50
    ) -> tuple[PersonHit, ...]:
        """The people of one line; the reading is logged. Page on with the last `person_id`."""
        require_region(actor, region)
        with self._context.sessions.begin() as session:
            people = queries.on_line(session, region, born, line, after, limit)
            audit.record_people(
                session,
                actor,
                self._context.clock(),
                "balance.people",
                ((person.id, person.region) for person in people),
                subject=f"{born} {line}",
            )
            return tuple(hit(person, person.number) for person in people)

    def _make(self, session: Session, actor: Actor, region: str | None, born: int | None) -> Balance:
        at = self._context.clock()
        regions = chosen_regions(actor, region)
        lost = queries.lost(session, regions, born, _NAMED)
        balance = Balance(
            at=at,
            rows=self._rows(session, regions, born),
            unaccounted=tuple(Unaccounted(person.id, shown_number(person), person.region, why) for person, why in lost),
        )
        audit.record(session, actor, at, "balance.make", region=region, detail={"adds_up": balance.adds_up})
        if region is None and born is None:
            known = session.get(Meta, BALANCE_KEY, with_for_update=True)
            # Somebody who works for one region says nothing of the others.
            earlier = {} if known is None else json.loads(known.value)
            session.merge(Meta(key=BALANCE_KEY, value=json.dumps({**earlier, **_totals(balance, regions)})))
        return balance

    def _pdf(self, actor: Actor, balance: Balance) -> bytes:
        from reports.balance import balance_pdf  # noqa: PLC0415 - reportlab loads when a paper is set

        return balance_pdf(
            balance,
            made_by=actor.name,
            regions=REGIONS,
            line_words=line_words,
            invented=self._context.facts.invented,
        )

    def _log_named(self, session: Session, actor: Actor, balance: Balance, action: str) -> None:
        """Who stands on the paper by number."""
        people = ((person.person_id, person.region) for person in balance.unaccounted)
        audit.record_people(session, actor, balance.at, action, people)

    def _rows(self, session: Session, regions: Sequence[str], born: int | None) -> tuple[BalanceRow, ...]:
        registered = queries.registered(session, regions, born)
        lines: dict[tuple[str, int], dict[str, int]] = {key: {} for key in registered}
        for region, year, line, count in queries.by_line(session, regions, born):
            lines.setdefault((region, year), {})[line] = count
        return tuple(
            BalanceRow(
                region=region,
                born=year,
                in_register=registered.get((region, year), 0),
                lines=counts,
                difference=registered.get((region, year), 0) - sum(counts.values()),
            )
            for (region, year), counts in sorted(lines.items())
        )


def _totals(balance: Balance, regions: Sequence[str]) -> dict[str, list[int]]:
    """Region → [people, difference]; every row's difference without its sign, so that none makes up for another."""
    return {
        code: [
            sum(row.in_register for row in balance.rows if row.region == code),
            sum(abs(row.difference) for row in balance.rows if row.region == code),
        ]
        for code in regions
    }


def _signed_row(signed: SignedBalance) -> SignedBalanceRow:
    totals = {code: (people, difference) for code, (people, difference) in signed.totals.items()}
    return SignedBalanceRow(signed.id, signed.at, signed.by, totals, signed.adds_up, signed.sha256)


def line_words(line: str) -> str:
    """A balance line in the language of the screen; the reason of those who have left included."""
    base, colon, reason = line.partition(": ")
    if not colon:
        return _(line)
    member = next((found for kind in (ClosedReason, ExclusionReason) for found in kind if found.value == reason), None)
    return f"{_(base)}: {label(member) if member is not None else reason}"


def remembered(row: Meta | None, regions: Sequence[str]) -> dict[str, tuple[int, int]]:
    """(people, difference) by region as the last whole balance said."""
    if row is None:
        return {}
    totals = json.loads(row.value)
    return {code: (totals[code][0], totals[code][1]) for code in regions if code in totals}
