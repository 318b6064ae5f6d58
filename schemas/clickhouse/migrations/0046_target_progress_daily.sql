-- How far was each target of each plan at the end of each local day on which that changed?
CREATE OR REPLACE VIEW target_progress_daily AS
WITH newest AS (
    SELECT plan_id, plan_version, target_id, row_kind, max(evaluated_at)
    FROM target_progress
    GROUP BY plan_id, plan_version, target_id, row_kind, toDate(evaluated_at, 'Asia/Ho_Chi_Minh'))
SELECT
    p.*,
    toDate(evaluated_at, 'Asia/Ho_Chi_Minh') AS day,
    transform(toString(verdict), ['achieved', 'missed', 'undetermined'], ['đạt', 'không đạt', 'chưa đủ số liệu'], '') AS verdict_vi,
    toFloat64(numerator) / nullIf(toFloat64(denominator), 0) AS ratio,
    toFloat64(low_numerator) / nullIf(toFloat64(low_denominator), 0) AS low_ratio,
    toFloat64(high_numerator) / nullIf(toFloat64(high_denominator), 0) AS high_ratio,
    toFloat64(threshold_numerator) / nullIf(toFloat64(threshold_denominator), 0) AS threshold_ratio,
    coverage_n / nullIf(coverage_of, 0) AS coverage_share,
    coverage_weight / nullIf(coverage_weight_of, 0) AS weighted_coverage_share
FROM target_progress AS p
WHERE (plan_id, plan_version, target_id, row_kind, evaluated_at) IN (SELECT * FROM newest)
LIMIT 1 BY plan_id, plan_version, target_id, row_kind, evaluated_at
COMMENT 'The last row of each target on each local day of evaluation. A day without a row changed nothing: the row before it stands'
