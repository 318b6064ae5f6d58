-- Whose are the identifiers, from when to when, as known at a registry version?
SELECT identifier, valid_from, valid_to, toString(kind), CAST(provider AS String), tail, institution_id,
       toString(purpose), evidence
FROM (
    SELECT * FROM identifiers FINAL
    WHERE (registry_version, digest) IN (
    SELECT registry_version, digest FROM registry_versions FINAL WHERE registry_version <= {registry_version: UInt32})
    QUALIFY registry_version = max(registry_version) OVER (PARTITION BY identifier))
WHERE removed = 0
ORDER BY identifier, valid_from
