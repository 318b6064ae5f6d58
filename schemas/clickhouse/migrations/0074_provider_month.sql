-- What did each bank or intermediary report in each month, and how completely?
CREATE OR REPLACE VIEW provider_month
(
    month Date COMMENT 'First day of the month',
    source LowCardinality(String) COMMENT 'Bank or intermediary (tổ chức cung ứng)',
    sector LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    part Enum8('counted' = 1, 'unknown_account' = 2, 'unknown_class' = 3) COMMENT 'As in institution_daily_parts; figures are of counted',
    n Int64 COMMENT 'Payments (số giao dịch) that count under this source',
    gross_dong Int128 COMMENT 'Their dong (giá trị)',
    refunds_n Int64 COMMENT 'Refunds (hoàn tiền)',
    refunds_dong Int128 COMMENT 'Their dong',
    net_dong Int128 COMMENT 'Gross less refunds of what is counted',
    all_fields_n Int64 COMMENT 'Payments with all four minimum fields (đủ trường thông tin tối thiểu)',
    without_beneficiary_n Int64 COMMENT 'Payments with all but possibly the beneficiary''s name: enough in health',
    all_fields_share Nullable(Float64) COMMENT 'all_fields_n of n, for drawing; NULL without payments',
    merged_n Int64 COMMENT 'Its records of payments that count under another source (trùng)',
    merged_dong Int128 COMMENT 'Their dong',
    voided_n Int64 COMMENT 'Payments it took back'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    d.month AS month,
    d.source AS source, d.sector AS sector, d.part AS part,
    sum(d.n) AS n, sum(d.gross_dong) AS gross_dong, sum(d.refunds_n) AS refunds_n, sum(d.refunds_dong) AS refunds_dong,
    sum(d.net_dong) AS net_dong, sum(d.all_fields_n) AS all_fields_n, sum(d.without_beneficiary_n) AS without_beneficiary_n,
    all_fields_n / nullIf(n, 0) AS all_fields_share,
    sum(d.merged_n) AS merged_n, sum(d.merged_dong) AS merged_dong, sum(d.voided_n) AS voided_n
FROM institution_month_parts(by = 'provider') AS d
GROUP BY month, source, sector, part
COMMENT 'PL05. Late arrivals are in late_month. Dead letters have no day and no sector: data_quality and ledger_totals count records of the log that cannot be read, metrics the rest'
