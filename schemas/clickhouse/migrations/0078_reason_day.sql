-- Why was money paid on each day?
CREATE OR REPLACE VIEW reason_day
(
    business_date Date COMMENT 'Local day; ask with a range of days, or all facts are read',
    sector LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    institution_type LowCardinality(String) COMMENT 'Type (loại hình), or UNKNOWN',
    reason LowCardinality(String) COMMENT 'Reason (lý do thanh toán). Of education: tuition, meals, insurance, services, exam, other; elsewhere only fee, deposit, settlement, medicine, other, since more would tell of a patient''s health; UNKNOWN where none was sent',
    part Enum8('counted' = 1, 'unknown_account' = 2, 'unknown_class' = 3) COMMENT 'As in institution_daily_parts; figures are of counted',
    n Int64 COMMENT 'Payments (số giao dịch)',
    gross_dong Int128 COMMENT 'Their dong (giá trị)'
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
    resolved AS (
        SELECT identifier, valid_from, valid_to, purpose, sector, institution_type
        FROM resolved_identifiers_as_of(registry_version = 4294967295)),
    movements AS (
        SELECT
            business_date, identifier, counted_kind AS kind, counted_method = 'COUNTER_CASH' AS is_counter_cash,
            counted_evidence != 0 AS has_evidence, reason AS told,
            count() AS payments_n, sum(toInt128(amount_dong)) AS payments_dong
        FROM payments FINAL
        WHERE fate = 'counted'
        GROUP BY business_date, identifier, kind, is_counter_cash, has_evidence, told),
    classed AS (
        SELECT
            m.business_date AS business_date, m.told AS told, m.payments_n AS payments_n, m.payments_dong AS payments_dong,
            m.business_date < r.valid_to AS is_known,
            if(is_known, toString(r.sector), 'UNKNOWN') AS sector,
            if(is_known, toString(r.institution_type), 'UNKNOWN') AS institution_type,
            classes[1 + toUInt16(m.kind) * 28 + m.is_counter_cash * 14 + if(is_known, toUInt8(r.purpose), 0) * 2 + m.has_evidence] AS class
        FROM movements AS m
        ASOF LEFT JOIN resolved AS r ON m.identifier = r.identifier AND m.business_date >= r.valid_from)
SELECT
    business_date, sector, institution_type,
    multiIf(
        told = 'unknown', 'UNKNOWN',
        sector = 'education' AND told NOT IN ('inpatient_deposit', 'inpatient_settlement', 'medicine'), toString(told),
        sector = 'education', 'other',
        told = 'inpatient_deposit', 'deposit',
        told = 'inpatient_settlement', 'settlement',
        told = 'medicine', 'medicine',
        told IN ('other', 'insurance'), 'other',
        'fee') AS reason,
    CAST(multiIf(class IN ('fee_payment', 'deposit'), 1, class = 'UNKNOWN', 2, 3), 'Enum8(\'counted\' = 1, \'unknown_account\' = 2, \'unknown_class\' = 3)') AS part,
    sum(payments_n) AS n, sum(payments_dong) AS gross_dong
FROM classed
WHERE class IN ('fee_payment', 'deposit', 'UNKNOWN', 'unknown')
GROUP BY business_date, sector, institution_type, reason, part
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'Payments by reason, from the facts. Refunds are in no row: they give no reason of their own'
