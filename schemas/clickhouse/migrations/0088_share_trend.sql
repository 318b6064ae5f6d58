-- Did both shares rise from month to month (tăng tối đa số lượng và giá trị)?
CREATE OR REPLACE VIEW share_trend
(
    month Date COMMENT 'First day of the month',
    province_code LowCardinality(String) COMMENT 'Province (tỉnh) of the institutions on that day, or UNKNOWN',
    province_name LowCardinality(String) COMMENT 'Its name',
    sector LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    covered_n Int64 COMMENT 'Cashless payments of the institutions whose number of cash receipts is declared for the month',
    cash_n Int64 COMMENT 'Their declared cash receipts (tiền mặt)',
    count_share Nullable(Float64) COMMENT 'Observed share in number (tỷ lệ số lượng), for drawing; NULL = no data',
    count_share_change Nullable(Float64) COMMENT 'Less that of the month before (tăng, giảm); NULL = one of the two has no data',
    covered_net_dong Int128 COMMENT 'Cashless net dong of the institutions whose value of cash is known for the month',
    cash_dong Int128 COMMENT 'Their declared cash less cash refunds',
    value_share Nullable(Float64) COMMENT 'Observed share in value (tỷ lệ giá trị), likewise',
    value_share_change Nullable(Float64) COMMENT 'Less that of the month before'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH months AS (
    SELECT
        c.month AS month, c.province_code AS province_code, any(c.province_name) AS province_name, c.sector AS sector,
        sumIf(c.n, c.cash_n IS NOT NULL) AS covered_n, sum(ifNull(c.cash_n, toInt64(0))) AS cash_n,
        sumIf(c.net_dong, c.cash_dong IS NOT NULL) AS covered_net_dong, sum(ifNull(c.cash_dong, toInt128(0))) AS cash_dong,
        if(covered_n + cash_n > 0, covered_n / (covered_n + cash_n), NULL) AS count_share,
        if(covered_net_dong + cash_dong > 0, toFloat64(covered_net_dong) / toFloat64(covered_net_dong + cash_dong), NULL) AS value_share
    FROM institution_cash_month AS c
    GROUP BY month, province_code, sector)
SELECT
    month, province_code, province_name, sector,
    covered_n, cash_n, count_share,
    if(lagInFrame(month) OVER by_month = addMonths(month, -1), count_share - lagInFrame(count_share) OVER by_month, NULL) AS count_share_change,
    covered_net_dong, cash_dong, value_share,
    if(lagInFrame(month) OVER by_month = addMonths(month, -1), value_share - lagInFrame(value_share) OVER by_month, NULL) AS value_share_change
FROM months
WINDOW by_month AS (PARTITION BY province_code, sector ORDER BY month ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
COMMENT 'Shares take cashless and cash of the same institutions and months. A trend has no threshold and no verdict'
