"""Why an incoming message or line is held before anybody looks at whose it is, and what to do about each reason.

Values are English message ids of at most 60 characters (they are stored); screens translate them. Placeholders are filled
from the values beside the reason and never hold personal data.
"""

from enum import StrEnum


class Reason(StrEnum):
    """A reason, stored by value."""

    UNKNOWN_FILE = "The file is neither HL7 nor a CSV that is known here"
    NO_HEADER = "The message has no readable MSH header"
    SEPARATORS = "The message uses separators other than |^~\\&"
    CUT_OFF = "The message is cut off"
    CONTROL_CHARACTER = "Line {line} holds a control character"
    BROKEN_SEGMENT = "Line {line} is not a segment of such a message"
    UNKNOWN_CHARSET = "Unknown character set {charset}"
    CHARSET_MISMATCH = "The bytes are not {charset} as stated"
    UNKNOWN_TYPE = "Unknown message type {type}"
    TEST_MESSAGE = "A test message ({processing}) in production"
    NO_PATIENT = "The message has no PID segment"
    SEVERAL_PATIENTS = "The message holds more than one PID segment"
    NO_REQUEST = "The message has no OBR segment"
    NO_RESULT = "The message has no OBX segment"
    SEVERAL_ORDERS = "The message answers more than one order"
    ORDER_CONTRADICTION = "ORC-2 and OBR-2 name different orders"
    BIRTH_DATE = "The birth date in PID-7 cannot be read"
    SAMPLE_TIME = "The sample time cannot be read"
    BATCH_COUNT = "The batch says {stated} messages but holds {found}"
    BATCH_CUT_OFF = "The batch is cut off"
    FILE_COUNT = "The file says {stated} batches but holds {found}"
    ROW_COLUMNS = "Line {line} has {found} columns, not {expected}"
    ROW_QUOTES = "Line {line} has a quotation mark out of place"
    ROW_ENCODING = "Line {line} holds bytes of another character set"
    ROW_NO_NUMBER = "Line {line} has no personal number"
    ROW_MRI_EVENT = "Line {line} has an event that is none of MRI's"
    ROW_OUTCOME_EVENT = "Line {line} has an event that is none of urology's"
    ROW_TIME = "Line {line} has no date, or one that cannot be read"
    ROW_MISPLACED = "Line {line} has a result beside an event that has none"
    ROW_EMPTY_ANSWER = "Line {line} is an answer that says nothing"
    ROW_PIRADS = "Line {line} has PI-RADS that are not numbers from 1 to 5"
    ROW_VOLUME = "Line {line} has a volume that is no exact number"
    ROW_ISUP = "Line {line} has pathology without an ISUP grade from 0 to 5"
    ROW_TREATMENT = "Line {line} has no treatment that is known"
    HISTORY_NUMBER = "Line {line} has a personal number that is not right"
    HISTORY_REGION = "Line {line} has a region that is not 05, 06 or 08"
    HISTORY_DATE = "Line {line}: {column} is not a date"
    HISTORY_VALUE = "Line {line}: {column} must be one of {allowed}"
    HISTORY_AMOUNT = "Line {line}: {column} is not an exact number above 0"
    HISTORY_ORDER = "Line {line}: {column} is before {other}"
    HISTORY_NEEDS = "Line {line}: {column} is stated, but {other} is not"
    HISTORY_CONTRADICTION = "Line {line}: {column} contradicts {other}"
    NO_PSA = "The answer holds no PSA result"
    SEVERAL_PSA = "The answer holds several different PSA results"
    OTHER_TYPE = "A message of type {type}, which is not read here"
    SEVERAL_STATUSES = "The report states several statuses"
    PIRADS = "Line {line} has a PI-RADS score that is not 1 to 5"
    NO_APPOINTMENT = "The message has no SCH segment"
    SEVERAL_APPOINTMENTS = "The message holds more than one SCH segment"
    APPOINTMENT_NUMBERS = "SCH-1 and SCH-26 name different orders"
    APPOINTMENT_TIME = "The time of the appointment is missing or unreadable"
    APPOINTMENT_STATUS = "SCH-25 contradicts the type of the message"


class Remark(StrEnum):
    """A departure from the standard or the agreement that does not stop the answer; kept among its warnings."""

    NOT_A_PLAIN_NUMBER = "The result is typed as a number but is written in another way"
    SEVERAL_VALUES = "One result row holds several values"
    NO_VALUE_TYPE = "A result row does not say what type its value has"
    TIME = "A time cannot be read and is left empty"
    PARTIAL_BIRTH_DATE = "The birth date in PID-7 is not a whole date"
    NO_CONTROL_ID = "The message has no control id"
    OTHER_SENDER = "The sender is not the laboratory of the profile"
    OTHER_RECEIVER = "The message is addressed to somebody else"
    OTHER_ORDER_ISSUER = "The order number was given out by somebody else"
    NO_CHARSET = "The message does not state its character set"
    ESCAPE = "The text holds an escape sequence that is shown as it came"
    VOLUME = "The volume is not one exact number in ml and is left out"
    ROWS_TAKEN_BACK = "Withdrawn rows of the report are left out"
    ROW_NOT_FINAL = "The report is called final, but a row of it is not"
    PARTIAL_REPORT = "Only a part of the report has come"
    OTHER_EXAM = "The examination is not coded as MRI of the prostate"
    APPOINTMENT_TIMES = "The message names several times; the one in SCH-11 counts"
    NO_TIME_OF_DAY = "The appointment has a day but no time of day"


