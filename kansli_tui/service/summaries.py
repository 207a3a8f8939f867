"""Keeps the counted sums true: whoever's rows have changed since is counted anew, and nobody else.

Triggers write down in `stats_dirty` whose rows have changed, whatever wrote them. What was counted of these people is taken out
of the sums, their facts are made again by the same queries that count the slow way, and put in. So the sums say at any moment
what counting everything would say, and answer at once with two million people.
"""

import json
from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy import Table, bindparam, delete, func, insert, literal, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.models import Meta, Person, StatsDirty, lead_count, person_count, person_fact, round_count, round_fact
from db.sql import days_between
from kansli_tui.pathway.indicators import MEASURES
from kansli_tui.pathway.lead_times import LEAD_TIMES
from kansli_tui.service.context import Context
from kansli_tui.service.person_facts import person_facts
from kansli_tui.service.round_facts import round_facts
from kansli_tui.service.round_parts import Scope

STATE = "statistics"
"""The row of `meta` with the day that the facts are as of; whoever holds its lock may change them."""
_PEOPLE_AT_ONCE = 2_000
_KEYS_AT_ONCE = 20_000
_MANY = 100_000
"""From so many marks on it is quicker to count everybody anew."""
_AS_OF, _BUILDING = "as_of", "building"
_ROUND_CELL = ("region", "born", "municipality", "later", "month")
_PERSON_CELL = ("region", "born", "municipality", "status")


def catch_up(context: Context) -> int:
    """Count everyone anew about whom something has changed, or for whom the day has. Returns how many people.

    Some thousand people at a time, each in a transaction of its own: others go on working meanwhile.
    """
    counted = 0
    while True:
        with context.sessions.begin() as session:
            done = _some(session, context.today)
        if done is None:
            return rebuild(context)
        if not done:
            return counted
        counted += done


def rebuild(context: Context) -> int:
    """Forget all sums and count everybody anew. Returns how many people."""
    today, token = context.today, uuid4().hex
    with context.sessions.begin() as session:
        _lock(session).value = json.dumps({_BUILDING: token})
        for table in (round_fact, round_count, lead_count, person_fact, person_count):
            session.execute(delete(table))
        first, last = session.execute(select(func.min(Person.id), func.max(Person.id))).one()
    counted = 0
    for begins in range(first or 0, (last or -1) + 1, _KEYS_AT_ONCE):
        with context.sessions.begin() as session:
            _lock(session)
            counted += _count_anew(session, today, _between(begins, begins + _KEYS_AT_ONCE - 1))
    with context.sessions.begin() as session:
        state = _lock(session)
        # Somebody who began to rebuild after us says when it is finished.
        if json.loads(state.value).get(_BUILDING) == token:
            state.value = json.dumps({_AS_OF: today.isoformat()})
    return counted


def _some(session: Session, today: date) -> int | None:
    """Count some changed people anew; 0 when nobody is left, None when everybody must be counted."""
    state = _lock(session)
    as_of = json.loads(state.value).get(_AS_OF, "")
    marks = session.scalar(select(func.count()).select_from(select(StatsDirty.id).limit(_MANY).subquery())) or 0
    if not as_of or as_of > today.isoformat() or marks == _MANY:
        return None
    ids = session.scalars(select(StatsDirty.person_id).distinct().limit(_PEOPLE_AT_ONCE)).all() if marks else []
    if not ids and as_of < today.isoformat():
        changed = select(round_fact.c.person_id).where(round_fact.c.changes_on <= today).distinct()
        ids = session.scalars(changed.limit(_PEOPLE_AT_ONCE)).all()
    if ids:
        return _count_anew(session, today, _among(list(ids)))
    state.value = json.dumps({_AS_OF: today.isoformat()})
    return 0


def _lock(session: Session) -> Meta:
    """The state, which only one at a time may hold."""
    state = session.get(Meta, STATE, with_for_update=True)
    if state is None:
        state = Meta(key=STATE, value="{}")
        session.add(state)
        session.flush()
    return state


def _among(ids: list[int]) -> Scope:
    # Written into the statement: a database takes only so many parameters.
    people: Any = bindparam("people", ids, expanding=True, literal_execute=True)
    return lambda person_id: person_id.in_(people)


def _between(first: int, last: int) -> Scope:
    return lambda person_id: person_id.between(first, last)


def _count_anew(session: Session, today: date, scope: Scope) -> int:
    # The marks go before the facts are read: what changes from now on leaves a new one.
    session.execute(delete(StatsDirty).where(scope(StatsDirty.person_id)), execution_options=_UNSEEN)
    _put_into_sums(session, scope, -1)
    for table in (round_fact, person_fact):
        session.execute(delete(table).where(scope(table.c.person_id)))
    for table, facts in ((round_fact, round_facts(today, scope)), (person_fact, person_facts(today, scope))):
        names = [column.name for column in table.columns]
        session.execute(insert(table).from_select(names, facts))
    _put_into_sums(session, scope, 1)
    found = select(func.count()).select_from(person_fact).where(scope(person_fact.c.person_id))
    # Somebody whom no list knows counts too: the mark is gone.
    return max(1, session.scalar(found) or 0)


_UNSEEN = {"synchronize_session": False}


def _put_into_sums(session: Session, scope: Scope, sign: int) -> None:
    """Add (1) or take out (-1) the facts in scope."""
    facts = round_fact.c
    rounds = select(
        *(facts[name] for name in _ROUND_CELL),
        *((sign * func.sum(facts[one.fact.value] * facts[one.within.value])).label(one.name) for one in MEASURES),
    ).where(scope(facts.person_id))
    _add(session, round_count, rounds.group_by(*(facts[name] for name in _ROUND_CELL)))
    _add(session, lead_count, union_all(*(_lead(one, scope, sign) for one in LEAD_TIMES)))
    people = person_fact.c
    standing = (
        select(
            *(people[name] for name in _PERSON_CELL),
            (sign * func.count()).label("people"),
            (sign * func.sum(people.opted_out)).label("opted_out"),
        )
        .where(scope(people.person_id))
        .group_by(*(people[name] for name in _PERSON_CELL))
    )
    _add(session, person_count, standing)


def _lead(lead: Any, scope: Scope, sign: int) -> Any:
    facts = round_fact.c
    start, end = facts[lead.start.value], facts[lead.end.value]
    group = (
        facts.region,
        func.coalesce(facts[lead.unit.value], 0) if lead.unit else literal(0),
        days_between(start, end),
        facts.born,
        facts.later,
        facts.month,
    )
    return (
        select(literal(lead.name), *group, sign * func.count())
        .where(start.is_not(None), end.is_not(None), scope(facts.person_id))
        .group_by(*group)
    )


def _add(session: Session, sums: Table, rows: Any) -> None:
    """Add rows to the sums, group by group."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(sums).from_select([column.name for column in sums.columns], rows)
    keys = [column.name for column in sums.primary_key.columns]
    added = {
        column.name: column + statement.excluded[column.name] for column in sums.columns if column.name not in keys
    }
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=added))
