-- Which registry version is visible, and which is the next free one?
SELECT
    max(if(registry_version <= {registry_version: UInt32} AND is_version, registry_version, 0)),
    argMax(digest, if(registry_version <= {registry_version: UInt32} AND is_version, registry_version, 0)),
    max(registry_version)
FROM (
    SELECT registry_version, digest, 1 AS is_version FROM registry_versions FINAL
    UNION ALL SELECT max(registry_version), 0, 0 FROM institutions
    UNION ALL SELECT max(registry_version), 0, 0 FROM identifiers
    UNION ALL SELECT max(registry_version), 0, 0 FROM units
    UNION ALL SELECT max(registry_version), 0, 0 FROM institution_attributes
    UNION ALL SELECT max(registry_version), 0, 0 FROM connections
    UNION ALL SELECT max(registry_version), 0, 0 FROM payer_accounts
    UNION ALL SELECT max(registry_version), 0, 0 FROM successions
    UNION ALL SELECT max(registry_version), 0, 0 FROM indicators
    UNION ALL SELECT max(registry_version), 0, 0 FROM class_rules)
