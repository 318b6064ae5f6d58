-- What was appended last for each target of each plan?
-- By the days, which forget nothing: a row whose copy was lost is then appended again.
SELECT CAST(plan_id AS String), plan_version, CAST(target_id AS String), row_kind, argMax(digest, evaluated_at), max(evaluated_at)
FROM target_progress_days
WHERE (plan_id, plan_version, target_id, row_kind, evaluated_at) IN (
    SELECT plan_id, plan_version, target_id, row_kind, max(evaluated_at)
    FROM target_progress_days
    GROUP BY plan_id, plan_version, target_id, row_kind)
GROUP BY plan_id, plan_version, target_id, row_kind
