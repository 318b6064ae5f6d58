-- How much was paid to each type of institution, public and private, in each month?
CREATE OR REPLACE VIEW type_month
(
    month Date COMMENT 'First day of the month',
    sector LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    institution_type LowCardinality(String) COMMENT 'Type (loại hình), or UNKNOWN',
    ownership LowCardinality(String) COMMENT 'public (công lập), private (ngoài công lập) or UNKNOWN',
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
SELECT
    i.month AS month, i.sector AS sector, i.institution_type AS institution_type, i.ownership AS ownership, i.part AS part,
    uniqExactIf(i.institution_id, i.n > 0 AND i.part != 'unknown_account') AS institutions_n,
    sum(i.n) AS n, sum(i.gross_dong) AS gross_dong, sum(i.refunds_n) AS refunds_n, sum(i.refunds_dong) AS refunds_dong,
    sum(i.net_dong) AS net_dong, sum(i.all_fields_n) AS all_fields_n
FROM institution_month_parts(by = 'institution') AS i
GROUP BY month, sector, institution_type, ownership, part
COMMENT 'PL03, cashless side'
