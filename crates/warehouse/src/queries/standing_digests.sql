-- Which state of each institution is stored?
SELECT CAST(plan_id AS String), institution_id, digest, evaluated_at FROM institution_standing FINAL
