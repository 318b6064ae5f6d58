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
    -- Purposes alone, since the institutions behind them do not matter.
    purposes AS (
        SELECT identifier, valid_from, valid_to, purpose FROM identifiers FINAL
        WHERE (registry_version, digest) IN (
            SELECT registry_version, digest FROM registry_versions FINAL WHERE registry_version <= {registry_version: UInt32})
        QUALIFY registry_version = max(registry_version) OVER (PARTITION BY identifier) AND removed = 0)
SELECT
    o.account AS account, o.record AS record, o.original AS original, o.business_date AS business_date, o.identifier AS identifier,
    o.source AS source, o.method AS method, o.kind AS kind, o.evidence AS evidence, o.amount_dong AS amount_dong,
    o.original_fate AS original_fate,
    classes[(o.original_place + if(o.original_business_date < p.valid_to, toUInt8(p.purpose), 0) * 2) AS place] AS original_class
FROM refunds_and_originals AS o
ASOF LEFT JOIN purposes AS p ON o.original_identifier = p.identifier AND o.original_business_date >= p.valid_from
WHERE o.originals_n > 0 AND (original_fate IN ('voided', 'excluded', 'unsettled') OR are_lost[place])
-- A transaction id used on several days has several rows; a refund is excluded once, and only if none counts.
QUALIFY count() OVER (PARTITION BY o.anchor, account, record) = o.originals_n
    AND row_number() OVER (PARTITION BY o.anchor, account, record) = 1
COMMENT 'Refunds whose original is known and not counted: excluded_refunds_as_of(registry_version = N)'
