"""The tables, one file per part of the house. Importing this package registers all of them on `Base.metadata`."""

from db.models.answers import Decided, LabMessage, PsaAnswer, PsaOrder
from db.models.letters import Letter, LetterBatch
from db.models.offers import OfferPlan, OfferRelease, Round
from db.models.office import AuditRow, Meta, RuleSetRow, Staff, StaffRegion
from db.models.people import Block, Contact, Person, PersonNumber, StepChange
from db.models.register import RegisterImport, RegisterImportRow
from db.models.tasks import Task

__all__ = [
    "AuditRow",
    "Block",
    "Contact",
    "Decided",
    "LabMessage",
    "Letter",
    "LetterBatch",
    "Meta",
    "OfferPlan",
    "OfferRelease",
    "Person",
    "PersonNumber",
    "PsaAnswer",
    "PsaOrder",
    "RegisterImport",
    "RegisterImportRow",
    "Round",
    "RuleSetRow",
    "Staff",
    "StaffRegion",
    "StepChange",
    "Task",
]
