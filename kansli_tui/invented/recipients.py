"""Whom a letter text is tried on: people who do not exist, one of them with a name and an address as long as they come."""

from kansli_tui.rows.letters import Recipient

MADE_UP = Recipient("Örjan Exempelsson", ("c/o Åkesson", "Storgatan 1 lgh 1101"), "55333", "JÖNKÖPING")
LONG_NAMED = Recipient(
    "Karl-Johan Alexander Maximilian von Rosenschöld-Lewenhaupt-Wijkmansson",
    ("c/o Bostadsrättsföreningen Södra Kungsladugården", "Gamla Södra Kungsladugårdsvägen 128 B lgh 1304"),
    "55333",
    "JÖNKÖPING",
)
OTHER_REGION = "Region Exempel"
