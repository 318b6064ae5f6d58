-- How long is every change of a target kept? The last row of each day is in target_progress_days, for ever.
ALTER TABLE target_progress MODIFY TTL toDateTime(evaluated_at) + INTERVAL 90 DAY
