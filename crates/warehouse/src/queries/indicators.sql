-- Which figures are typed, from when to when, as known at a registry version?
SELECT CAST(target_id AS String), valid_from, valid_to, numerator, denominator, CAST(declared_by AS String), evidence
FROM (
    SELECT * FROM indicators FINAL
    WHERE (registry_version, digest) IN (
    SELECT registry_version, digest FROM registry_versions FINAL WHERE registry_version <= {registry_version: UInt32})
    QUALIFY registry_version = max(registry_version) OVER (PARTITION BY target_id))
WHERE removed = 0
ORDER BY target_id, valid_from
