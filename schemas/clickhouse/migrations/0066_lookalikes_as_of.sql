-- Which records of a bank and of an intermediary look like one payment, though they do not meet in one?
CREATE OR REPLACE VIEW lookalikes_as_of
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    -- What two records of one payment share beside the amount. Narrow, and without the merge of versions, since nearly all
    -- of them share nothing with anything: only where a sign of a bank is an intermediary's too is looked at closely.
    signs AS (
        SELECT
            anchor, account, payment, source_class,
            arrayJoin(arrayConcat(
                arrayMap(
                    shift -> cityHash64(amount_dong, 'reference', reference, account, toInt32(anchor) + shift),
                    multiIf(NOT bitTest(present, 10), [], source_class = 'bank', [-1, 1], [0])),
                if(bitTest(present, 4), [cityHash64(amount_dong, 'invoice', invoice)], []),
                if(bitTest(present, 5), [cityHash64(amount_dong, 'invoice', invoice_other_year)], []),
                arrayMap(
                    shift -> cityHash64(amount_dong, 'minutes', intDiv(toUnixTimestamp(settled_at), 600) + shift, account),
                    if(source_class = 'bank', [-1, 0, 1], [0])))) AS sign
        FROM payments
        PREWHERE anchor = '1970-01-01' OR anchor BETWEEN {from_day: Date} - 10 AND {to_day: Date} + 10
        WHERE bitTest(present, 0) AND source_class IN ('bank', 'intermediary')
            AND toDate(settled_at, 'Asia/Ho_Chi_Minh') BETWEEN {from_day: Date} - 3 AND {to_day: Date} + 3),
    meeting AS (
        SELECT anchor, account, payment FROM signs
        WHERE sign IN (SELECT sign FROM signs GROUP BY sign HAVING groupBitOr(if(source_class = 'bank', 1, 2)) = 3)),
    -- A person's decision was taken back: its record is a candidate as before, and nothing is decided about it by rule.
    returned AS (
        SELECT anchor, account, payment, record, decided_at FROM decision_log FINAL WHERE returns_to_rules),
    records AS (
        SELECT
            anchor, account, payment, record, source, source_class, amount_dong, settled_at, identifier,
            counted_method, counted_kind, kind,
            groupBitOr(evidence) OVER same_amount AS unit_evidence, groupBitOr(fields) OVER same_amount AS unit_fields,
            toDate(settled_at, 'Asia/Ho_Chi_Minh') AS day,
            toUInt64(intDiv(toUnixTimestamp(settled_at), 600)) + 1 AS ten_minutes,
            arrayDistinct(arrayConcat(
                if(bitTest(present, 4), [invoice], []), if(bitTest(present, 5), [invoice_other_year], []))) AS invoices,
            reference, bitTest(present, 10) AS has_reference,
            -- Money in, whatever it is said to be: one side may not know that it is no fee. Lump sums stand alone.
            status = 'settled' AND kind NOT IN ('refund', 'chargeback', 'outflow', 'settlement') AND source_class != 'institution'
                AND (anchor = '1970-01-01' OR abs(dateDiff('day', anchor, day)) <= 7) AS is_open,
            -- What met in one payment met by its reference, and needs no rule.
            countIf(source_class != 'institution') OVER same_amount AS lone_n,
            decided_by = 'person' AND (anchor, account, payment, record, decided_at) IN (SELECT * FROM returned) AS is_returned,
            -- What a person decided stands, and what was voided takes its whole unit along.
            max(decided_by = 'person' AND NOT is_returned OR status = 'voided') OVER same_payment AS is_closed
        FROM payments FINAL
        -- Before the merge of versions: columns of the key. The days around are for candidates of candidates.
        PREWHERE (anchor, account, payment) IN (SELECT anchor, account, payment FROM meeting)
        WHERE bitTest(present, 0)
        WINDOW
            same_amount AS (PARTITION BY anchor, account, payment, amount_dong),
            same_payment AS (PARTITION BY anchor, account, payment)),
    owned AS (
        SELECT
            l.*,
            if(l.day < r.valid_to, r.institution_id, 'UNKNOWN') AS institution_id,
            if(l.day < r.valid_to, toString(r.purpose), 'none') AS purpose,
            if(l.day < r.valid_to, r.institution_id, concat('identifier ', l.identifier)) AS owner
        FROM (
            SELECT * FROM records
            WHERE is_open AND lone_n = 1 AND NOT is_closed AND day BETWEEN {from_day: Date} - 3 AND {to_day: Date} + 3) AS l
        ASOF LEFT JOIN (
            SELECT identifier, valid_from, valid_to, institution_id, purpose
            FROM resolved_identifiers_as_of(registry_version = {registry_version: UInt32})) AS r
            ON l.identifier = r.identifier AND l.day >= r.valid_from),
    -- In one pass, since a part of a query that is named twice is read twice.
    shared AS (
        SELECT *, arrayJoin(arrayConcat(
            -- What says more comes first, and decides alone.
            arrayMap(
                shift -> (1, cityHash64(reference, toInt32(anchor) + shift), account),
                multiIf(NOT has_reference, [], source_class = 'bank', [-1, 1], [0])),
            arrayMap(invoice -> (2, invoice, toFixedString('', 16)), invoices),
            -- Two of one amount at one time are a chance where one of them says that it is no fee.
            arrayMap(
                shift -> (3, toUInt64(ten_minutes + shift), account),
                multiIf(kind NOT IN ('payment', 'deposit'), [], source_class = 'bank', [-1, 0, 1], [0])))) AS sign
        FROM owned),
    meetings AS (
        SELECT
            CAST(sign.1, 'Enum8(\'reference\' = 1, \'invoice\' = 2, \'minutes\' = 3)') AS rule, amount_dong,
            groupArrayIf((anchor, account, payment, record, source, settled_at, day, institution_id, purpose,
                counted_method, counted_kind, unit_evidence, is_returned, unit_fields), source_class = 'bank') AS banks,
            groupArrayIf((anchor, account, payment, record, source, settled_at, kind, unit_evidence, unit_fields), source_class = 'intermediary') AS others
        FROM shared
        GROUP BY owner, amount_dong, sign
        HAVING notEmpty(banks) AND notEmpty(others)),
    pairs AS (
        SELECT DISTINCT rule, amount_dong, arrayJoin(banks) AS bank, arrayJoin(others) AS other FROM meetings
        -- One reference on neighbouring days, one invoice within a day, one account within ten minutes.
        WHERE rule = 'reference'
            OR abs(dateDiff('microsecond', bank.6, other.6)) <= if(rule = 'invoice', 86400000000, 600000000)),
    candidates AS (
        SELECT
            rule, amount_dong,
            bank.1 AS anchor, bank.2 AS account, bank.3 AS payment, bank.4 AS record, bank.5 AS source, bank.6 AS settled_at,
            bank.7 AS day, bank.8 AS institution_id, bank.9 AS purpose,
            bank.10 AS counted_method, bank.11 AS counted_kind, bank.12 AS evidence, bank.13 AS is_returned, bank.14 AS fields,
            other.1 AS other_anchor, other.2 AS other_account, other.3 AS other_payment, other.4 AS other_record,
            other.5 AS other_source, other.6 AS other_settled_at, other.7 AS other_kind, other.8 AS other_evidence, other.9 AS other_fields
        FROM pairs
        QUALIFY rule = min(rule) OVER (PARTITION BY anchor, account, payment, record)),
    counted AS (
        SELECT *, count() OVER (PARTITION BY anchor, account, payment, record) AS candidates_n FROM candidates)
SELECT
    rule, institution_id, day,
    anchor, account, payment, record, source, settled_at,
    other_anchor, other_account, other_payment, other_record, other_source, other_settled_at,
    other_kind, other_evidence, other_fields,
    amount_dong, purpose, counted_method AS method, counted_kind AS kind, evidence, fields,
    candidates_n, is_returned,
    -- One to one: of banks' records that have the same only candidate, the nearest has it.
    candidates_n = 1 AND NOT is_returned AND row_number() OVER (
        PARTITION BY other_anchor, other_account, other_payment, other_record, candidates_n = 1
        ORDER BY rule, abs(dateDiff('microsecond', settled_at, other_settled_at)), source, record) = 1 AS is_merged
FROM counted
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'A row per bank record and candidate: lookalikes_as_of(registry_version = N, from_day = D, to_day = D). One candidate is merged, several are not'
