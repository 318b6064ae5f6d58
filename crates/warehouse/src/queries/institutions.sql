-- Which institutions are there, from when to when, as known at a registry version?
SELECT institution_id, valid_from, valid_to, name, CAST(sector AS String), CAST(institution_type AS String),
       CAST(ownership AS String), CAST(care_tier AS String), CAST(scope AS String), CAST(unit_code AS String),
       CAST(unit_name AS String), parent_id, CAST(status AS String), learners, beds, fee_collecting,
       visits, CAST(managed_by AS String)
FROM (
    SELECT * FROM institutions FINAL
    WHERE (registry_version, digest) IN (
    SELECT registry_version, digest FROM registry_versions FINAL WHERE registry_version <= {registry_version: UInt32})
    QUALIFY registry_version = max(registry_version) OVER (PARTITION BY institution_id))
WHERE removed = 0
ORDER BY institution_id, valid_from