_RESEND = "Ask the sender to send it again."
_RESEND_RIGHT = "Ask the sender to correct it and send it again."
_READ_AND_ASK = "Read the message and ask the sender what it means."

FIXES: dict[Reason, str] = {
    Reason.UNKNOWN_FILE: "Check that the right file was chosen.",
    Reason.NO_HEADER: _RESEND,
    Reason.SEPARATORS: "Ask the sender to send with the standard separators.",
    Reason.CUT_OFF: _RESEND,
    Reason.CONTROL_CHARACTER: _RESEND,
    Reason.BROKEN_SEGMENT: _RESEND,
    Reason.UNKNOWN_CHARSET: "Ask the sender to send as UNICODE UTF-8 or 8859/1.",
    Reason.CHARSET_MISMATCH: "Ask the sender to state in MSH-18 the character set that it sends.",
    Reason.UNKNOWN_TYPE: "Check that the right file was chosen.",
    Reason.TEST_MESSAGE: "Ask the sender to send tests to the test system only.",
    Reason.NO_PATIENT: _RESEND_RIGHT,
    Reason.SEVERAL_PATIENTS: "Ask the sender to send one message for each person.",
    Reason.NO_REQUEST: _RESEND_RIGHT,
    Reason.NO_RESULT: _RESEND_RIGHT,
    Reason.SEVERAL_ORDERS: "Ask the sender to send one message for each order.",
    Reason.ORDER_CONTRADICTION: _RESEND_RIGHT,
    Reason.BIRTH_DATE: _RESEND_RIGHT,
    Reason.SAMPLE_TIME: _RESEND_RIGHT,
    Reason.BATCH_COUNT: "The whole batch waits. Ask the laboratory to send the batch again.",
    Reason.BATCH_CUT_OFF: "The whole batch waits. Ask the laboratory to send the batch again.",
    Reason.FILE_COUNT: "The whole file waits. Ask the laboratory to send the file again.",
    Reason.ROW_COLUMNS: "Correct the line in a copy of the file and import the copy.",
    Reason.ROW_QUOTES: "Correct the line in a copy of the file and import the copy.",
    Reason.ROW_ENCODING: "Save the file as UTF-8 and import it again.",
    Reason.ROW_NO_NUMBER: "Fill in the number in a copy of the file and import the copy.",
    Reason.ROW_MRI_EVENT: "Write booked, moved, cancelled, noshow, done, answered or returned in a copy, and import the copy.",
    Reason.ROW_OUTCOME_EVENT: "Write visit, biopsy, pathology, treatment or declined in a copy, and import the copy.",
    Reason.ROW_TIME: "Write the date as 2026-11-20 or 2026-11-20 08:30 in a copy, and import the copy.",
    Reason.ROW_MISPLACED: "Ask which of the two is right, correct a copy of the file and import the copy.",
    Reason.ROW_EMPTY_ANSWER: "Fill in PI-RADS, volume or text in a copy of the file and import the copy.",
    Reason.ROW_PIRADS: "Write one score, or one a lesion with commas (4,2), in a copy, and import the copy.",
    Reason.ROW_VOLUME: "Write the volume in ml as one number (38 or 38,5) in a copy, and import the copy.",
    Reason.ROW_ISUP: "Write 0 for benign, else 1 to 5, in a copy of the file and import the copy.",
    Reason.ROW_TREATMENT: "Write surgery, radiotherapy, surveillance or other in a copy, and import the copy.",
    Reason.HISTORY_NUMBER: "Compare the number digit by digit with its source, and correct a copy of the file.",
    Reason.HISTORY_REGION: "Write the county code of the region in a copy of the file.",
    Reason.HISTORY_DATE: "Write the date as 2026-11-20 in a copy of the file, or leave it empty if it did not happen.",
    Reason.HISTORY_VALUE: "Write one of those values in a copy of the file and import the copy.",
    Reason.HISTORY_AMOUNT: "Write it as 3.4, 3,4 or <0.1 in a copy of the file; psa may also be unanalysable, and volume_ml has no < or >.",
    Reason.HISTORY_ORDER: "Check both dates in the predecessor system, and correct a copy of the file.",
    Reason.HISTORY_NEEDS: "Check in the predecessor system what happened, and fill in or empty the column in a copy of the file.",
    Reason.HISTORY_CONTRADICTION: "Check in the predecessor system which of the two is right, and correct a copy of the file.",
    Reason.NO_PSA: "Check the analysis code with the laboratory and add it to the profile if it is PSA.",
    Reason.SEVERAL_PSA: _READ_AND_ASK,
    Reason.OTHER_TYPE: "Read the message and act on it by hand.",
    Reason.SEVERAL_STATUSES: _READ_AND_ASK,
    Reason.PIRADS: "Read the report, and ask the unit to send the score as a whole number.",
    Reason.NO_APPOINTMENT: _RESEND_RIGHT,
    Reason.SEVERAL_APPOINTMENTS: "Ask the sender to send one message for each appointment.",
    Reason.APPOINTMENT_NUMBERS: _RESEND_RIGHT,
    Reason.APPOINTMENT_TIME: "Ask the unit for the time, and enter the appointment by hand.",
    Reason.APPOINTMENT_STATUS: _READ_AND_ASK,
}
"""What a person does about each reason, as message ids without placeholders."""
