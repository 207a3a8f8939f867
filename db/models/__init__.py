"""The tables, one file per part of the house. Importing this package registers all of them on `Base.metadata`."""

from db.models.answers import Decided, LabMessage, PsaAnswer, PsaOrder
from db.models.care import CareCount, CareSettled, HandEdit, PersonMerge
from db.models.examinations import MriAnswer, PathologyAnswer, Treatment
from db.models.follow_up import FollowUp, FollowUpChange, FollowUpPlan, IndicatorTarget
from db.models.letters import Letter, LetterAttempt, LetterBatch, LetterText
from db.models.offers import OfferPlan, OfferRelease, Round
from db.models.office import AuditRow, Meta, RuleSetRow, Staff, StaffRegion
from db.models.people import Block, Contact, Handover, Person, PersonNumber, StepChange
from db.models.quality_register import QualityExport
from db.models.referrals import Booking, Referral, ReferralChange
from db.models.register import RegisterImport, RegisterImportRow
from db.models.statistics import StatsDirty, lead_count, person_count, person_fact, round_count, round_fact
from db.models.tasks import Task
from db.models.units import Slot, Unit
from db.models.waiting import WaitingMonth
from db.models.watch import Absence, Deviation, SignedBalance, WatchDuty, WatchRun

__all__ = [
    "Absence",
    "AuditRow",
    "Block",
    "Booking",
    "CareCount",
    "CareSettled",
    "Contact",
    "Decided",
    "Deviation",
    "FollowUp",
    "FollowUpChange",
    "FollowUpPlan",
    "HandEdit",
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
    "PersonMerge",
    "PersonNumber",
    "PsaAnswer",
    "PsaOrder",
    "QualityExport",
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
    "StatsDirty",
    "StepChange",
    "Task",
    "Treatment",
    "Unit",
    "WaitingMonth",
    "WatchDuty",
    "WatchRun",
    "lead_count",
    "person_count",
    "person_fact",
    "round_count",
    "round_fact",
]
