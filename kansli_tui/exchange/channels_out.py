"""What stands beside the letters of a batch that leaves by a print house or 1177: counts and digests, as JSON.

Neither publishes a format, so these are plain ones of our own with a name and a number. Each is written last: whoever fetches
letters begins when it is there, and checks every file against it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

PRINT_FORMAT: Final = "kansli-print-1"
MESSAGE_FORMAT: Final = "kansli-1177-neutral-1"


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person's inbox. `personal_number` has twelve digits; the letter as paper lies beside, as `pdf_name`."""

    letter_id: str
    personal_number: str
    language: str
    subject: str
    body: str
    pdf_name: str
    pdf_sha256: str
    pdf_bytes: int


def control_json(batch: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """A print house's control file: the batch's facts and counts, and every file's size and SHA-256."""
    listed = [
        {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()
    ]
    return _json({"format": PRINT_FORMAT, **batch, "files": listed})


def messages_json(batch: Mapping[str, Any], messages: Sequence[Message]) -> bytes:
    """The messages of a batch, one per letter, with their count."""
    listed = [
        {
            "letter_id": message.letter_id,
            "recipient": {"personal_number": message.personal_number},
            "language": message.language,
            "subject": message.subject,
            "body": {"media_type": "text/plain", "text": message.body},
            "attachment": {
                "name": message.pdf_name,
                "media_type": "application/pdf",
                "bytes": message.pdf_bytes,
                "sha256": message.pdf_sha256,
            },
        }
        for message in messages
    ]
    return _json({"format": MESSAGE_FORMAT, **batch, "messages": listed})


def _json(data: Mapping[str, Any]) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()
