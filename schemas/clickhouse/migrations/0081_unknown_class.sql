-- Which institutions receive money of which nothing says that it is a fee, and how much?
CREATE OR REPLACE VIEW unknown_class
(
    institution_id LowCardinality(String) COMMENT 'Institution (cơ sở)',
    institution_name LowCardinality(String) COMMENT 'Its name',
    sector LowCardinality(String) COMMENT 'education or health',
    source LowCardinality(String) COMMENT 'Who reported it',
    method Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid',
    first_day Date COMMENT 'First day',
    last_day Date COMMENT 'Last day',
    n Int64 COMMENT 'Payments',
    gross_dong Int128 COMMENT 'Their dong'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    -- The list of classes_as_of, by place: the same words as in institution_daily_as_of.
    (SELECT groupArray(class) FROM (
        SELECT arrayJoin(places) AS place, argMin(class, position) AS class FROM class_rules FINAL
        WHERE (registry_version, digest) = (
            SELECT max((registry_version, digest)) FROM class_rules
            WHERE registry_version = 0 OR (registry_version, digest) IN (
                SELECT registry_version, digest FROM registry_versions FINAL))
        GROUP BY place ORDER BY place)) AS classes,
    arrayMap(class -> class IN ('UNKNOWN', 'unknown'), classes) AS are_unknown,
    -- Only on accounts kept for some purposes can it be unknown, and these are few.
    arrayFilter(number -> arrayExists(place -> are_unknown[place] AND intDiv(place - 1, 2) % 7 = number, range(1, 421)), range(1, 7)) AS purposes,
    resolved AS (
        SELECT identifier, valid_from, valid_to, purpose, institution_id, institution_name, sector
        FROM resolved_identifiers_as_of(registry_version = 4294967295)),
    cells AS (
        SELECT business_date, identifier, source, method, kind, evidence, n, gross_dong
        FROM account_daily FINAL
        WHERE n != 0 AND identifier IN (SELECT identifier FROM resolved WHERE has(purposes, toUInt8(purpose))))
SELECT
    r.institution_id AS institution_id, any(r.institution_name) AS institution_name, any(r.sector) AS sector,
    m.source AS source, m.method AS method,
    min(m.business_date) AS first_day, max(m.business_date) AS last_day, sum(m.n) AS n, sum(m.gross_dong) AS gross_dong
FROM cells AS m
ASOF INNER JOIN resolved AS r ON m.identifier = r.identifier AND m.business_date >= r.valid_from
WHERE m.business_date < r.valid_to
    AND are_unknown[1 + toUInt16(m.kind) * 28 + (m.method = 'COUNTER_CASH') * 14 + toUInt8(r.purpose) * 2 + (m.evidence != 0)]
GROUP BY institution_id, source, method
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'Money on accounts that are not only for fees, without an invoice or a person. An invoice reference or a purpose in the registry makes it count'
