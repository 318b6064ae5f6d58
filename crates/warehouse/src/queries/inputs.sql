-- What do the registry and the declarations look like from afar: has anything in them changed?
SELECT registry.version, registry.change, declarations.stored, declarations.newest
FROM (SELECT max(registry_version) AS version, argMax(digest, registry_version) AS change FROM registry_versions FINAL) AS registry,
     (SELECT count() AS stored, max(recorded_at) AS newest FROM cash_declarations) AS declarations
