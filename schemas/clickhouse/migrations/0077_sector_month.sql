-- How does the share of cashless payment develop in each sector?
CREATE OR REPLACE VIEW sector_month
(
    month Date COMMENT 'First day of the month',
    sector LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    n Int64 COMMENT 'Counted cashless payments of all institutions',
    gross_dong Int128 COMMENT 'Their dong',
    net_dong Int128 COMMENT 'Their dong less refunds',
    cash_n Int64 COMMENT 'Declared cash receipts (tiền mặt) of the months that are declared',
    cash_dong Int128 COMMENT 'Their dong less cash refunds',
    covered_n Int64 COMMENT 'Cashless payments of the institutions whose number of cash receipts is declared for the month',
    covered_net_dong Int128 COMMENT 'Cashless net dong of the institutions whose value of cash is known for the month',
    count_share Nullable(Float64) COMMENT 'Observed share in number (tỷ lệ số lượng): covered_n of covered_n + cash_n, for drawing; NULL = no data',
    value_share Nullable(Float64) COMMENT 'Observed share in value (tỷ lệ giá trị), likewise',
    institutions_n UInt64 COMMENT 'Institutions that were active, paid or declared',
    declared_n UInt64 COMMENT 'Of these, with a declared number of cash receipts (đã kê khai)',
    n_of_year Int64 COMMENT 'n since January (lũy kế)',
    net_dong_of_year Int128 COMMENT 'net_dong since January',
    cash_n_of_year Int64 COMMENT 'cash_n since January',
    cash_dong_of_year Int128 COMMENT 'cash_dong since January',
    count_share_of_year Nullable(Float64) COMMENT 'Observed share in number since January',
    value_share_of_year Nullable(Float64) COMMENT 'Observed share in value since January'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH months AS (
    SELECT
        c.month AS month, c.sector AS sector,
        sum(c.n) AS n, sum(c.gross_dong) AS gross_dong, sum(c.net_dong) AS net_dong,
        sum(ifNull(c.cash_n, toInt64(0))) AS cash_n, sum(ifNull(c.cash_dong, toInt128(0))) AS cash_dong,
        sumIf(c.n, c.cash_n IS NOT NULL) AS covered_n, sumIf(c.net_dong, c.cash_dong IS NOT NULL) AS covered_net_dong,
        countIf(c.institution_id != 'UNKNOWN') AS institutions_n, countIf(c.cash_n IS NOT NULL) AS declared_n
    FROM institution_cash_month AS c
    GROUP BY month, sector)
SELECT
    month, sector, n, gross_dong, net_dong, cash_n, cash_dong, covered_n, covered_net_dong,
    if(covered_n + cash_n > 0, covered_n / (covered_n + cash_n), NULL) AS count_share,
    if(covered_net_dong + cash_dong > 0, toFloat64(covered_net_dong) / toFloat64(covered_net_dong + cash_dong), NULL) AS value_share,
    institutions_n, declared_n,
    sum(n) OVER of_year AS n_of_year,
    sum(net_dong) OVER of_year AS net_dong_of_year,
    sum(cash_n) OVER of_year AS cash_n_of_year,
    sum(cash_dong) OVER of_year AS cash_dong_of_year,
    if(sum(covered_n + cash_n) OVER of_year > 0, (sum(covered_n) OVER of_year) / (sum(covered_n + cash_n) OVER of_year), NULL) AS count_share_of_year,
    if(sum(covered_net_dong + cash_dong) OVER of_year > 0,
        toFloat64(sum(covered_net_dong) OVER of_year) / toFloat64(sum(covered_net_dong + cash_dong) OVER of_year), NULL) AS value_share_of_year
FROM months
WINDOW of_year AS (PARTITION BY sector, toYear(month) ORDER BY month)
COMMENT 'PL06. Shares take cashless and cash of the same institutions and months, so a missing declaration flatters nobody. Sector by the first of the month; all of the registry, whatever a plan covers'
