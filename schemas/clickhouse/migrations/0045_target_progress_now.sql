-- How far is each target of each plan now, and is it achieved?
CREATE OR REPLACE VIEW target_progress_now AS
WITH newest AS (
    -- From the projection: a few rows a part, however long the history is.
    SELECT plan_id, plan_version, target_id, row_kind, max(evaluated_at)
    FROM target_progress
    GROUP BY plan_id, plan_version, target_id, row_kind)
SELECT
    p.*,
    (plan_id, plan_version) IN (SELECT plan_id, plan_version FROM plans FINAL WHERE is_active) AS is_active,
    transform(toString(verdict), ['achieved', 'missed', 'undetermined'], ['đạt', 'không đạt', 'chưa đủ số liệu'], '') AS verdict_vi,
    toFloat64(numerator) / nullIf(toFloat64(denominator), 0) AS ratio,
    toFloat64(low_numerator) / nullIf(toFloat64(low_denominator), 0) AS low_ratio,
    toFloat64(high_numerator) / nullIf(toFloat64(high_denominator), 0) AS high_ratio,
    toFloat64(threshold_numerator) / nullIf(toFloat64(threshold_denominator), 0) AS threshold_ratio,
    coverage_n / nullIf(coverage_of, 0) AS coverage_share,
    coverage_weight / nullIf(coverage_weight_of, 0) AS weighted_coverage_share
FROM target_progress AS p
WHERE (plan_id, plan_version, target_id, row_kind, evaluated_at) IN (SELECT * FROM newest)
-- An insert that was repeated may have left a row twice.
LIMIT 1 BY plan_id, plan_version, target_id, row_kind
COMMENT 'The newest row of each target. Ratios are for drawing; numerators, denominators and the verdict are exact. is_active = the version of the plan that is evaluated'
