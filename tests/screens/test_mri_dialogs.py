"""What people type in the questions of the MRI calendar."""

from screens.mri_dialogs import parse_time, parse_times, parse_weekdays
from screens.widgets.week_grid import short_name


def test_times_weekdays_and_names_are_read_as_people_write_them() -> None:
    assert [str(parse_time(typed))[:5] for typed in ("8", "08:30", "8.30", "0830", "23:59")] == [
        "08:00",
        "08:30",
        "08:30",
        "08:30",
        "23:59",
    ]
    assert [parse_time(typed) for typed in ("", "24", "8:60", "åtta", "8:3")] == [None] * 5
    assert len(parse_times("08:00-11:30", 30)) == 8
    assert [parse_times(typed, step) for typed, step in (("", 30), ("11-8", 30), ("8-9", 0), ("8;x", 30))] == [()] * 4
    assert parse_times("0-23:59", 1) == (), "more than anybody means"
    assert parse_weekdays("mån-fre") == (0, 1, 2, 3, 4)
    assert parse_weekdays("tis, tor; 7") == (1, 3, 6)
    assert [parse_weekdays(typed) for typed in ("", "m", "fre-mån", "8", "xyz")] == [()] * 5
    assert short_name("Wallin-Söderbergson, Karl", 12) == "Wallin-Sö… K"
    assert short_name("Skyddade personuppgifter", 12) == "Skyddade pe…"
