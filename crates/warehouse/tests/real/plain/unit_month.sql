-- How much was paid in each district (2022) or commune (since July 2025) in each month?
CREATE OR REPLACE VIEW plain
(
    month Date COMMENT 'First day of the month',
    province_code LowCardinality(String) COMMENT 'Province (tỉnh) on the day of payment, or UNKNOWN',
    province_name LowCardinality(String) COMMENT 'Its name',
    unit_code LowCardinality(String) COMMENT 'The unit right under the province on the day of payment, or UNKNOWN',
    unit_name LowCardinality(String) COMMENT 'Its name (đơn vị hành chính)',
    unit_level LowCardinality(String) COMMENT 'district, commune or province; empty if the registry''s units lack it',
    sector LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    part Enum8('counted' = 1, 'unknown_account' = 2, 'unknown_class' = 3) COMMENT 'As in institution_daily_parts; figures are of counted',
    institutions_n UInt64 COMMENT 'Institutions with a payment (số cơ sở có phát sinh)',
    n Int64 COMMENT 'Payments (số giao dịch)',
    gross_dong Int128 COMMENT 'Their dong (giá trị)',
    refunds_n Int64 COMMENT 'Refunds (hoàn tiền)',
    refunds_dong Int128 COMMENT 'Their dong',
    net_dong Int128 COMMENT 'Gross less refunds of what is counted',
    all_fields_n Int64 COMMENT 'Payments with all four minimum fields'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    (SELECT arraySort(groupUniqArrayArray([valid_from, valid_to])) FROM unit_days) AS edges,
    months AS (
        SELECT
            toStartOfMonth(business_date) AS month,
            -- Days between two changes of units are alike, so one of them stands for all.
            arrayCount(edge -> edge <= business_date, edges) AS era,
            any(business_date) AS day,
            part, institution_id, sector, unit_code, unit_name,
            sum(n) AS n, sum(gross_dong) AS gross_dong, sum(refunds_n) AS refunds_n, sum(refunds_dong) AS refunds_dong,
            sum(net_dong) AS net_dong, sum(all_fields_n) AS all_fields_n
        FROM institution_daily_parts
        GROUP BY month, era, part, institution_id, sector, unit_code, unit_name)
SELECT
    m.month AS month,
    if(u.valid_to > m.day, u.province_code, 'UNKNOWN') AS province_code,
    if(u.valid_to > m.day, u.province_name, 'UNKNOWN') AS province_name,
    if(u.valid_to > m.day, u.unit_code, m.unit_code) AS unit_code,
    if(u.valid_to > m.day, u.unit_name, m.unit_name) AS unit_name,
    if(u.valid_to > m.day, u.unit_level, '') AS unit_level,
    m.sector AS sector,
    m.part AS part,
    uniqExactIf(m.institution_id, m.n > 0 AND m.part != 'unknown_account') AS institutions_n,
    sum(m.n) AS n, sum(m.gross_dong) AS gross_dong, sum(m.refunds_n) AS refunds_n, sum(m.refunds_dong) AS refunds_dong,
    sum(m.net_dong) AS net_dong, sum(m.all_fields_n) AS all_fields_n
FROM months AS m
ASOF LEFT JOIN unit_days AS u ON u.code = m.unit_code AND m.day >= u.valid_from
GROUP BY month, province_code, province_name, unit_code, unit_name, unit_level, sector, part
COMMENT 'PL02, cashless side. The unit is the institution''s on the day of payment, so one month may show a district and its successors'
