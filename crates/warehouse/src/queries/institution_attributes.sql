-- What is declared of institutions, from when to when, as known at a registry version?
SELECT institution_id, valid_from, valid_to, CAST(attribute AS String), CAST(value AS String), CAST(name AS String), ministry_listed,
       CAST(declared_by AS String), evidence
FROM (
    SELECT * FROM institution_attributes FINAL
    WHERE (registry_version, digest) IN (
    SELECT registry_version, digest FROM registry_versions FINAL WHERE registry_version <= {registry_version: UInt32})
    QUALIFY registry_version = max(registry_version) OVER (PARTITION BY institution_id))
WHERE removed = 0
ORDER BY institution_id, valid_from, attribute, value, name
