"""Every key of the program, once: the key bar, the help (F1) and the command palette are all made from this table.

The part before the dot says where the key works; the part after it names the action method. Labels and tooltips are English
message ids, translated at display. Every key can be typed on a Swedish keyboard without AltGr; a test holds that.
This module knows no Textual.
"""

from dataclasses import dataclass

GROUPS: dict[str, str] = {
    "app": "Everywhere",
    "screen": "On every screen",
    "list": "In lists",
    "home": "Home",
    "search": "Search",
    "case": "Case",
    "tasks": "Tasks",
    "answers": "Answers",
    "session": "One at a time",
    "mri": "MRI answers",
    "pathology": "Pathology answers",
    "correction": "Corrected answers",
    "handovers": "Hand-overs between regions",
    "watch": "Watch",
    "held": "Held answers",
    "register": "Register",
    "offers": "Offers",
    "orders": "Orders",
    "area": "Orders and referrals",
    "refer": "Referral form",
    "clock": "Referrals",
    "week": "MRI appointments",
    "units": "Units",
    "letters": "Letters",
    "batch": "Letters of a batch",
    "scan": "Count by scanning",
    "returns": "Returned mail",
    "person": "Letters of a person",
    "enclosure": "A page with the letter",
    "texts": "Letter texts",
    "edit": "Text of a letter",
    "balance": "Balance",
    "stats": "Statistics",
    "follow": "Follow-up",
    "care": "Register care",
    "dialog": "In a dialog",
}
"""The title of each group in the help, in the order shown."""


@dataclass(frozen=True, slots=True)
class Key:
    """One action: `id` is 'where.action', `key` as Textual names it. `writes` greys it out while work is going on."""

    id: str
    key: str
    label: str
    tooltip: str
    show: bool = True
    writes: bool = False

    @property
    def group(self) -> str:
        """Where the key works; a key of GROUPS."""
        return self.id.partition(".")[0]

    @property
    def action(self) -> str:
        """The action method's name without `action_`."""
        return self.id.partition(".")[2]

    @property
    def display(self) -> str:
        """The key as people read it on their keyboard."""
        return (
            _NAMES.get(self.id)
            or _NAMES.get(self.key)
            or (self.key.upper() if len(self.key) <= 3 else self.key.title())
        )


_NAMES = {
    "escape": "Esc",
    "plus": "+",
    "minus": "-",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "right": "→",
    "left": "←",
    "ctrl+q": "Ctrl+Q",
    "ctrl+p": "Ctrl+P",
    "ctrl+r": "Ctrl+R",
    "ctrl+s": "Ctrl+S",
    "ctrl+n": "Ctrl+N",
    "ctrl+l": "Ctrl+L",
    "1": "1–0",
    "answers.queue": "1–5",
    "week.book": "1–9",
    "stats.view": "1–7",
    "mri.score": "1–5",
}

