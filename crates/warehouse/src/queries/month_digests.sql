-- Which state of each institution and month is stored?
SELECT CAST(plan_id AS String), institution_id, month, digest, evaluated_at FROM institution_months FINAL
