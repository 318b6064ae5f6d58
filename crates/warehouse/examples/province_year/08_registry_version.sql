-- What makes the rows visible.
INSERT INTO registry_versions (registry_version, digest, applied_at, applied_by, note, institutions_changed, identifiers_changed)
VALUES (1, 1, now64(6), 'measure_views', 'synthetic', 2700, 3900)