_ALL = (
    # Everywhere
    Key("app.help", "f1", "help", "Show all keys that work here"),
    Key("app.search", "f2", "search", "Find a person by number, earlier number or name"),
    Key("app.offers", "f3", "offers", "Plans, dry runs and releases"),
    Key("app.letters", "f4", "letters", "Print letters and confirm what is posted"),
    Key("app.statistics", "f5", "statistics", "The numbers, the people behind them, reports and register care"),
    Key("app.register", "f6", "register", "Review hand-overs from the population register"),
    Key("app.balance", "f7", "balance", "Everyone accounted for, per region and birth year"),
    Key("app.orders", "f8", "orders", "PSA orders to send, and every referral"),
    Key(
        "app.switch_person",
        "f9",
        "switch person",
        "Demonstration: go round the caseworker and the supervisors",
        show=False,
    ),
    Key("app.watch", "f12", "watch", "The checks, who has the duty, and what they have found"),
    Key("app.home", "f10", "home", "Go to what waits to be done", show=False),
    Key("app.command_palette", "ctrl+p", "all commands", "Find any command by typing its name", show=False),
    Key("app.quit", "ctrl+q", "quit", "Leave the program", show=False),
    # On every screen
    Key("screen.back", "escape", "back", "Go back to where you came from"),
    Key("screen.reload", "ctrl+r", "read again", "Read this screen again from the database", show=False),
    Key("list.open", "enter", "open", "Open the marked line"),
    Key("search.add", "ctrl+n", "add person", "Add a person whom the register does not pick, at request", writes=True),
    Key("list.page_next", "plus", "next page", "Show the next page of the list"),
    Key("list.page_previous", "minus", "previous page", "Show the page before"),
    # Home
    Key("home.start", "s", "start oldest", "Open the queue that should be worked first"),
    Key("home.queue", "1", "open queue", "Open the queue with this number or letter"),
    # Case
    Key("case.note", "k", "contact", "Write down a phone call, a message or a note", writes=True),
    Key("case.act", "a", "actions…", "What may be done with this person now", writes=True),
    Key("case.ask", "l", "ask physician", "Put a question to the responsible physician", writes=True),
    Key("case.entry", "u", "enter by hand", "Enter what a unit has told by phone or on paper", writes=True),
    Key("case.hand_over", "o", "hand over", "Offer the person to another region", writes=True),
    Key("case.letters", "b", "letters", "Who got what when: read, send again, print alone"),
    Key("case.identity", "i", "identity", "Numbers, address and protection"),
    Key("case.wishes", "v", "wishes", "Language and way of letters, and the quality register", writes=True),
    Key("case.extract", "r", "extract", "Everything the office holds about the person, for the person", writes=True),
    # Tasks
    Key("tasks.finish", "d", "done", "Finish the task with what came of it", writes=True),
    Key(
        "tasks.paper", "s", "on paper", "Save the question as a page with room for the physician's answer", writes=True
    ),
    Key("tasks.take", "t", "take", "Take the task, or take it over from a colleague", writes=True),
    Key("tasks.put_back", "p", "put back", "Give the task back to the queue", writes=True),
    Key("tasks.last_page", "e", "last page", "Show the end of the queue", show=False),
    # MRI answers
    Key("mri.confirm", "enter", "confirm", "Confirm the highest PI-RADS and the volume shown", writes=True),
    Key("mri.score", "1", "PI-RADS", "State the highest PI-RADS, 1 to 5", writes=True),
    Key("mri.volume", "m", "volume", "State the volume of the prostate in ml", writes=True),
    Key("mri.urology", "u", "to urologist", "Refer to the urologist although the rules say otherwise", writes=True),
    Key("mri.not_diagnostic", "e", "not assessable", "The examination cannot be assessed, with a reason", writes=True),
    # Pathology
    Key("pathology.confirm", "enter", "confirm", "Confirm the answer and what it leads to", writes=True),
    # Corrections
    Key("correction.letter", "b", "letter", "Prepare the correction letter", writes=True),
    Key("correction.case", "v", "show case", "Open the whole case"),
    Key("correction.finish", "d", "done", "The correction is seen to, with what came of it", writes=True),
    # Answers
    Key("answers.confirm", "enter", "confirm", "Confirm the proposal for this person", writes=True),
    Key("answers.choose", "a", "otherwise", "Decide otherwise than proposed, with a reason", writes=True),
    Key("answers.repeat", "o", "repeat sample", "Offer a repeat sample instead, with a reason", writes=True),
    Key("answers.ask", "l", "ask physician", "Put a question to the responsible physician", writes=True),
    Key("answers.postpone", "u", "postpone", "Postpone to a date, with a reason", writes=True),
    Key("answers.batch", "b", "all low", "Confirm all low answers after a preview", writes=True),
    Key("answers.hold", "h", "hold", "Keep this person for yourself and show the next; again: give back"),
    Key("answers.skip", "right", "skip", "Leave this person for now and show the next"),
    Key("answers.previous", "left", "before", "Show the person before"),
    Key("answers.take_over", "t", "take over", "Take the person over from the colleague who works on it", writes=True),
    Key("answers.note", "n", "note", "Write a note on the case", writes=True),
    Key("answers.case", "v", "show case", "Open the whole case"),
    Key("answers.queue", "1", "queue", "Change queue: urgent, raised, to judge, repeat, normal", show=False),
    # Hand-overs between regions
    Key("handovers.accept", "g", "accept", "Take the person over; the pathway goes on with you", writes=True),
    Key("handovers.send_back", "r", "send back", "Send the person back, with a reason", writes=True),
    Key("handovers.withdraw", "x", "withdraw", "Take back what you have offered, with a reason", writes=True),
    # Watch
    Key("watch.run", "r", "run all", "Run all checks now", writes=True),
    Key("watch.cause", "o", "cause", "Note why what the line names is late", writes=True),
    Key("watch.absence", "b", "absence", "Days when somebody is away and the deputy has the duty"),
    Key("watch.add_absence", "n", "new absence", "Note days when somebody is away", writes=True),
    Key("watch.end_absence", "x", "end", "Somebody is back, or does not go", writes=True),
    Key("watch.duty", "t", "duty", "Who owns the check, who is deputy, and how often it is run", writes=True),
    # Held answers
    Key("held.match", "m", "match", "Say which order the answer belongs to, with a reason", writes=True),
    Key("held.refuse", "a", "refuse", "Refuse the answer, with a reason", writes=True),
    Key("held.send_back", "r", "return", "Return the answer to the laboratory, with a reason", writes=True),
    Key("held.import_file", "i", "import file", "Read a file of answers from the laboratory", writes=True),
    # Register
    Key("register.import_file", "i", "import file", "Compare a register file with our register", writes=True),
    Key("register.accept", "g", "accept", "Accept the reviewed change-set", writes=True),
    Key("register.reject", "f", "reject", "Reject the change-set, with a reason", writes=True),
    Key("register.compare_again", "j", "compare again", "Compare again: the register has changed since", writes=True),
    Key("register.kind", "t", "kind of line", "Show only one kind of line"),
    # Offers
    Key("offers.create", "n", "new plan", "Draft a plan: region, birth years, people a week", writes=True),
    Key("offers.dry_run", "t", "dry run", "Who would be offered, and who not, by rule"),
    Key("offers.approve", "g", "approve", "Approve a plan that somebody else has drafted", writes=True),
    Key("offers.release", "f", "release", "Release this week's offers", writes=True),
    Key("offers.ahead", "k", "years ahead", "When those who wait for their next offer are due"),
    Key("offers.end", "x", "end plan", "End the plan: nothing more is released", writes=True),
    # Orders
    Key("orders.export", "e", "export", "Write everything that waits to be sent to files", writes=True),
    Key("orders.receipt", "k", "receipt", "Type back the receipt number of an order", writes=True),
    Key("orders.state", "t", "state", "Show orders in another state"),
    # Orders and referrals: from one to the other
    Key("area.referrals", "r", "referrals", "Every referral and who holds it, the most overdue first"),
    Key("area.mri_week", "m", "MRI appointments", "The week of an MRI unit"),
    Key("area.units", "n", "units", "The directory of units: phone, hours, how they book"),
    # Referral form
    Key("refer.edit", "enter", "write answer", "Write the answer to the marked question in words"),
    Key("refer.yes", "j", "yes", "He answers yes"),
    Key("refer.no", "n", "no", "He answers no"),
    Key("refer.unknown", "v", "not known", "He does not know"),
    Key("refer.clear", "x", "not asked", "Take the answer away: not asked"),
    Key("refer.unit", "e", "unit", "Choose another unit of the region"),
    Key("refer.question", "f", "question", "Change the question to the unit"),
    Key("refer.make", "s", "make referral", "Make the referral; it leaves with the next export", writes=True),
    Key("refer.sent", "k", "sent already", "Make it and note that it has been sent by hand", writes=True),
    Key("refer.skip", "right", "skip", "Leave this person for now and show the next of the queue"),
    Key("refer.case", "a", "show case", "Open the whole case"),
    # Referrals
    Key("clock.remind", "p", "remind", "The unit has been asked: note what it said", writes=True),
    Key("clock.note", "n", "note what happened", "Accepted, done, returned, declined …", writes=True),
    Key("clock.sent", "k", "sent / receipt", "Note it as sent by hand, or type back the receipt", writes=True),
    Key("clock.cause", "o", "cause", "Why it is late, for the availability report", writes=True),
    Key("clock.history", "h", "history", "The question, the answers and everything that happened"),
    Key("clock.book", "m", "appointment", "The week of the unit, to book or move the person"),
    Key("clock.export", "e", "export", "Write everything that waits to be sent to files", writes=True),
    Key("clock.kind", "t", "kind", "Only PSA, MRI or urology"),
    Key("clock.region", "r", "region", "Only one region"),
    # MRI appointments
    Key("week.choose", "enter", "book / open", "Book the chosen person, put the moved one here, or open the case"),
    Key("week.book", "1", "book", "Book the person with this number in the marked slot", writes=True),
    Key("week.move", "m", "move", "Move the marked appointment: choose the new time, then Enter", writes=True),
    Key("week.cancel", "x", "cancel time", "Cancel the marked appointment", writes=True),
    Key("week.no_show", "u", "no-show", "The person did not come", writes=True),
    Key("week.done", "g", "examined", "The examination has been done", writes=True),
    Key("week.by_hand", "h", "own time", "Book, or move to, a day and time that you write", writes=True),
    Key("week.week_next", "plus", "next week", "The week after"),
    Key("week.week_before", "minus", "week before", "The week before"),
    Key("week.unit", "b", "unit", "The next unit"),
    Key("week.add_slots", "n", "add slots", "Slots that the unit gives: weekdays, times, weeks", writes=True),
    Key("week.cut", "s", "close times", "Close the marked slot or the whole day, with a reason", writes=True),
    Key("week.reopen", "o", "open again", "Open closed slots again", writes=True),
    Key("week.close_day", "d", "finish day", "An outcome for every appointment of the day", writes=True),
    # Units
    Key("units.edit", "enter", "change", "Change the marked unit"),
    Key("units.add", "n", "add unit", "Add a unit", writes=True),
    # Letters
    Key(
        "letters.make",
        "p",
        "print",
        "Make the marked letters a batch with its PDF, or finish one that was left",
        writes=True,
    ),
    Key("letters.write", "s", "save PDF", "Save the batch's PDF and manifest to a folder", writes=True),
    Key("letters.open_pdf", "o", "show PDF", "Show the PDF in the computer's own program", writes=True),
    Key("letters.confirm", "k", "count, post", "Say what was counted, and that it is handed over", writes=True),
    Key("letters.reprint", "t", "print again", "Print the batch anew in its place, with a reason", writes=True),
    Key("letters.cancel", "x", "cancel", "Cancel the batch, with a reason", writes=True),
    Key(
        "letters.forward",
        "u",
        "forwarding papers",
        "Save the cover note and the inner sheet of a protected letter",
        writes=True,
    ),
    Key("letters.returns", "r", "returned mail", "Note letters that the post has brought back"),
    Key("letters.preview", "v", "read letter", "Read the marked letter as text"),
    Key("letters.receipts", "i", "receipts", "Read in receipts from a print house or 1177", writes=True, show=False),
    Key("letters.texts", "b", "texts", "The letter texts: read, write, sign"),
    # Letters of a batch
    Key("batch.save_one", "s", "save its PDF", "Save the marked letter's own PDF to a folder", writes=True),
    Key("batch.set_aside", "a", "set aside", "Take the marked letter out, with a reason; it waits anew", writes=True),
    Key("batch.scan", "r", "count by scanning", "Scan every letter: what is missing is named"),
    # Scanning
    Key("scan.take", "enter", "count it", "Take what has been scanned or typed"),
    Key("scan.set_aside", "ctrl+l", "set aside", "Take missing or spoiled letters out of the batch", writes=True),
    # Returned mail
    Key("returns.take", "enter", "note it", "Note the letter as returned; a single digit chooses the reason"),
    Key("returns.again", "s", "send again", "Prepare the letter again, to the address of today", writes=True),
    Key("returns.finish", "d", "done", "End the task with what came of it", writes=True),
    Key("returns.case", "a", "show case", "Open the whole case"),
    # Letters of a person
    Key("person.again", "s", "send again", "Prepare a posted or returned letter once more", writes=True),
    Key("person.not_returned", "t", "not returned", "Take back a return that was noted by mistake", writes=True),
    Key("person.print_alone", "p", "print alone", "Print a waiting letter by itself", writes=True),
    Key("person.enclose", "e", "page of its own", "Write a page that goes with a waiting letter", writes=True),
    Key("enclosure.save", "ctrl+s", "save", "The page goes with the letter", writes=True),
    # Letter texts
    Key("texts.preview", "v", "preview", "Read the letter as the person will, before it is signed"),
    Key("texts.difference", "d", "difference", "What the version changes in the text in force"),
    Key("texts.new", "n", "new version", "Write a new version of the text", writes=True),
    Key("texts.sign", "s", "sign", "Sign a draft that somebody else has written", writes=True),
    Key("texts.reject", "x", "reject", "Put a draft away, with a reason", writes=True),
    Key("texts.pdf", "o", "PDF", "Show the letter set from this version as PDF"),
    Key("texts.every", "a", "all versions", "Show earlier versions and rejected drafts too, or not"),
    Key("edit.save", "ctrl+s", "save draft", "Check the text and save it as a draft", writes=True),
    # Balance
    Key("balance.make", "b", "balance now", "Count everyone again", writes=True),
    Key("balance.save", "p", "save PDF", "Save the balance as a PDF in a folder", writes=True),
    Key("balance.sign", "s", "sign", "Sign today's balance with your name", writes=True),
    # Statistics
    Key("stats.view", "1", "view", "Overview, flow, lead times, availability, comparison, follow-up, register care"),
    Key("stats.others", "o", "the others", "The people of the whole whom the marked figure does not count"),
    Key("stats.everyone", "a", "all of them", "All the people of whom the marked figure is counted"),
    Key("stats.break_down", "b", "break down", "The marked figure by region, birth year, municipality, round and age"),
    Key("stats.dimension_before", "left", "division before", "Divide as before: region, birth year, municipality, …"),
    Key("stats.dimension", "right", "next division", "Divide in the next way: region, birth year, municipality, …"),
    Key("stats.divide", "u", "by region", "In total, by region or by unit"),
    Key("stats.waiting_over", "v", "over target", "The people who wait and have waited longer than the target"),
    Key("stats.done", "k", "done", "The people for whom the time has ended"),
    Key("stats.late", "s", "too late", "The people for whom the time ended, but after the target"),
    Key("stats.before", "left", "figure before", "Compare the figure before"),
    Key("stats.next", "right", "next figure", "Compare the next figure"),
    Key("stats.choose", "i", "choose figure", "Choose what is compared from a list"),
    Key("stats.places", "m", "municipalities", "Compare municipalities, or regions again"),
    Key("stats.filter", "f", "filter", "Regions, birth years, municipality, round, period; it stays on all views"),
    Key("stats.define", "d", "definition", "What the marked figure counts, of what and when, in full"),
    Key("stats.pdf", "p", "PDF", "Save a report of what is chosen as a PDF, with recipient and purpose"),
    Key("stats.excel", "x", "Excel", "Save the figures of what is chosen as a workbook, with recipient and purpose"),
    Key("stats.region", "r", "region", "All regions together, then one after the other"),
    Key("stats.trend", "t", "over time", "The marked list at the ends of the last twelve months"),
    # Register care
    Key("care.count", "r", "count anew", "Count every check anew"),
    Key("care.settle", "s", "it is right", "Looked at: true, but right; with the reason", writes=True),
    Key("care.compare", "j", "compare", "Show the two cases side by side, and merge them there"),
    Key("care.accept", "g", "accept register", "Accept what the register says of this field", writes=True),
    Key("care.keep", "k", "keep ours", "Keep what is written by hand, against what the register says now", writes=True),
    Key("care.keep_left", "v", "keep left", "The right case goes into the left one", writes=True),
    Key("care.keep_right", "h", "keep right", "The left case goes into the right one", writes=True),
    # Follow-up
    Key("follow.earlier", "left", "before", "Show the plan of the quarter before"),
    Key("follow.later", "right", "next", "Show the plan of the quarter after"),
    Key("follow.region", "r", "region", "Show the plan of another region, or of the three together"),
    Key("follow.new", "n", "new line", "Choose what is followed, and add a line", writes=True),
    Key("follow.take_over", "t", "take over", "Take over the open lines of the quarter before", writes=True),
    Key("follow.edit", "e", "write", "Write activity, results and challenges of the marked line", writes=True),
    Key("follow.status", "a", "status", "Judge the marked line differently, with a comment", writes=True),
    Key("follow.target", "m", "target", "Set the office's own target from a day, or end it", writes=True),
    Key("follow.targets", "l", "targets", "Every measure with the targets that hold today"),
    Key("follow.sign", "s", "close", "Freeze the quarter as it is shown, with your name", writes=True),
    Key("follow.history", "h", "history", "What has been written of the marked line, by whom and when"),
    Key("follow.remove", "x", "remove line", "Take out a line that was written by mistake", show=False, writes=True),
    Key("follow.save", "ctrl+s", "save", "Save what is written in the line", writes=True),
    # Dialogs
    Key("dialog.accept", "enter", "go on", "Do it"),
    Key("dialog.yes", "j", "yes, it is so", "Say that it is so, and go on"),
    Key("dialog.no", "n", "no, go back", "Go back without doing anything"),
    Key("dialog.cancel", "escape", "leave", "Leave without doing anything"),
)

KEYS: dict[str, Key] = {key.id: key for key in _ALL}
"""Every key by its id, in the order of the key bar."""

QUEUE_KEYS = "1234567890ABCDEFGHIJ"
"""What opens the queues on the home screen, in their order."""
