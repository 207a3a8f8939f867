"""The aggregates of a yearly report as somebody would write them by hand for each database: one statement each.

PostgreSQL joins the newest of each part (hash joins); SQLite looks each round's parts up by the index of the person.
"""

from datetime import date

from kansli_tui.pathway.indicators import MEASURES
from kansli_tui.pathway.lead_times import LEAD_TIMES

_FINAL = "('A','B','C','F','U','V','X')"
_FACTS = """
    1 AS offered, CASE WHEN NOT sampled AND NOT time_over THEN 1 ELSE 0 END AS window_open,
    CASE WHEN sampled OR time_over THEN 1 ELSE 0 END AS decided, CASE WHEN time_over THEN 1 ELSE 0 END AS over, CASE WHEN sampled THEN 1 ELSE 0 END AS sampled,
    CASE WHEN sampled AND psa IS NULL THEN 1 ELSE 0 END AS unanalysable, CASE WHEN psa IS NOT NULL THEN 1 ELSE 0 END AS with_value,
    CASE WHEN psa >= 0 AND psa < 1 THEN 1 ELSE 0 END AS psa_0_1, CASE WHEN psa >= 1 AND psa < 2 THEN 1 ELSE 0 END AS psa_1_2,
    CASE WHEN psa >= 2 AND psa < 3 THEN 1 ELSE 0 END AS psa_2_3, CASE WHEN psa >= 3 AND psa < 10 THEN 1 ELSE 0 END AS psa_3_10,
    CASE WHEN psa >= 10 AND psa < 20 THEN 1 ELSE 0 END AS psa_10_20, CASE WHEN psa >= 20 AND psa < 100 THEN 1 ELSE 0 END AS psa_20_100,
    CASE WHEN psa >= 100 THEN 1 ELSE 0 END AS psa_100_, CASE WHEN psa >= 3 THEN 1 ELSE 0 END AS raised,
    CASE WHEN psa >= 3 AND mri THEN 1 ELSE 0 END AS mri_done, CASE WHEN psa >= 3 AND pirads = 1 THEN 1 ELSE 0 END AS pirads_1,
    CASE WHEN psa >= 3 AND pirads = 2 THEN 1 ELSE 0 END AS pirads_2, CASE WHEN psa >= 3 AND pirads = 3 THEN 1 ELSE 0 END AS pirads_3,
    CASE WHEN psa >= 3 AND pirads = 4 THEN 1 ELSE 0 END AS pirads_4, CASE WHEN psa >= 3 AND pirads = 5 THEN 1 ELSE 0 END AS pirads_5,
    CASE WHEN indicated THEN 1 ELSE 0 END AS indicated, CASE WHEN isup IS NOT NULL THEN 1 ELSE 0 END AS biopsied,
    CASE WHEN isup = 1 THEN 1 ELSE 0 END AS isup_1, CASE WHEN isup >= 2 THEN 1 ELSE 0 END AS isup_2_or_more,
    CASE WHEN isup >= 1 THEN 1 ELSE 0 END AS cancer, CASE WHEN treated IS NOT NULL THEN 1 ELSE 0 END AS treated,
    CASE WHEN treated = 'surgery' THEN 1 ELSE 0 END AS surgery, CASE WHEN treated = 'radiotherapy' THEN 1 ELSE 0 END AS radiotherapy,
    CASE WHEN treated = 'surveillance' THEN 1 ELSE 0 END AS surveillance, CASE WHEN treated = 'other' THEN 1 ELSE 0 END AS other_treatment,
    CASE WHEN due IS NOT NULL AND (again IS NOT NULL OR {due_plus_30} < '{day}') THEN 1 ELSE 0 END AS next_due,
    CASE WHEN abs({again_minus_due}) <= 30 THEN 1 ELSE 0 END AS reoffered_in_time"""
_SUMS = ", ".join(f"sum({one.fact.value} * {one.within.value}) AS {one.name}" for one in MEASURES)

_ANSWERS = {"a": "psa_answer", "m": "mri_answer", "b": "pathology_answer", "t": "treatment"}


