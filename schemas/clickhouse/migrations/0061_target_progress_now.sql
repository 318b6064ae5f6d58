-- How far is each target of each plan now, and is it achieved?
CREATE OR REPLACE VIEW target_progress_now
(
    evaluated_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the evaluation began to read its data',
    plan_id LowCardinality(String) COMMENT 'The plan',
    plan_version UInt32 COMMENT 'Version of the plan',
    target_id LowCardinality(String) COMMENT 'The target, the pair of targets, or the variant',
    row_kind Enum8('target' = 1, 'pair' = 2, 'variant' = 3) COMMENT 'pair = targets that have to be met together; variant = shown beside a target, without a say in its verdict',
    sector LowCardinality(String) COMMENT 'education or health',
    metric LowCardinality(String) COMMENT 'What is measured, as in the plan: count_share, value_share, use_share, …',
    title_vi String COMMENT 'The target in the words of the plan',
    comparator Enum8('>=' = 1, '>' = 2) COMMENT 'How the ratio is compared with the threshold',
    threshold_numerator Int64 COMMENT 'Threshold of the plan, numerator',
    threshold_denominator Int64 COMMENT 'Threshold of the plan, denominator',
    numerator Nullable(Int128) COMMENT 'Observed: only where the denominator is known; NULL = no data',
    denominator Nullable(Int128) COMMENT 'Observed: only where it is known; NULL = no data',
    low_numerator Nullable(Int128) COMMENT 'Lower bound; NULL = none',
    low_denominator Nullable(Int128) COMMENT 'Lower bound; NULL = none',
    high_numerator Nullable(Int128) COMMENT 'Upper bound; NULL = none',
    high_denominator Nullable(Int128) COMMENT 'Upper bound; NULL = none',
    display String COMMENT 'Observed in percent, truncated, as people read it; empty = no data',
    low_display String COMMENT 'Lower bound in percent; empty = none',
    high_display String COMMENT 'Upper bound in percent; empty = none',
    verdict Enum8('achieved' = 1, 'missed' = 2, 'undetermined' = 3) COMMENT 'From the bounds: đạt, không đạt, chưa đủ số liệu',
    reason LowCardinality(String) COMMENT 'Why the verdict is what it is',
    high_is_open UInt8 COMMENT '1 = money may be missing, so the upper bound bounds nothing',
    coverage_n UInt32 COMMENT 'Institutions whose denominators are all known',
    coverage_of UInt32 COMMENT 'Institutions of the population',
    coverage_weight UInt64 COMMENT 'Weight of the institutions whose denominators are all known',
    coverage_weight_of UInt64 COMMENT 'Weight of the population',
    weight_kind LowCardinality(String) COMMENT 'What is weighed: receipts, learners, visits or institutions',
    is_preliminary UInt8 COMMENT '1 = sơ bộ: too little weight is covered',
    imputed_n UInt32 COMMENT 'Institution-months whose cash was imputed, for bounds only',
    months_left UInt16 COMMENT 'Months of the target year that are still to come',
    required_display String COMMENT 'Share in percent that what is still to come needs, rounded up; above 100 = out of reach; empty = nothing is to come, or nothing can be said',
    required_institutions Nullable(UInt64) COMMENT 'Of a share of institutions: how many more are needed; NULL = not all of them together would do, or another kind of share',
    projected_display String COMMENT 'Projected share in percent at the end of the target year; empty = cannot be said',
    projection_basis String COMMENT 'What the projection rests on',
    payments_watermark Array(UInt64) COMMENT 'Highest version in the ledger before the data was read, by partition (first = 0); 0 = none. All before it is in the figures, save a batch that was being stored at that moment',
    received_until DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'Receipt of the newest event in the ledger before the data was read; 1970 = none',
    registry_version UInt32 COMMENT 'Registry version that was read',
    declarations_until DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the newest declaration that was read had been recorded; 1970 = none',
    evaluator_version LowCardinality(String) COMMENT 'Release of the evaluator',
    digest UInt64 COMMENT 'Digest of the result',
    is_active UInt8 COMMENT '1 = this version of the plan is the active one',
    verdict_vi String COMMENT 'The verdict in Vietnamese',
    ratio Nullable(Float64) COMMENT 'Numerator of denominator, for drawing; NULL = unknown',
    low_ratio Nullable(Float64) COMMENT 'Lower bound, for drawing; NULL = unknown',
    high_ratio Nullable(Float64) COMMENT 'Upper bound, for drawing; NULL = unknown',
    threshold_ratio Nullable(Float64) COMMENT 'What is to be reached, for drawing',
    coverage_share Nullable(Float64) COMMENT 'Share of institutions and months whose cash is known, for drawing',
    weighted_coverage_share Nullable(Float64) COMMENT 'The same by weight, for drawing; NULL = no weights'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH newest AS (
    -- A few rows a day, however often they changed.
    SELECT plan_id, plan_version, target_id, row_kind, max(evaluated_at)
    FROM target_progress_days
    GROUP BY plan_id, plan_version, target_id, row_kind)
SELECT
    p.* EXCEPT day,
    (plan_id, plan_version) IN (SELECT plan_id, plan_version FROM plans FINAL WHERE is_active) AS is_active,
    transform(toString(verdict), ['achieved', 'missed', 'undetermined'], ['đạt', 'không đạt', 'chưa đủ số liệu'], '') AS verdict_vi,
    toFloat64(numerator) / nullIf(toFloat64(denominator), 0) AS ratio,
    toFloat64(low_numerator) / nullIf(toFloat64(low_denominator), 0) AS low_ratio,
    toFloat64(high_numerator) / nullIf(toFloat64(high_denominator), 0) AS high_ratio,
    toFloat64(threshold_numerator) / nullIf(toFloat64(threshold_denominator), 0) AS threshold_ratio,
    coverage_n / nullIf(coverage_of, 0) AS coverage_share,
    coverage_weight / nullIf(coverage_weight_of, 0) AS weighted_coverage_share
FROM target_progress_days AS p
WHERE (plan_id, plan_version, target_id, row_kind, evaluated_at) IN (SELECT * FROM newest)
-- An insert that was repeated may have left a row twice.
LIMIT 1 BY plan_id, plan_version, target_id, row_kind
COMMENT 'The newest row of each target. Ratios are for drawing; numerators, denominators and the verdict are exact. is_active = the version of the plan that is evaluated'
