-- Which units are there, from when to when, as known at a registry version?
SELECT CAST(code AS String), valid_from, valid_to, CAST(level AS String), CAST(name AS String), CAST(parent_code AS String)
FROM (
    SELECT * FROM units FINAL
    WHERE (registry_version, digest) IN (
    SELECT registry_version, digest FROM registry_versions FINAL WHERE registry_version <= {registry_version: UInt32})
    QUALIFY registry_version = max(registry_version) OVER (PARTITION BY code))
WHERE removed = 0
ORDER BY code, valid_from
