-- Which refunds return money that never counted, and so lower nothing, as known at a registry version?
CREATE OR REPLACE VIEW excluded_refunds_as_of AS
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
    refunds AS (
        SELECT account, record, original, business_date, identifier, source, counted_method, counted_kind, counted_evidence, amount_dong
        FROM payments FINAL
        WHERE fate = 'refunded' AND bitAnd(present, 64) != 0),
    originals AS (
        SELECT
            anchor, account, payment, record, amount_dong, fate, bitAnd(present, 128) != 0 AS is_merged_elsewhere,
            business_date, identifier, counted_method AS method, counted_kind AS kind, counted_evidence AS evidence
        FROM payments FINAL
        -- Before the merge of versions: both are columns of the key.
        PREWHERE (account, record) IN (SELECT account, original FROM refunds)),
    -- A merged record counts where another record of its payment does.
    counted_beside AS (
        SELECT anchor, account, payment, amount_dong FROM payments FINAL
        PREWHERE (anchor, account, payment) IN (SELECT anchor, account, payment FROM originals WHERE fate = 'merged')
        WHERE fate = 'counted'),
    resolved AS (
        SELECT identifier, valid_from, valid_to, purpose
        FROM resolved_identifiers_as_of(registry_version = {registry_version: UInt32})),
    judged AS (
        SELECT
            o.account AS account, o.record AS record, o.method AS method, o.kind AS kind, o.evidence AS evidence,
            if(o.fate = 'merged' AND NOT o.is_merged_elsewhere
                AND (o.anchor, o.account, o.payment, o.amount_dong) NOT IN (SELECT * FROM counted_beside),
                'voided', toString(o.fate)) AS fate,
            o.business_date < r.valid_to AS is_known,
            classes[(1 + toUInt16(o.kind) * 28 + (o.method = 'COUNTER_CASH') * 14
                + if(is_known, toUInt8(r.purpose), 0) * 2 + (o.evidence != 0)) AS place] AS class
        FROM originals AS o
        ASOF LEFT JOIN resolved AS r ON o.identifier = r.identifier AND o.business_date >= r.valid_from),
    -- A transaction id used on several days has several rows; a refund is excluded once, and only if none counts.
    not_counted AS (
        SELECT account, record, any(judged.fate) AS fate, any(judged.class) AS class
        FROM judged
        GROUP BY account, record
        HAVING min(judged.fate IN ('voided', 'excluded', 'unsettled')
            OR judged.class NOT IN ('fee_payment', 'deposit', 'UNKNOWN')))
SELECT
    refunds.account AS account,
    refunds.record AS record,
    refunds.original AS original,
    refunds.business_date AS business_date,
    refunds.identifier AS identifier,
    refunds.source AS source,
    refunds.counted_method AS method,
    refunds.counted_kind AS kind,
    refunds.counted_evidence AS evidence,
    refunds.amount_dong AS amount_dong,
    not_counted.fate AS original_fate,
    not_counted.class AS original_class
FROM refunds
INNER JOIN not_counted ON not_counted.account = refunds.account AND not_counted.record = refunds.original
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'Refunds whose original is known and not counted: excluded_refunds_as_of(registry_version = N)'
