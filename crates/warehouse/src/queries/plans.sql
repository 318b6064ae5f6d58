-- Which plans are there, in which versions?
SELECT plan_id, plan_version, digest, document, is_active, applied_at, applied_by, note
FROM plans FINAL
ORDER BY plan_id, plan_version
