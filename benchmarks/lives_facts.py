"""The rows that come of invented people's rounds, as statements for both databases."""

from benchmarks.lives_sql import ROUNDS, TODAY, Dialect, chance, place_of, region_of

_ENDED_ON = (
    "CASE ending WHEN 'window' THEN o + 91 WHEN 'low' THEN l WHEN 'refused' THEN l + 10 WHEN 'no_biopsy' THEN mri_answer + 6"
    " WHEN 'not_biopsied' THEN visit + 20 ELSE path_answer END"
)


def facts(sql: Dialect, first: int, last: int) -> list[str]:
    day, at, key = sql.day, sql.at, f"(n * {ROUNDS + 1} + k)"
    seconds, number = "n % 30000", sql.padded(f"n * {ROUNDS + 1} + k")
    # Where a person stands: by the last round, or why there has been none.
    last_life = "(SELECT b.* FROM bench_life b WHERE b.k = (SELECT max(c.k) FROM bench_life c WHERE c.n = b.n)) AS x"
    none = chance(27, 1000, "s.n", "0")
    step = f"""CASE WHEN x.n IS NULL THEN CASE WHEN {none} < 55 THEN 'closed' WHEN {none} < 75 THEN 'excluded'
        WHEN {none} < 80 THEN 'postponed' ELSE 'not_due' END
        WHEN x.ending = 'cancer' THEN 'closed' WHEN x.ending IS NOT NULL THEN 'not_due' WHEN x.r IS NULL THEN 'awaiting_sample'
        WHEN x.l IS NULL THEN 'answer_to_assess' WHEN x.mri_sent IS NULL THEN 'mri_to_refer' WHEN x.mri_done IS NULL THEN 'mri_referred'
        WHEN x.mri_answer IS NULL THEN 'mri_done' WHEN x.uro_sent IS NULL THEN 'mri_to_assess' WHEN x.visit IS NULL THEN 'urology_referred'
        WHEN x.biopsy IS NULL THEN 'urology_visited' ELSE 'biopsied' END"""
    because = f"CASE WHEN {none} < 30 THEN 'dead' WHEN {none} < 40 THEN 'opted_out' ELSE 'moved_out' END"
    next_on = f"""CASE WHEN x.n IS NULL THEN {day("2600")} WHEN x.ending = 'cancer' THEN NULL
        WHEN x.ending IS NOT NULL THEN {day("x.o + 760")} WHEN x.r IS NULL THEN {day("x.o + 90")} ELSE {day(str(TODAY + 10))} END"""
    born = day(f"{chance(28, 9862, 's.n', '0')} - 25902")
    people = f"FROM {sql.series(first, last)} LEFT JOIN {last_life} ON x.n = s.n"
    pathway = "mri_sent IS NOT NULL"
    moves = [
        ("o", "offer_posted_with_order", "awaiting_sample", "o + 90", "1 = 1"),
        ("o + 91", "window_expired", "not_due", "o + 760", "ending = 'window'"),
        ("r", "answer_received", "answer_to_assess", "NULL", "r IS NOT NULL"),
        ("l", "answer_letter_posted", "not_due", "o + 760", "l IS NOT NULL AND raised = 0"),
        ("l", "answer_letter_posted", "mri_to_refer", "NULL", "l IS NOT NULL AND raised = 1"),
        ("l + 10", "mri_decision_undone", "not_due", "o + 760", "ending = 'refused'"),
        ("mri_sent", "mri_referral_sent", "mri_referred", "mri_sent + 30", pathway),
        ("mri_done", "mri_performed", "mri_done", "mri_done + 10", "mri_done IS NOT NULL"),
        ("mri_answer", "mri_answered", "mri_to_assess", "NULL", "mri_answer IS NOT NULL"),
        ("mri_answer + 6", "confirmed_new_offer", "not_due", "o + 760", "ending = 'no_biopsy'"),
        ("uro_sent", "urology_referral_sent", "urology_referred", "uro_sent + 14", "uro_sent IS NOT NULL"),
        ("visit", "urology_visited", "urology_visited", "visit + 20", "visit IS NOT NULL"),
        ("biopsy", "biopsied", "biopsied", "biopsy + 14", "biopsy IS NOT NULL"),
        ("visit + 20", "urology_not_done", "not_due", "o + 760", "ending = 'not_biopsied'"),
        ("path_answer", "pathology_answered", "closed", "NULL", "ending = 'cancer'"),
        ("path_answer", "pathology_answered", "not_due", "o + 760", "ending = 'benign'"),
    ]
    statements = [
        f"""INSERT INTO person (id, region, number, birth_date, birth_date_known, sex, given_names, preferred_mark, middle_name,
        family_name, name_key, protection, municipality, address, registered_since, letter_language, letter_channel, source, step,
        since, next_on, round_number, closed_reason, exclusion_reason, blocked, version_id)
        SELECT s.n, {region_of("s.n")}, '196' || {sql.padded("s.n")}, {born}, {sql.true}, 'M', 'Åke', '10', '', 'Öberg' || s.n % 9973,
        'öberg' || s.n % 9973 || ' åke' || s.n % 8191, CASE WHEN {chance(29, 1000, "s.n", "0")} < 8 THEN 'confidentiality' ELSE 'none' END,
        {place_of("s.n")}, {sql.empty}, '', 'sv', 'paper', 'register', {step}, {at("0", "s.n % 30000")}, {next_on}, COALESCE(x.k, 0),
        CASE WHEN x.ending = 'cancer' THEN 'cancer_found' WHEN x.n IS NULL AND {none} < 55 THEN {because} END,
        CASE WHEN x.n IS NULL AND {none} BETWEEN 55 AND 74 THEN 'cancer_known' END, {sql.false}, 1 {people}""",
        f"""INSERT INTO person_number (person_id, region, number, source, added_at)
        SELECT s.n, {region_of("s.n")}, '196' || {sql.padded("s.n")}, 'register', {at("0")} FROM {sql.series(first, last)}""",
        f"""INSERT INTO step_change (person_id, region, round_number, at, event, to_step, next_on, reason, because, by)
        SELECT s.n, {region_of("s.n")}, 0, {at("0", "s.n % 30000")}, 'registered', 'not_due', {day("2600")}, '', '', 'bench'
        FROM {sql.series(first, last)}""",
        f"""INSERT INTO step_change (person_id, region, round_number, at, event, from_step, to_step, next_on, reason, because, by)
        SELECT s.n, {region_of("s.n")}, 0, {at(chance(30, TODAY, "s.n", "0"))}, {step}, 'not_due', {step}, NULL, '',
        CASE WHEN {none} < 55 THEN {because} WHEN {none} < 75 THEN 'cancer_known' ELSE '' END, 'bench' {people}
        WHERE x.n IS NULL AND {none} < 80""",
        f"""INSERT INTO block (person_id, region, kind, reason, began_at, began_by)
        SELECT s.n, {region_of("s.n")}, 'register', 'x', {at(chance(30, TODAY, "s.n", "0"))}, 'bench' FROM {sql.series(first, last)}
        WHERE {chance(31, 1000, "s.n", "0")} = 1""",
        f"""INSERT INTO round (id, person_id, region, number, kind, began_at, municipality, pre_letter_on, offered_on, valid_until,
        ended_at, result)
        SELECT {key}, n, region, k, CASE WHEN k = 1 THEN 'first' ELSE 'after_interval' END, {at("o - 9")}, municipality,
        CASE WHEN k = 1 THEN {day("o - 7")} END, {day("o")}, {day("o + 90")},
        CASE WHEN ending IS NOT NULL THEN {at(_ENDED_ON)} END, ending FROM bench_life""",
        f"""INSERT INTO psa_order (id, number, person_id, region, round_number, kind, ordered_at, valid_until, state, sent_at)
        SELECT {key}, 'OPT' || {number}, n, region, k, 'first', {at("o - 1")}, {day("o + 90")},
        CASE WHEN r IS NOT NULL THEN 'answered' WHEN ending IS NULL THEN 'sent' ELSE 'expired' END, {at("o - 1", "600")}
        FROM bench_life""",
        f"""INSERT INTO lab_message (id, sender, sha256, raw, file_name, position, received_at, state, region, person_id, kind)
        SELECT {key}, 'LAB', {number}, {sql.bytes}, 'svar.hl7', 1, {at("r", seconds)}, 'applied', region, n, 'lab'
        FROM bench_life WHERE r IS NOT NULL""",
        *(
            f"""INSERT INTO psa_answer (person_id, region, order_id, message_id, version, status, value, raw_value, raw_unit, flag,
            laboratory, sampled_at, received_at, comment, replaced_at)
            SELECT n, region, {key}, {key}, {version}, {status}, {value}, '', 'ug/L', '', 'LAB', {at("u", seconds)},
            {at(came, seconds)}, '', {replaced} FROM bench_life WHERE r IS NOT NULL AND {which}"""
            for version, status, value, came, replaced, which in (
                (
                    1,
                    "'F'",
                    "'9.9'" if not sql.postgres else "9.9",
                    "r",
                    at("r + 3", seconds),
                    f"corrected = 1 AND r + 3 <= {TODAY}",
                ),
                (
                    2,
                    "'C'",
                    "cast(psa AS numeric)" if sql.postgres else "psa",
                    "r + 3",
                    "NULL",
                    f"corrected = 1 AND r + 3 <= {TODAY}",
                ),
                (
                    1,
                    "CASE no_value WHEN 1 THEN 'X' ELSE 'F' END",
                    "cast(psa AS numeric)" if sql.postgres else "psa",
                    "r",
                    "NULL",
                    f"NOT (corrected = 1 AND r + 3 <= {TODAY})",
                ),
            )
        ),
        f"""INSERT INTO decision (id, person_id, region, round_number, kind, answer_id, state, rule_set, rule_number, inputs, proposed,
        outcome, reason, letter, proposed_at, confirmed_at, confirmed_by, confirm_reason)
        SELECT b.n * 12 + b.k * 3, b.n, b.region, b.k, 'psa', a.id, CASE WHEN l IS NULL THEN 'proposed' ELSE 'confirmed' END, 'SÖSR 2026:2', 1,
        {sql.empty}, CASE raised WHEN 1 THEN 'mri' ELSE 'new_offer' END,
        CASE WHEN l IS NULL THEN NULL WHEN raised = 1 THEN 'mri' ELSE 'new_offer' END, '', 'psa_low', {at("r", seconds)},
        CASE WHEN l IS NOT NULL THEN {at("r", "30000")} END, CASE WHEN l IS NOT NULL THEN 'bench' END, ''
        FROM bench_life b JOIN psa_answer a ON a.order_id = {key.replace("n", "b.n").replace("k", "b.k")} AND a.replaced_at IS NULL""",
        *(
            f"""INSERT INTO referral (id, number, kind, person_id, region, round_number, unit_id, question, answers, state, state_since,
            made_at, made_by, sent_at, done_on, biopsied_on, cancel_owed, reminder_note, orphaned, version_id)
            SELECT {key} * 2 + {second}, '{mark}' || {number}, '{kind}', n, region, k, {kind[:3]}_unit, '', {sql.none},
            CASE WHEN {over} THEN 'answered' WHEN {done} IS NOT NULL THEN 'done' ELSE 'sent' END, {at(sent)}, {at(sent)}, 'bench',
            {at(sent, "600")}, CASE WHEN {done} IS NOT NULL THEN {day(done)} END, {biopsied}, {sql.false}, '', {sql.false}, 1
            FROM bench_life WHERE {sent} IS NOT NULL"""
            for second, mark, kind, sent, done, biopsied, over in (
                (
                    0,
                    "MR",
                    "mri",
                    "mri_sent",
                    "mri_done",
                    "cast(NULL AS date)" if sql.postgres else "NULL",
                    "mri_answer IS NOT NULL",
                ),
                (
                    1,
                    "UR",
                    "urology",
                    "uro_sent",
                    "visit",
                    f"CASE WHEN biopsy IS NOT NULL THEN {day('biopsy')} END",
                    "path_answer IS NOT NULL OR ending IS NOT NULL",
                ),
            )
        ),
        f"""INSERT INTO mri_answer (id, person_id, region, referral_id, entered_by, why, version, status, completed, text, volume_ml,
        volume_raw, lesions, prose, examined_at, received_at, sender)
        SELECT {key} * 2, n, region, {key} * 2, 'bench', '', 1, 'F', {sql.true}, '', {"40" if sql.postgres else "'40'"}, '40', {sql.none}, {sql.none},
        {at("mri_done")}, {at("mri_answer", seconds)}, '' FROM bench_life WHERE mri_answer IS NOT NULL""",
        f"""INSERT INTO decision (id, person_id, region, round_number, kind, answer_id, mri_answer_id, state, rule_set, rule_number, inputs,
        proposed, outcome, reason, letter, proposed_at, confirmed_at, confirmed_by, confirm_reason)
        SELECT b.n * 12 + b.k * 3 + 1, b.n, b.region, b.k, 'mri', a.id, {key.replace("n", "b.n").replace("k", "b.k")} * 2, 'confirmed', 'SÖSR 2026:2', 1,
        {"json_build_object('pirads', cast(pirads AS text), 'volume_ml', '40')" if sql.postgres else "json_object('pirads', cast(pirads AS text), 'volume_ml', '40')"},
        CASE WHEN pirads >= 4 THEN 'urology' ELSE 'new_offer' END, CASE WHEN pirads >= 4 THEN 'urology' ELSE 'new_offer' END, '', NULL,
        {at("mri_answer", seconds)}, {at("COALESCE(uro_sent, mri_answer + 6)")}, 'bench', ''
        FROM bench_life b JOIN psa_answer a ON a.order_id = {key.replace("n", "b.n").replace("k", "b.k")} AND a.replaced_at IS NULL
        WHERE uro_sent IS NOT NULL OR ending = 'no_biopsy'""",
        f"""INSERT INTO pathology_answer (id, person_id, region, referral_id, entered_by, why, version, isup, biopsied_on, reported_on,
        received_at) SELECT {key} * 2, n, region, {key} * 2 + 1, 'bench', '', 1, isup, {day("biopsy")}, {day("path_answer")},
        {at("path_answer", seconds)} FROM bench_life WHERE path_answer IS NOT NULL""",
        f"""INSERT INTO treatment (id, person_id, region, referral_id, entered_by, kind, "on", received_at)
        SELECT {key} * 2, n, region, {key} * 2 + 1, 'bench', CASE {chance(32, 4)} WHEN 0 THEN 'surgery' WHEN 1 THEN 'radiotherapy'
        WHEN 2 THEN 'surveillance' ELSE 'other' END, {day("treated")}, {at("treated", seconds)} FROM bench_life WHERE treated IS NOT NULL""",
        f"""INSERT INTO letter (person_id, region, round_number, type, language, channel, enclosure, by_hand, {'"values"'}, state, prepared_at,
        prepared_by, printed_at, posted_on)
        SELECT n, region, k, CASE WHEN k = 1 THEN 'offer' ELSE 'offer_after_interval' END, 'sv', 'paper', '', {sql.false}, {sql.empty}, 'posted',
        {at("o - 2")}, 'bench', {at("o - 1")}, {day("o")} FROM bench_life""",
        f"""INSERT INTO letter (person_id, region, round_number, type, language, channel, enclosure, by_hand, {'"values"'}, state, prepared_at,
        prepared_by, printed_at, posted_on)
        SELECT n, region, k, CASE raised WHEN 1 THEN 'psa_raised' ELSE 'psa_low' END, 'sv', 'paper', '', {sql.false}, {sql.empty}, 'posted',
        {at("r")}, 'bench', {at("l")}, {day("l")} FROM bench_life WHERE l IS NOT NULL""",
        f"""INSERT INTO task (queue, region, person_id, subject, reason, opened_at, opened_by)
        SELECT CASE WHEN x.l IS NULL THEN CASE x.raised WHEN 1 THEN 'raised' ELSE 'normal' END WHEN x.mri_sent IS NULL THEN 'mri_referral'
        ELSE 'mri_answer' END, x.region, x.n, 'person:' || x.n, '', {at("x.r")}, 'bench' FROM {last_life}
        WHERE x.ending IS NULL AND x.r IS NOT NULL
        AND (x.l IS NULL OR x.mri_sent IS NULL OR x.mri_answer IS NOT NULL AND x.uro_sent IS NULL)""",
    ]
    for number_of in range(1, ROUNDS + 1):
        statements += [
            f"""INSERT INTO step_change (person_id, region, round_number, at, event, to_step, next_on, reason, because, by)
            SELECT n, region, k, {at(on, "30000")}, '{event}', '{to}', {"NULL" if due == "NULL" else day(due)}, '',
            '{"cancer_found" if to == "closed" else ""}', 'bench' FROM bench_life WHERE k = {number_of} AND {when}"""
            for on, event, to, due, when in moves
        ]
    if sql.postgres:
        statements = [
            statement.replace("THEN NULL WHEN x.ending", "THEN cast(NULL AS date) WHEN x.ending")
            for statement in statements
        ]
    return statements
