-- Which rules decide the class, as known at a registry version?
CREATE OR REPLACE VIEW class_rules_as_of
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT registry_version, position, kind, counter_cash, owner_known, purpose, evidence, class, places
FROM class_rules FINAL
WHERE (registry_version, digest) = (
    SELECT max((registry_version, digest)) FROM class_rules
    WHERE registry_version = 0 OR (registry_version, digest) IN (
        SELECT registry_version, digest FROM registry_versions FINAL
        WHERE registry_version <= {registry_version: UInt32}))
ORDER BY position
COMMENT 'From the top, the first that matches decides: class_rules_as_of(registry_version = N)'
