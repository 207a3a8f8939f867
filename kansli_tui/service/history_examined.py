"""Replaying MRI, urology and pathology of a round. What the line leaves out, somebody gets to do."""

from datetime import date

from db.models import MriAnswer, PathologyAnswer, Treatment
from kansli_tui.pathway.decide import CONFIRMATION, Decision, decide_mri, decide_pathology, mri_not_done, not_done
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import ClosedReason, Queue
from kansli_tui.rows.history import MriOutcome
from kansli_tui.rows.referrals import BookingState, DecisionKind
from kansli_tui.service.history_deciding import BY_LINE, STOPS, RoundSoFar
from kansli_tui.service.history_facts import BY, Row

_OVER_CANCER_FOUND = frozenset({ClosedReason.DEAD, ClosedReason.EMIGRATED, ClosedReason.MOVED_OUT})
"""What a line may close with instead, though the biopsy found cancer."""
_NOT_DONE = {
    MriOutcome.NO_SHOW: (ReferralEvent.NO_SHOW, BookingState.NO_SHOW, "uteblev"),
    MriOutcome.DECLINED: (ReferralEvent.DECLINED, BookingState.CANCELLED, "avböjde"),
    MriOutcome.CONTRAINDICATED: (ReferralEvent.CONTRAINDICATED, BookingState.CANCELLED, "hinder för undersökningen"),
    MriOutcome.NOT_DIAGNOSTIC: (ReferralEvent.NOT_DIAGNOSTIC, BookingState.DONE, "går inte att bedöma"),
}


