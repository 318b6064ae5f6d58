-- One province of 27 districts, which became 166 communes on 1 July 2025.
INSERT INTO units (code, registry_version, digest, valid_from, valid_to, removed, level, name, parent_code, recorded_at)
SELECT '38', 1, 1, '2020-01-01', '2149-06-06', 0, 'province', 'Tỉnh', '', now64(6)
UNION ALL
SELECT toString(380 + number), 1, 1, '2020-01-01', '2025-07-01', 0, 'district', concat('Huyện ', toString(380 + number)), '38', now64(6) FROM numbers(27)
UNION ALL
SELECT toString(14000 + number), 1, 1, '2025-07-01', '2149-06-06', 0, 'commune', concat('Xã ', toString(14000 + number)), '38', now64(6) FROM numbers(166)
