"""Replaying one round from the pre-letter to the assessed PSA answer, and the line's own end of it."""

from datetime import date, timedelta

from db.models import PsaAnswer, PsaOrder, Round, Task
from kansli_tui.pathway.decide import CONFIRMATION, Decision, decide_psa, queue_of, unanalysable
from kansli_tui.pathway.ruleset import OrderTime, Outcome, age_in_year
from kansli_tui.pathway.steps import ClosedReason, Event, Step
from kansli_tui.rows.answers import OrderState
from kansli_tui.rows.history import HistoryAnswer
from kansli_tui.rows.offers import RoundKind
from kansli_tui.rows.referrals import DecisionKind
from kansli_tui.service.history_examined import Examined
from kansli_tui.service.history_facts import Row, begins
from kansli_tui.service.history_path import may_close


class PlayedRound(Examined):
    """One line, from its first day to its last."""

    def play(self) -> None:
        """What the line tells, and where the rules put the person then."""
        line = self.line
        if line.preletter_on is not None or line.offered_on is not None:
            self._offer()
        if line.closed_on is not None and self.standing.step is not Step.CLOSED:
            self._leave(line.closed_on)

    # Offers out

    def _offer(self) -> None:
        line, path = self.line, self.path
        self.standing.round_number = line.round
        self.round = path.facts.add(
            Round,
            {
                **path.head(),
                "number": line.round,
                "kind": self._kind(),
                "began_at": path.at(begins(line)),
                "municipality": self.standing.municipality,
                "pre_letter_on": line.preletter_on,
                "offered_on": line.offered_on,
                "valid_until": None,
                "ended_at": None,
                "result": None,
            },
        )
        if line.preletter_on is not None:
            path.move(Event.RELEASED_WITH_PRE_LETTER, line.preletter_on)
            planned = line.preletter_on + timedelta(days=self.rules.pre_letter_days)
            path.move(Event.PRE_LETTER_POSTED, line.preletter_on, next_on=planned)
            if line.offered_on is None:
                if line.answer is HistoryAnswer.DECLINED:
                    self._wait(Event.DECLINED, line.preletter_on, "declined")
                return
            path.move(Event.OFFER_DATE_REACHED, line.offered_on)
        else:
            path.move(Event.RELEASED, begins(line))
        self._offered()

    def _kind(self) -> RoundKind:
        last = self.standing.last_result
        if last is None:
            return RoundKind.FIRST if self.line.round == 1 else RoundKind.AFTER_INTERVAL
        return RoundKind.AFTER_INTERVAL if last == "answered" else RoundKind.AFTER_NO_SAMPLE

    def _offered(self) -> None:
        line, path = self.line, self.path
        assert line.offered_on is not None
        assert self.round is not None
        until = line.offered_on + timedelta(days=self.rules.sample_window_days)
        self.round["valid_until"] = until
        expired = self._expired(until)
        sent_on = line.psa_ordered_on or (line.offered_on if line.sampled_on is not None else None)
        with_offer = self.rules.psa_order is OrderTime.WITH_OFFER
        owed = (with_offer or line.answer is HistoryAnswer.ACCEPTED) and not expired
        if line.answer is HistoryAnswer.DECLINED:
            sent_on, owed = line.psa_ordered_on, False
        if sent_on is None and not owed:
            path.move(Event.OFFER_POSTED, line.offered_on, next_on=until)
            if line.answer is HistoryAnswer.ACCEPTED:
                # Accepted and never ordered: the window ended without a sample.
                path.move(Event.ACCEPTED, line.offered_on, next_on=until)
        else:
            self._ordered(sent_on, until, with_offer=with_offer)
        if line.answer is HistoryAnswer.DECLINED:
            self._end_order(OrderState.CANCELLED, max(line.offered_on, sent_on or line.offered_on), "declined")
            self._wait(Event.DECLINED, line.offered_on, "declined")
        elif line.sampled_on is not None:
            self._sampled(line.sampled_on)
        elif expired:
            self._expire(until)

    def _ordered(self, sent_on: date | None, until: date, *, with_offer: bool) -> None:
        line, path = self.line, self.path
        assert line.offered_on is not None
        self.order = self._new_order("first", sent_on or line.offered_on, until, sent_on=sent_on)
        if with_offer:
            path.move(Event.OFFER_POSTED_WITH_ORDER, line.offered_on, next_on=until)
        else:
            path.move(Event.OFFER_POSTED, line.offered_on, next_on=until)
            path.move(Event.ACCEPTED, sent_on or line.offered_on, next_on=until)
        if sent_on is not None:
            path.move(Event.ORDER_SENT, sent_on, next_on=until)

    def _new_order(self, kind: str, on: date, until: date, *, sent_on: date | None) -> Row:
        path = self.path
        key = path.key(PsaOrder)
        return path.facts.add(
            PsaOrder,
            {
                **path.head(),
                "id": key,
                "number": f"OPT-{on.year}-{key:06d}",
                "round_number": self.line.round,
                "kind": kind,
                "ordered_at": path.at(on),
                "valid_until": until,
                "state": OrderState.CREATED if sent_on is None else OrderState.SENT,
                "sent_at": path.at(sent_on) if sent_on is not None else None,
                "cancelled_at": None,
                "cancel_reason": None,
                "cancel_sent_at": None,
            },
        )

    def _end_order(self, to: OrderState, on: date, reason: str) -> None:
        """The order no longer holds. The laboratory does not know its number, so nothing is told to it."""
        order = self.order
        if order is not None and order["state"] in (OrderState.CREATED, OrderState.SENT):
            at = self.path.at(on)
            order.update(state=to, cancelled_at=at, cancel_reason=reason)
            order["cancel_sent_at"] = at if order["sent_at"] is not None else None

    def _expired(self, until: date) -> bool:
        """Whether a sample window is over: its last day has passed, or the next round has begun."""
        return self.next_begins is not None or until < self.terms.today

    def _expire(self, until: date) -> None:
        """No sample in the window: the next offer counts from the posted one."""
        assert self.line.offered_on is not None
        on = min(until + timedelta(days=1), self.next_begins or self.terms.today)
        self._end_order(OrderState.EXPIRED, on, "no sample in time")
        self.end_round(on, "no_sample")
        self.path.move(
            Event.WINDOW_EXPIRED, on, next_on=self.standing.after_no_sample(self.line.offered_on, self.rules)
        )

    def _wait(self, event: Event, since: date, result: str) -> None:
        self.end_round(since, result)
        self.path.move(event, since, next_on=self.standing.after_no_sample(since, self.rules))

    # The sample and its answer

    def _sampled(self, sampled_on: date) -> None:
        line, path = self.line, self.path
        if line.psa_answered_on is None:
            days = timedelta(days=self.rules.preliminary_alarm_days)
            path.move(Event.ANSWER_PENDING, sampled_on, next_on=sampled_on + days)
            return
        assert self.order is not None
        self.order["state"] = OrderState.ANSWERED
        answer_id = path.key(PsaAnswer)
        path.facts.add(
            PsaAnswer,
            {
                **path.head(),
                "id": answer_id,
                "order_id": self.order["id"],
                "message_id": self.message_id,
                "version": 1,
                "status": "X" if line.psa is None else "F",
                "value": line.psa.value if line.psa else None,
                "comparator": line.psa.comparator if line.psa else None,
                "raw_value": f"{line.psa.value:f}" if line.psa else "",
                "raw_unit": "ug/L" if line.psa else "",
                "sampled_at": path.at(sampled_on),
                "reported_at": path.at(line.psa_answered_on),
                "received_at": path.at(line.psa_answered_on),
            },
        )
        path.move(Event.ANSWER_RECEIVED, line.psa_answered_on)
        rules = self.terms.rule_set
        if line.psa is None:
            decision = unanalysable(rules)
        else:
            decision = decide_psa(line.psa, birth_date=self.standing.birth_date, sampled_on=sampled_on, rules=rules)
        self._assess_psa(decision, answer_id, sampled_on)

    def _assess_psa(self, decision: Decision, answer_id: int, sampled_on: date) -> None:
        """What the line shows to have been decided; otherwise a person confirms the rules' proposal."""
        line, path = self.line, self.path
        outcome: Outcome | None = None
        if line.mri_referred_on is not None:
            outcome = Outcome.MRI
        elif line.urology_referred_on is not None:
            outcome = Outcome.UROLOGY
        elif line.psa_letter_on is not None and decision.outcome is not Outcome.PERSON:
            outcome = decision.outcome
        dates = (line.psa_letter_on, line.mri_referred_on, line.urology_referred_on)
        on = min((day for day in dates if day is not None), default=line.psa_answered_on)
        assert on is not None
        self.decide(DecisionKind.PSA, decision, outcome, on, queue_of(decision), answer_id=answer_id)
        if outcome is None:
            return
        path.move(CONFIRMATION[outcome], on, reason=decision.reason)
        match outcome:
            case Outcome.NEW_OFFER:
                self.end_with_letter(on, decision)
            case Outcome.REPEAT:
                self._repeat(on)
            case Outcome.MRI:
                self.mri(answer_id, sampled_on, decision)
            case _:
                self.urology(answer_id, decision)

    def _repeat(self, on: date) -> None:
        """A repeat sample was offered; the file does not tell of another one."""
        until = on + timedelta(days=self.rules.sample_window_days)
        self.path.move(Event.REPEAT_LETTER_POSTED, on, next_on=until)
        if self._expired(until):
            self._expire(until)
        else:
            self.order = self._new_order("repeat", on, until, sent_on=None)

    # Leaving

    def _leave(self, on: date) -> None:
        """The line's own end holds unless an answer or care is owed, or the rules still offer at that age."""
        why = self.line.closed_reason
        assert why is not None
        too_early = why is ClosedReason.AGE and age_in_year(self.standing.birth_date, on) <= self.rules.last_age
        if may_close(self.standing.step, why) and not too_early:
            self.close(on, why, why.value)
            return
        for task in self.path.facts.of(Task):
            task["reason"] += f" Filen avslutar personen {on.isoformat()} ({why.value}): ta ställning till det sedan."
