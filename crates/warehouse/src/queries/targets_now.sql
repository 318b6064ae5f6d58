-- What does the newest row of each target and pair of the active plans say?
SELECT CAST(plan_id AS String), CAST(target_id AS String), CAST(row_kind AS String), CAST(metric AS String), CAST(comparator AS String),
       threshold_numerator, threshold_denominator,
       ifNull(toString(numerator), ''), ifNull(toString(denominator), ''),
       ifNull(toString(low_numerator), ''), ifNull(toString(low_denominator), ''),
       ifNull(toString(high_numerator), ''), ifNull(toString(high_denominator), ''),
       CAST(display AS String), CAST(low_display AS String), CAST(high_display AS String),
       CAST(verdict AS String), CAST(reason AS String), high_is_open,
       coverage_n, coverage_of, coverage_weight, coverage_weight_of, is_preliminary, imputed_n, months_left,
       CAST(required_display AS String), CAST(projected_display AS String), ifNull(toString(required_institutions), ''),
       CAST(title_vi AS String), CAST(projection_basis AS String)
FROM target_progress_now
WHERE is_active AND row_kind != 'variant'
ORDER BY plan_id, target_id
