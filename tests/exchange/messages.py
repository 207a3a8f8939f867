"""Messages for the tests of this room: the samples, and one message to vary."""

from pathlib import Path

from kansli_tui.exchange.incoming_file import read_incoming_file
from kansli_tui.exchange.profile import Profile, default_profile
from kansli_tui.rows.incoming import IncomingItem
from kansli_tui.rows.lab import LabAnswer, Unreadable

SAMPLES = Path(__file__).parent.parent / "samples"
SAMPLE_NAMES = sorted(path.name for path in SAMPLES.glob("*.hl7"))

MSH = "MSH|^~\\&|LABSYS|SE2321000040-LAB1|OPT|SE2321000040-OPT1|20261101103015+0100||ORU^R01^ORU_R01|M1|T|2.5.1|||AL|NE|SE|UNICODE UTF-8"
PID = "PID|1||197001239297^^^&1.2.752.129.2.1.3.1&ISO^NI||Testsson^Åke^^^^^L||19700123|M"
ORC = "ORC|RE|OPT-1^SE2321000040-OPT1|L1"
OBR = "OBR|1|OPT-1^SE2321000040-OPT1|L1|NPU08669^P-PSA^NPU|||20261030081500|||||||||||||||20261030141500||LAB|F"
OBX = "OBX|1|NM|NPU08669^P-PSA^NPU||2.4|ug/L|||||F|||20261030135900"


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def result(
    value: str, type_: str = "NM", *, unit: str = "ug/L", status: str = "F", code: str = "NPU08669^P-PSA^NPU"
) -> str:
    return f"OBX|1|{type_}|{code}||{value}|{unit}|||||{status}|||20261030135900"


def message(*segments: str) -> bytes:
    return ("\r".join(segments) + "\r").encode()


def items(raw: bytes, profile: Profile | None = None) -> tuple[IncomingItem, ...]:
    return read_incoming_file(raw, "svar.hl7", profile or default_profile()).items


def only(raw: bytes, profile: Profile | None = None) -> IncomingItem:
    (item,) = items(raw, profile)
    return item


def answer(raw: bytes, profile: Profile | None = None) -> LabAnswer:
    item = only(raw, profile)
    assert isinstance(item, LabAnswer), item
    return item


def unreadable(raw: bytes, profile: Profile | None = None) -> Unreadable:
    item = only(raw, profile)
    assert isinstance(item, Unreadable), item
    return item
