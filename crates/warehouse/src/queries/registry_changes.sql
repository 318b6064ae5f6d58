-- Who changed the registry, when and why?
SELECT registry_version, applied_at, applied_by, note
FROM registry_versions FINAL
WHERE registry_version <= {registry_version: UInt32}
ORDER BY registry_version
