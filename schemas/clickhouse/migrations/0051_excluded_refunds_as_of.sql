-- Which refunds return money that never counted, and so lower nothing, as known at a registry version?
CREATE OR REPLACE VIEW excluded_refunds_as_of
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    -- The list of classes_as_of, by place: the same words as in institution_daily_as_of.
    (SELECT groupArray(class) FROM (
        SELECT arrayJoin(places) AS place, argMin(class, position) AS class FROM class_rules FINAL
        WHERE (registry_version, digest) = (
            SELECT max((registry_version, digest)) FROM class_rules
            WHERE registry_version = 0 OR (registry_version, digest) IN (
                SELECT registry_version, digest FROM registry_versions FINAL
                WHERE registry_version <= {registry_version: UInt32}))
        GROUP BY place ORDER BY place)) AS classes,
    arrayMap(class -> class NOT IN ('fee_payment', 'deposit', 'UNKNOWN'), classes) AS are_lost,
    -- A superset: what was a refund in some version of a row. In the very words of the projection, which then answers.
    links AS (
        SELECT anchor, arrayJoin(groupArrayIf((account, record, original, business_date, identifier, source, counted_method,
            counted_kind, counted_evidence, amount_dong, version), fate = 'refunded' AND bitAnd(present, 64) != 0)) AS refund
        FROM payments
        GROUP BY anchor),
    -- Refunds and what they return as they are now, from few columns: nearly every granule holds some of them.
    touched AS (
        SELECT
            anchor, account, record, original, fate, present, business_date, identifier,
            counted_method AS method, counted_kind AS kind, counted_evidence AS evidence
        FROM payments FINAL
        -- Before the merge of versions: a column of the key.
        PREWHERE record IN (SELECT arrayJoin([refund.2, refund.3]) FROM links)),
    -- A merged record counts where another record of its payment does. That it does not shows in a record that neither
    -- counts nor is merged, or that is merged into another payment; only such payments are looked at closely.
    merged_payments AS (
        SELECT anchor, account, payment FROM payments
        PREWHERE fate = 'merged' AND record IN (SELECT refund.3 FROM links)),
    doubtful_payments AS (
        SELECT anchor, account, payment FROM payments
        PREWHERE (fate NOT IN ('counted', 'merged') OR bitAnd(present, 128) != 0)
            AND (anchor, account, payment) IN (SELECT anchor, account, payment FROM merged_payments)),
    none_counts_beside AS (
        SELECT anchor, account, record
        FROM (
            SELECT anchor, account, payment, amount_dong, groupArray(record) AS records, max(fate = 'counted') AS counts
            FROM payments FINAL
            PREWHERE (anchor, account, payment) IN (SELECT anchor, account, payment FROM doubtful_payments)
            GROUP BY anchor, account, payment, amount_dong)
        ARRAY JOIN records AS record
        WHERE NOT counts),
    resolved AS (
        SELECT identifier, valid_from, valid_to, purpose
        FROM resolved_identifiers_as_of(registry_version = {registry_version: UInt32})),
    judged AS (
        SELECT
            o.anchor AS anchor, o.account AS account, o.record AS record, o.original AS original, o.fate AS fate,
            o.fate = 'refunded' AND bitAnd(o.present, 64) != 0 AS is_refund,
            o.fate = 'merged' AND bitAnd(o.present, 128) = 0
                AND (o.anchor, o.account, o.record) IN (SELECT anchor, account, record FROM none_counts_beside) AS is_voided_beside,
            o.business_date < r.valid_to AS is_known,
            1 + toUInt16(o.kind) * 28 + (o.method = 'COUNTER_CASH') * 14
                + if(is_known, toUInt8(r.purpose), 0) * 2 + (o.evidence != 0) AS place
        FROM touched AS o
        ASOF LEFT JOIN resolved AS r ON o.identifier = r.identifier AND o.business_date >= r.valid_from),
    -- A transaction id used on several days has several rows; a refund is excluded once, and only if none counts.
    linked AS (
        SELECT
            account, link,
            groupArrayIf((anchor, record), is_link) AS refunds,
            anyIf((if(is_voided_beside, 'voided', toString(fate)), classes[place]), NOT is_link) AS found
        FROM (
            SELECT *, arrayJoin(if(is_refund, [0, 1], [0])) AS is_link, if(is_link, original, record) AS link FROM judged)
        GROUP BY account, link
        HAVING notEmpty(refunds) AND countIf(NOT is_link) > 0
            AND minIf(fate IN ('voided', 'excluded', 'unsettled') OR is_voided_beside OR are_lost[place], NOT is_link)),
    excluded AS (
        SELECT account, refund.1 AS anchor, refund.2 AS record, link AS original, found
        FROM linked ARRAY JOIN refunds AS refund)
SELECT
    e.account AS account,
    e.record AS record,
    e.original AS original,
    l.refund.4 AS business_date,
    l.refund.5 AS identifier,
    l.refund.6 AS source,
    l.refund.7 AS method,
    l.refund.8 AS kind,
    l.refund.9 AS evidence,
    l.refund.10 AS amount_dong,
    e.found.1 AS original_fate,
    e.found.2 AS original_class
FROM links AS l INNER JOIN excluded AS e ON l.anchor = e.anchor AND l.refund.1 = e.account AND l.refund.2 = e.record
-- What it said when it was a refund the last time, which is now.
ORDER BY l.refund.11 DESC
LIMIT 1 BY e.anchor, e.account, e.record
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'Refunds whose original is known and not counted: excluded_refunds_as_of(registry_version = N)'
