-- Which refunds return money that never counted, and so lower nothing, as known at a registry version?
CREATE OR REPLACE VIEW plain AS
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
    -- A superset, found by two small columns: what was a refund in some version of a row.
    links AS (
        SELECT record, original FROM payments WHERE fate = 'refunded'),
    -- Refunds and what they return, in one pass over the facts; the newest version of each, which FINAL would have to
    -- merge from all of the key's columns. A record's payment follows from its anchor and account.
    touched AS (
        SELECT
            anchor, account, record,
            argMax((fate, present, original, amount_dong, business_date, identifier, source, counted_method, counted_kind,
                counted_evidence), version) AS newest
        FROM payments
        PREWHERE record IN (SELECT arrayJoin([record, original]) FROM links)
        GROUP BY anchor, account, record),
    named AS (
        SELECT
            anchor, account, record,
            newest.1 AS fate,
            newest.1 = 'refunded' AND bitAnd(newest.2, 64) != 0 AS is_refund,
            newest.3 AS original, newest.4 AS amount_dong, newest.5 AS business_date, newest.6 AS identifier,
            newest.7 AS source, newest.8 AS method, newest.9 AS kind, newest.10 AS evidence
        FROM touched),
    -- A merged record counts where another record of its unit does, or where that one is merged into another payment.
    merged_payments AS (
        SELECT anchor, account, payment FROM payments
        PREWHERE fate = 'merged' AND record IN (SELECT original FROM links)),
    beside AS (
        SELECT anchor, account, record, counts, is_elsewhere
        FROM (
            SELECT
                anchor, account, payment, amount_dong, groupArray(record) AS records,
                max(fate = 'counted') AS counts, max(fate = 'merged' AND bitTest(present, 7)) AS is_elsewhere
            FROM payments FINAL
            PREWHERE (anchor, account, payment) IN (SELECT anchor, account, payment FROM merged_payments)
            GROUP BY anchor, account, payment, amount_dong)
        ARRAY JOIN records AS record),
    resolved AS (
        SELECT identifier, valid_from, valid_to, purpose
        FROM resolved_identifiers_as_of(registry_version = {registry_version: UInt32})),
    judged AS (
        SELECT
            o.account AS account, o.record AS record, o.is_refund AS is_refund, o.original AS original,
            o.amount_dong AS amount_dong, o.business_date AS business_date, o.identifier AS identifier, o.source AS source,
            o.method AS method, o.kind AS kind, o.evidence AS evidence,
            multiIf(
                o.fate != 'merged', toString(o.fate),
                (o.anchor, o.account, o.record) IN (SELECT anchor, account, record FROM beside WHERE counts), 'counted',
                (o.anchor, o.account, o.record) IN (SELECT anchor, account, record FROM beside WHERE is_elsewhere), 'merged',
                'voided') AS fate,
            o.business_date < r.valid_to AS is_known,
            classes[(1 + toUInt16(o.kind) * 28 + (o.method = 'COUNTER_CASH') * 14
                + if(is_known, toUInt8(r.purpose), 0) * 2 + (o.evidence != 0)) AS place] AS class
        FROM named AS o
        ASOF LEFT JOIN resolved AS r ON o.identifier = r.identifier AND o.business_date >= r.valid_from),
    -- A transaction id used on several days has several rows, and one of another account is meant where this one has none; a
    -- refund is excluded once, and only if none of them counts.
    told AS (
        SELECT record, groupArray((account, fate, class)) AS anywhere FROM judged GROUP BY record),
    linked AS (
        SELECT
            r.account AS account, r.record AS record, r.original AS original, r.business_date AS business_date,
            r.identifier AS identifier, r.source AS source, r.method AS method, r.kind AS kind, r.evidence AS evidence,
            r.amount_dong AS amount_dong,
            arrayFilter(told -> told.1 = r.account, t.anywhere) AS here,
            if(notEmpty(here), here, t.anywhere) AS originals
        FROM judged AS r
        INNER JOIN told AS t ON t.record = r.original
        WHERE r.is_refund)
SELECT
    account, record, original, business_date, identifier, source, method, kind, evidence, amount_dong,
    originals[1].2 AS original_fate, originals[1].3 AS original_class
FROM linked
WHERE arrayAll(
    told -> told.2 IN ('voided', 'excluded', 'unsettled') OR told.3 NOT IN ('fee_payment', 'deposit', 'UNKNOWN'), originals)
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'Refunds whose original is known and not counted: excluded_refunds_as_of(registry_version = N)'
