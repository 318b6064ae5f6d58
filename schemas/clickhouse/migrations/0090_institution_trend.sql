-- Did each institution improve since the last half-year (so với kỳ trước)?
CREATE OR REPLACE VIEW institution_trend
(
    plan_id LowCardinality(String) COMMENT 'The plan',
    institution_id String COMMENT 'The institution',
    institution_name String COMMENT 'Its name',
    sector LowCardinality(String) COMMENT 'education or health',
    institution_type LowCardinality(String) COMMENT 'Type',
    size_band LowCardinality(String) COMMENT 'Band of size within which it is ranked',
    rank UInt32 COMMENT 'Its rank in that band now; 0 = not ranked',
    half_year Date COMMENT 'First day of the half-year (6 tháng đầu năm, 6 tháng cuối năm)',
    months_n UInt16 COMMENT 'Its months that have ended or are declared; a share is of these alone',
    count_n Int64 COMMENT 'Their counted payments',
    count_cash_n Nullable(Int64) COMMENT 'Their cash receipts (phiếu thu), where none are declared as the lower bound takes them; NULL = no bound',
    count_share Nullable(Float64) COMMENT 'Share in number (tỷ lệ số lượng), for drawing; NULL = no bound',
    count_share_change Nullable(Float64) COMMENT 'Less that of the half-year before (tăng, giảm); NULL = one of the two is not known',
    value_net_dong Int128 COMMENT 'Dong of their payments less refunds',
    value_cash_dong Nullable(Int128) COMMENT 'Their cash less cash refunds, likewise',
    value_share Nullable(Float64) COMMENT 'Share in value (tỷ lệ giá trị), likewise',
    value_share_change Nullable(Float64) COMMENT 'Less that of the half-year before'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    months AS (
        SELECT
            plan_id, institution_id, n, net_dong,
            makeDate(toYear(month), if(toMonth(month) <= 6, 1, 7), 1) AS half_year,
            has(states, 'outside') AS is_outside,
            coalesce(cash_n, imputed_low_n, if(is_outside, toInt64(0), NULL)) AS low_cash_n,
            coalesce(cash_dong, imputed_low_dong, if(is_outside, toInt128(0), NULL)) AS low_cash_dong
        FROM institution_months FINAL
        WHERE cash_dong IS NOT NULL OR NOT has(states, 'running')),
    shares AS (
        SELECT
            m.plan_id AS plan_id, m.institution_id AS institution_id, m.half_year AS half_year,
            toUInt16(count()) AS months_n,
            sum(m.n) AS count_n,
            if(countIf(m.low_cash_n IS NULL) > 0, NULL, sum(m.low_cash_n)) AS count_cash_n,
            if(count_n + count_cash_n > 0, count_n / (count_n + count_cash_n), NULL) AS count_share,
            sum(m.net_dong) AS value_net_dong,
            if(countIf(m.low_cash_dong IS NULL) > 0, NULL, sum(m.low_cash_dong)) AS value_cash_dong,
            if(value_net_dong + value_cash_dong > 0, toFloat64(value_net_dong) / toFloat64(value_net_dong + value_cash_dong), NULL) AS value_share
        FROM months AS m
        GROUP BY plan_id, institution_id, half_year)
SELECT
    s.plan_id AS plan_id, s.institution_id AS institution_id,
    r.institution_name AS institution_name, r.sector AS sector, r.institution_type AS institution_type,
    r.size_band AS size_band, r.rank AS rank,
    s.half_year AS half_year, s.months_n AS months_n,
    s.count_n AS count_n, s.count_cash_n AS count_cash_n, s.count_share AS count_share,
    if(lagInFrame(s.half_year) OVER by_half_year = addMonths(s.half_year, -6), s.count_share - lagInFrame(s.count_share) OVER by_half_year, NULL) AS count_share_change,
    s.value_net_dong AS value_net_dong, s.value_cash_dong AS value_cash_dong, s.value_share AS value_share,
    if(lagInFrame(s.half_year) OVER by_half_year = addMonths(s.half_year, -6), s.value_share - lagInFrame(s.value_share) OVER by_half_year, NULL) AS value_share_change
FROM shares AS s
LEFT JOIN ranking AS r ON r.plan_id = s.plan_id AND r.institution_id = s.institution_id
WINDOW by_half_year AS (PARTITION BY s.plan_id, s.institution_id ORDER BY s.half_year ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
COMMENT 'Shown apart from the rank (xếp hạng), which is of the whole target year. Cash of missing months is imputed as for lower bounds; possible double reports are left in'
