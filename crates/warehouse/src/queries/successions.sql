-- What happened to institutions, as known at a registry version?
SELECT from_institution_id, valid_from, valid_to, CAST(event AS String), to_institution_id, evidence
FROM (
    SELECT * FROM successions FINAL
    WHERE (registry_version, digest) IN (
    SELECT registry_version, digest FROM registry_versions FINAL WHERE registry_version <= {registry_version: UInt32})
    QUALIFY registry_version = max(registry_version) OVER (PARTITION BY from_institution_id))
WHERE removed = 0
ORDER BY from_institution_id, valid_from, event, to_institution_id
