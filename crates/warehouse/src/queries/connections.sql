-- Which providers are connected, from when to when, as known at a registry version?
SELECT CAST(provider AS String), valid_from, valid_to, CAST(state AS String), evidence
FROM (
    SELECT * FROM connections FINAL
    WHERE (registry_version, digest) IN (
    SELECT registry_version, digest FROM registry_versions FINAL WHERE registry_version <= {registry_version: UInt32})
    QUALIFY registry_version = max(registry_version) OVER (PARTITION BY provider))
WHERE removed = 0
ORDER BY provider, valid_from
