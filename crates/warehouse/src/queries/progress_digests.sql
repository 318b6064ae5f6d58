-- What was appended last for each target of each plan?
-- The days forget nothing, and a row whose copy was lost is appended again. Copies come a moment after their rows, so what
-- was appended within a minute is looked at as well: else two trackers would say the same twice.
SELECT CAST(plan_id AS String), plan_version, CAST(target_id AS String), row_kind, argMax(digest, evaluated_at), max(evaluated_at)
FROM (
    SELECT plan_id, plan_version, target_id, row_kind, digest, evaluated_at FROM target_progress_days
    UNION ALL
    SELECT plan_id, plan_version, target_id, row_kind, digest, evaluated_at FROM target_progress
    WHERE evaluated_at > now64(6) - INTERVAL 1 MINUTE)
GROUP BY plan_id, plan_version, target_id, row_kind
