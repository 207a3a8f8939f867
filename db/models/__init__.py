"""The tables, one file per part of the house. Importing this package registers all of them on `Base.metadata`."""

from db.models.answers import Decided, LabMessage, PsaAnswer, PsaOrder
from db.models.examinations import MriAnswer, PathologyAnswer, Treatment
from db.models.follow_up import FollowUp, FollowUpChange, FollowUpPlan, IndicatorTarget
from db.models.letters import Letter, LetterAttempt, LetterBatch, LetterText
from db.models.offers import OfferPlan, OfferRelease, Round
from db.models.office import AuditRow, Meta, RuleSetRow, Staff, StaffRegion
from db.models.people import Block, Contact, Handover, Person, PersonNumber, StepChange
from db.models.referrals import Booking, Referral, ReferralChange
from db.models.register import RegisterImport, RegisterImportRow
from db.models.tasks import Task
from db.models.units import Slot, Unit
from db.models.watch import Absence, Deviation, SignedBalance, WatchDuty, WatchRun

__all__ = [
    "Absence",
    "AuditRow",
    "Block",
    "Booking",
    "Contact",
    "Decided",
    "Deviation",
    "FollowUp",
    "FollowUpChange",
    "FollowUpPlan",
    "Handover",
    "IndicatorTarget",
    "LabMessage",
    "Letter",
    "LetterAttempt",
    "LetterBatch",
    "LetterText",
    "Meta",
    "MriAnswer",
    "OfferPlan",
    "OfferRelease",
    "PathologyAnswer",
    "Person",
    "PersonNumber",
    "PsaAnswer",
    "PsaOrder",
    "Referral",
    "ReferralChange",
    "RegisterImport",
    "RegisterImportRow",
    "Round",
    "RuleSetRow",
    "SignedBalance",
    "Slot",
    "Staff",
    "StaffRegion",
    "StepChange",
    "Task",
    "Treatment",
    "Unit",
    "WatchDuty",
    "WatchRun",
]