class ByHand:
    """The statements for one database, one period of offers and one day."""

    def __init__(self, *, postgres: bool, since: date, until: date, as_of: date) -> None:
        self._postgres = postgres
        self._since, self._until, self._day = since, until, as_of
        self._moment = f"{as_of} 23:00:00" + ("+00" if postgres else "")
        """Midnight in Sweden, in winter."""

    def indicators(self, by: str) -> str:
        """Every measure by 'region, born', 'municipality', 'age' or 'later'."""
        facts = _FACTS.format(
            day=self._day,
            due_plus_30="due + 30" if self._postgres else "date(due, '30 days')",
            again_minus_due="again - due" if self._postgres else "julianday(again) - julianday(due)",
        )
        return (
            f"SELECT {by}, {_SUMS} FROM (SELECT region, born, municipality, later, year - born AS age, {facts}"
            f" FROM ({self._rounds(days=False)}) AS known) AS facts GROUP BY {by}"
        )

    def coverage(self, by: str) -> str:
        """People by 'region, born' or with 'municipality', by standing, and whether the offer was in the period."""
        year = (
            "CAST(extract(year FROM p.birth_date) AS int)"
            if self._postgres
            else "CAST(substr(p.birth_date, 1, 4) AS int)"
        )
        offered = f"SELECT 1 FROM round o WHERE o.person_id = p.id AND o.offered_on <= '{self._day}'"
        return f"""
        SELECT {by}, status, period, count(*) AS people, sum(out) AS opted_out FROM (
            SELECT c.region, {year} AS born, CASE WHEN p.protection = 'none' THEN p.municipality ELSE '' END AS municipality,
            CASE WHEN EXISTS ({offered}) THEN 'offered' WHEN c.to_step IN ('closed', 'excluded') THEN c.to_step || ':' || c.because
            WHEN p.id IN (SELECT person_id FROM block WHERE began_at < '{self._moment}' AND (ended_at IS NULL OR ended_at >= '{self._moment}'))
            THEN 'held' WHEN c.to_step IN ('not_due', 'postponed') THEN c.to_step ELSE 'on_its_way' END AS status,
            CASE WHEN EXISTS ({offered} AND o.offered_on BETWEEN '{self._since}' AND '{self._until}') THEN 1 ELSE 0 END AS period,
            CASE WHEN c.to_step = 'closed' AND c.because = 'opted_out' THEN 1 ELSE 0 END AS out
            FROM (SELECT person_id, max(id) AS id FROM step_change WHERE at < '{self._moment}' GROUP BY person_id) AS newest
            JOIN step_change c ON c.id = newest.id JOIN person p ON p.id = newest.person_id
        ) AS people GROUP BY {by}, status, period"""

    def lead_times(self) -> str:
        """Days of every lead time, ended (0) and still waiting (1), by region and unit."""
        ended, waits = [], []
        for lead in LEAD_TIMES:
            start, end, unit = lead.start.value, lead.end.value, lead.unit.value if lead.unit else "0"
            to_end, to_day = (
                (f"{end} - {start}", f"date '{self._day}' - {start}")
                if self._postgres
                else (
                    f"CAST(julianday({end}) - julianday({start}) AS int)",
                    f"CAST(julianday('{self._day}') - julianday({start}) AS int)",
                )
            )
            ended.append(
                f"SELECT '{lead.name}' AS lead, 0 AS waiting, region, {unit} AS unit, {to_end} AS days, count(*) FROM days"
                f" WHERE {start} IS NOT NULL AND {end} IS NOT NULL GROUP BY region, {unit + ', ' if lead.unit else ''}{to_end}"
            )
            more = {
                "offer_to_sample": f"AND NOT sampled AND valid_until >= '{self._day}'",
                "sample_to_pathology": "AND indicated",
            }.get(lead.name, "")
            waits.append(
                f"SELECT '{lead.name}', 1, region, {unit}, {to_day}, count(*) FROM days WHERE is_open"
                f" AND {start} IS NOT NULL AND {end} IS NULL {more} GROUP BY region, {unit + ', ' if lead.unit else ''}{to_day}"
            )
        return f"WITH days AS ({self._rounds(days=True)}) " + " UNION ALL ".join([*ended, *waits])

    def _local(self, column: str) -> str:
        # Every time of the benchmark is far from midnight.
        return f"CAST({column} AT TIME ZONE 'Europe/Stockholm' AS date)" if self._postgres else f"date({column})"

    def _rounds(self, *, days: bool) -> str:
        year = (
            ("CAST(extract(year FROM p.birth_date) AS int)", "CAST(extract(year FROM r.offered_on) AS int)")
            if self._postgres
            else ("CAST(substr(p.birth_date, 1, 4) AS int)", "CAST(substr(r.offered_on, 1, 4) AS int)")
        )
        day = self._local
        raised = "CAST(a.value AS real) >= 3"

        def told(part: str, event: str) -> str:
            return f"EXISTS (SELECT 1 FROM referral_change c WHERE c.referral_id = {part}.id AND c.event = '{event}' AND c.at < '{self._moment}')"

        examined = (
            f"EXISTS (SELECT 1 FROM mri_answer f WHERE f.referral_id = mr.id AND f.received_at < '{self._moment}')"
        )
        columns = (
            f"""r.region, r.valid_until, (r.ended_at IS NULL OR r.ended_at >= '{self._moment}') AS is_open, a.id IS NOT NULL AS sampled,
            i.person_id IS NOT NULL AS indicated,
            r.pre_letter_on, r.offered_on, {day("a.sampled_at")} AS sampled_on, {day("a.first_at")} AS answered_on,
            CASE WHEN {raised} AND CAST(a.value AS real) < 100 AND (i.person_id IS NULL OR mr.sent_at IS NOT NULL) THEN {day("a.first_at")} END AS raised_on,
            COALESCE(l.posted_on, CASE WHEN NOT ({raised}) THEN {day("s.at")} END) AS letter_on, {day("mr.sent_at")} AS mri_referred_on,
            COALESCE({day("m.examined_at")}, CASE WHEN mr.done_on <= '{self._day}' AND ({examined} OR {told("mr", "done")}) THEN mr.done_on END) AS mri_done_on,
            {day("m.first_at")} AS mri_answered_on, {day("ur.sent_at")} AS urology_referred_on,
            CASE WHEN ur.done_on <= '{self._day}' AND {told("ur", "done")} THEN ur.done_on END AS visited_on,
            COALESCE(b.biopsied_on, CASE WHEN ur.biopsied_on <= '{self._day}' AND {told("ur", "biopsied")} THEN ur.biopsied_on END) AS biopsied_on,
            b.reported_on AS pathology_on, COALESCE(mr.unit_id, 0) AS mri_unit, COALESCE(ur.unit_id, 0) AS urology_unit"""
            if days
            else f"""r.region, {year[0]} AS born, {year[1]} AS year, CASE WHEN p.protection = 'none' THEN r.municipality ELSE '' END AS municipality,
            CASE WHEN r.number > 1 THEN 1 ELSE 0 END AS later, a.id IS NOT NULL AS sampled,
            (r.valid_until IS NULL OR r.valid_until < '{self._day}') AS time_over, CAST(a.value AS {"numeric" if self._postgres else "real"}) AS psa,
            m.id IS NOT NULL AS mri, m.pirads, i.person_id IS NOT NULL AS indicated, b.isup, t.kind AS treated,
            CASE WHEN e.to_step = 'not_due' THEN e.next_on END AS due, n.offered_on AS again"""
        )
        if not self._postgres:
            # There the parts are the tables themselves: what is counted from others is looked up.
            held = f"(superseded_at >= '{self._moment}' OR superseded_at IS NULL AND state = 'confirmed')"
            for name, looked_up in (
                ("a.first_at", "(SELECT min(f.received_at) FROM psa_answer f WHERE f.order_id = a.order_id)"),
                ("m.first_at", "(SELECT min(f.received_at) FROM mri_answer f WHERE f.referral_id = m.referral_id)"),
                (
                    "m.pirads",
                    "(SELECT max(CAST(d.inputs ->> 'pirads' AS int)) FROM decision d WHERE d.mri_answer_id = m.id AND d.kind = 'mri'"
                    f" AND d.confirmed_at < '{self._moment}' AND {held}) AS pirads",
                ),
            ):
                columns = columns.replace(name, looked_up)
        parts = ["a", "m", "i", "b", *(["mr", "ur", "l", "s"] if days else ["t", "e"])]
        joins = " ".join(self._part(part, days=days) for part in parts)
        following = f"LEFT JOIN round n ON n.person_id = r.person_id AND n.number = r.number + 1 AND n.offered_on <= '{self._day}'"
        return (
            f"SELECT {columns} FROM round r JOIN person p ON p.id = r.person_id {joins} {'' if days else following}"
            f" WHERE r.offered_on BETWEEN '{self._since}' AND '{self._until}' AND r.offered_on <= '{self._day}'"
        )

    def _part(self, part: str, *, days: bool) -> str:
        until, day = self._moment, self._day
        held = f"(superseded_at >= '{until}' OR superseded_at IS NULL AND state = 'confirmed') AND confirmed_at < '{until}'"
        known = f"(x.replaced_at IS NULL OR x.replaced_at >= '{until}') AND x.received_at < '{until}'"
        pirads = "CAST(d.inputs ->> 'pirads' AS int)"
        # Of each part: what is read, from where, under which condition, and which comes first.
        psa = (
            "psa_order o JOIN psa_answer x ON x.order_id = o.id",
            f"x.status IN {_FINAL} AND {known}",
            "x.value IS NULL, o.id DESC",
        )
        mri = "mri_answer x JOIN referral o ON o.id = x.referral_id", f"x.completed AND {known}", "o.id DESC"
        first = "(SELECT min(f.received_at) FROM {0} f WHERE f.{1} = x.{1})"
        table: dict[str, tuple[str, str, str, str]] = {
            "a": (
                "x.id, x.value, x.sampled_at"
                + (", " + first.format("psa_answer", "order_id") + " AS first_at" if days else ""),
                *psa,
            ),
            "m": (
                ("x.id, x.examined_at, " + first.format("mri_answer", "referral_id") + " AS first_at", *mri)
                if days
                else (
                    f"x.id, (SELECT max({pirads}) FROM decision d WHERE d.mri_answer_id = x.id AND d.kind = 'mri' AND {held}) AS pirads",
                    *mri,
                )
            ),
            "b": (
                "x.isup, x.biopsied_on, x.reported_on",
                "pathology_answer x JOIN referral o ON o.id = x.referral_id",
                known,
                "o.id DESC",
            ),
            "t": (
                "x.kind",
                "treatment x JOIN referral o ON o.id = x.referral_id",
                f"x.received_at < '{until}'",
                'x."on" DESC, x.id DESC',
            ),
            "i": ("o.person_id", "decision o", f"o.outcome = 'urology' AND o.kind <> 'pathology' AND {held}", "o.id"),
            "e": (
                "o.to_step, o.next_on",
                "step_change o",
                f"o.to_step IN ('not_due','closed','excluded','postponed') AND o.at < '{until}'",
                "o.id DESC",
            ),
            "s": ("o.at", "step_change o", f"o.event = 'answer_letter_posted' AND o.at < '{until}'", "o.id"),
            "l": (
                "o.posted_on",
                "letter o",
                f"o.type IN ('psa_low','psa_two_years','psa_raised','psa_very_high') AND o.posted_on <= '{day}'",
                "o.posted_on",
            ),
        }
        for name, kind in (("mr", "mri"), ("ur", "urology")):
            live = f"(o.cancelled_at IS NULL OR o.cancelled_at >= '{until}')"
            table[name] = (
                "o.id, o.sent_at, o.done_on, o.biopsied_on, o.unit_id",
                "referral o",
                f"o.kind = '{kind}' AND o.sent_at < '{until}' AND {live}",
                "o.id DESC",
            )
        columns, tables, condition, order = table[part]
        if self._postgres:
            place = f"row_number() OVER (PARTITION BY o.person_id, o.round_number ORDER BY {order}) AS place"
            return (
                f"LEFT JOIN (SELECT * FROM (SELECT o.person_id AS of_person, o.round_number, {columns}, {place} FROM {tables} WHERE {condition}) AS w"
                f" WHERE place = 1) AS {part} ON {part}.of_person = r.person_id AND {part}.round_number = r.number"
            )
        base, source = ("x", _ANSWERS[part]) if part in _ANSWERS else ("o", tables.removesuffix(" o"))
        chosen = (
            f"(SELECT {base}.id FROM {tables} WHERE o.person_id = r.person_id AND o.round_number = r.number AND {condition}"
            f" ORDER BY {order} LIMIT 1)"
        )
        return f"LEFT JOIN {source} AS {part} ON {part}.id = {chosen}"
