-- Which sources report late, by month of the money's arrival?
CREATE OR REPLACE VIEW late_month
(
    month Date COMMENT 'First day of the month in which the money arrived',
    source LowCardinality(String) COMMENT 'Bank or intermediary (tổ chức cung ứng)',
    late_n UInt64 COMMENT 'Counted or excluded payments received later than view_settings.late_after_seconds (đến muộn)',
    late_dong Int128 COMMENT 'Their dong',
    latest_after_seconds Int64 COMMENT 'The longest time from the money''s arrival to ours'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    (SELECT late_after_seconds FROM view_settings) AS late_after_seconds,
    -- In some version of a row; the newest decides below.
    late AS (
        SELECT record FROM payments
        PREWHERE received_after_micros > toInt64(late_after_seconds) * 1000000
        WHERE fate IN ('counted', 'excluded')),
    newest AS (
        SELECT argMax((business_date, source, fate, amount_dong, received_after_micros), version) AS row
        FROM payments
        PREWHERE record IN (SELECT record FROM late)
        GROUP BY anchor, account, record)
SELECT
    toStartOfMonth(row.1) AS month,
    row.2 AS source,
    count() AS late_n,
    sum(toInt128(row.4)) AS late_dong,
    max(intDiv(row.5, 1000000)) AS latest_after_seconds
FROM newest
WHERE row.3 IN ('counted', 'excluded') AND row.5 > toInt64(late_after_seconds) * 1000000
GROUP BY month, source
COMMENT 'PL05, đến muộn. Beside provider_month, from the facts: the cells know no times'