class Examined(RoundSoFar):
    """A round from the MRI referral on."""

    # MRI

    def mri(self, answer_id: int, sampled_on: date, decision: Decision) -> None:
        """From the decided MRI: its referral and what came of it, or the task to make one."""
        line, path = self.line, self.path
        if line.mri_referred_on is None:
            self.to_refer(Queue.MRI_REFERRAL, decision)
            return
        referral = path.refer(ReferralKind.MRI, line.mri_referred_on)
        if line.mri_booked_for is not None:
            path.book(referral, line.mri_booked_for, line.mri_referred_on)
        if line.mri_done_on is not None:
            path.end_booking(referral, BookingState.DONE, line.mri_done_on)
            path.advance(referral, ReferralEvent.DONE, line.mri_done_on)
        if line.mri_outcome not in (None, MriOutcome.DONE):
            self._mri_not_done(referral, answer_id, sampled_on)
        elif line.mri_answered_on is not None:
            self._mri_answered(referral, answer_id, sampled_on, line.mri_answered_on)
        elif line.urology_referred_on is not None:
            # Urology took over without an answer.
            on = line.urology_referred_on
            path.end_booking(referral, BookingState.CANCELLED, on)
            path.advance(referral, ReferralEvent.RETURNED, on, note=BY_LINE)
            self._urology_without_mri(referral, answer_id, "inget svar", on)

    def _mri_not_done(self, referral: Row, answer_id: int, sampled_on: date) -> None:
        line, path = self.line, self.path
        assert line.mri_outcome is not None
        event, booking, words = _NOT_DONE[line.mri_outcome]
        known = (line.mri_answered_on, line.mri_done_on, line.mri_booked_for, line.mri_referred_on)
        on = min(next(day for day in known if day is not None), self.terms.today)
        path.end_booking(referral, booking, on)
        path.advance(referral, event, on, note=words)
        if line.urology_referred_on is not None:
            self._urology_without_mri(referral, answer_id, words, line.urology_referred_on)
        elif line.mri_letter_on is not None:
            decision = not_done(
                since=sampled_on, region=self.rules, rules=self.terms.rule_set, reason=f"MR: {words}. {BY_LINE}"
            )
            self.decide(
                DecisionKind.MRI,
                decision,
                Outcome.NEW_OFFER,
                line.mri_letter_on,
                Queue.MRI_ANSWER,
                answer_id=answer_id,
                proposed_on=line.mri_letter_on,
            )
            path.take_back(referral, line.mri_letter_on, decision.reason)
            path.move(CONFIRMATION[Outcome.NEW_OFFER], line.mri_letter_on, reason=decision.reason)
            self.end_with_letter(line.mri_letter_on, decision)
        else:
            path.task(Queue.MRI_CONTACT, f"referral:{referral['id']}", f"MR: {words}. {STOPS}")

    def _urology_without_mri(self, referral: Row, answer_id: int, words: str, on: date) -> None:
        decision = mri_not_done(self.terms.rule_set, words)
        self.decide(
            DecisionKind.MRI, decision, Outcome.UROLOGY, on, Queue.MRI_ANSWER, answer_id=answer_id, proposed_on=on
        )
        self.path.take_back(referral, on, words)
        self.path.move(CONFIRMATION[Outcome.UROLOGY], on, reason=decision.reason)
        self.urology(answer_id, decision)

    def _mri_answered(self, referral: Row, answer_id: int, sampled_on: date, answered_on: date) -> None:
        line, path = self.line, self.path
        assert line.psa is not None
        mri_answer_id = path.key(MriAnswer)
        path.facts.add(
            MriAnswer,
            {
                **path.head(),
                "id": mri_answer_id,
                "referral_id": referral["id"],
                "message_id": self.message_id,
                "version": 1,
                "status": "F",
                "volume_ml": line.volume_ml,
                "volume_raw": f"{line.volume_ml:f}" if line.volume_ml is not None else "",
                "lesions": [line.pirads] if line.pirads is not None else [],
                "examined_at": path.at(line.mri_done_on) if line.mri_done_on is not None else None,
                "reported_at": path.at(answered_on),
                "received_at": path.at(answered_on),
                "sender": BY,
            },
        )
        path.end_booking(referral, BookingState.DONE, answered_on)
        path.advance(referral, ReferralEvent.ANSWERED, answered_on)
        rules = self.terms.rule_set
        if line.pirads is None:
            decision = mri_not_done(rules, "svaret har ingen PI-RADS")
        else:
            decision = decide_mri(line.pirads, line.volume_ml, line.psa, sampled_on=sampled_on, rules=rules)
        outcome: Outcome | None = None
        if line.urology_referred_on is not None:
            outcome = Outcome.UROLOGY
        elif line.mri_letter_on is not None and decision.outcome is not Outcome.PERSON:
            outcome = decision.outcome
        dates = (line.mri_letter_on, line.urology_referred_on)
        on = min((day for day in dates if day is not None), default=answered_on)
        self.decide(
            DecisionKind.MRI,
            decision,
            outcome,
            on,
            Queue.MRI_ANSWER,
            answer_id=answer_id,
            proposed_on=answered_on,
            mri_answer_id=mri_answer_id,
        )
        if outcome is None:
            return
        path.move(CONFIRMATION[outcome], on, reason=decision.reason)
        if outcome is Outcome.NEW_OFFER:
            self.end_with_letter(on, decision)
        else:
            self.urology(answer_id, decision)

    # Urology

    def urology(self, answer_id: int, decision: Decision) -> None:
        """From the decided urology: its referral, visit, biopsy and pathology, or the task to refer."""
        line, path = self.line, self.path
        if line.urology_referred_on is None:
            self.to_refer(Queue.UROLOGY_REFERRAL, decision)
            return
        referral = path.refer(ReferralKind.UROLOGY, line.urology_referred_on)
        if line.urology_visit_on is not None:
            path.advance(referral, ReferralEvent.DONE, line.urology_visit_on)
        if line.biopsied_on is not None:
            path.advance(referral, ReferralEvent.BIOPSIED, line.biopsied_on)
        if line.pathology_on is not None:
            self._pathology(referral, answer_id, line.pathology_on)

    def _pathology(self, referral: Row, answer_id: int, reported_on: date) -> None:
        line, path = self.line, self.path
        assert line.isup is not None
        assert line.biopsied_on is not None
        pathology_id = path.key(PathologyAnswer)
        path.facts.add(
            PathologyAnswer,
            {
                **path.head(),
                "id": pathology_id,
                "referral_id": referral["id"],
                "message_id": self.message_id,
                "version": 1,
                "isup": line.isup,
                "biopsied_on": line.biopsied_on,
                "reported_on": reported_on,
                "received_at": path.at(reported_on),
            },
        )
        path.advance(referral, ReferralEvent.ANSWERED, reported_on)
        decision = decide_pathology(
            line.isup, biopsied_on=line.biopsied_on, region=self.rules, rules=self.terms.rule_set
        )
        self.decide(
            DecisionKind.PATHOLOGY,
            decision,
            decision.outcome,
            reported_on,
            Queue.PATHOLOGY,
            answer_id=answer_id,
            proposed_on=reported_on,
            pathology_id=pathology_id,
        )
        if decision.outcome is Outcome.NEW_OFFER:
            path.move(CONFIRMATION[decision.outcome], reported_on, reason=decision.reason)
            self.end_with_letter(reported_on, decision)
            return
        left_on = line.closed_on or reported_on
        if line.treatment is not None:
            path.facts.add(
                Treatment,
                {
                    **path.head(),
                    "referral_id": referral["id"],
                    "message_id": self.message_id,
                    "kind": line.treatment,
                    "on": left_on,
                    "received_at": path.at(left_on),
                },
            )
        self.close(
            left_on,
            line.closed_reason if line.closed_reason in _OVER_CANCER_FOUND else ClosedReason.CANCER_FOUND,
            decision.reason,
        )
