-- Whose are the paying accounts, from when to when, as known at a registry version?
SELECT account, valid_from, valid_to, CAST(kind AS String), CAST(provider AS String), tail, evidence
FROM (
    SELECT * FROM payer_accounts FINAL
    WHERE (registry_version, digest) IN (
    SELECT registry_version, digest FROM registry_versions FINAL WHERE registry_version <= {registry_version: UInt32})
    QUALIFY registry_version = max(registry_version) OVER (PARTITION BY account))
WHERE removed = 0
ORDER BY account, valid_from
