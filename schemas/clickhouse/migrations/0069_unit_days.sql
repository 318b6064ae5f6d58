-- To which unit under a province, and to which province, does an administrative unit belong on a day?
CREATE OR REPLACE VIEW unit_days
(
    code LowCardinality(String) COMMENT 'Code of the unit; codes are used again, so only code and day name one',
    valid_from Date COMMENT 'First local day of this answer',
    valid_to Date COMMENT 'First day on which it is over',
    level LowCardinality(String) COMMENT 'province, district or commune',
    name LowCardinality(String) COMMENT 'Name of the unit',
    unit_code LowCardinality(String) COMMENT 'The unit right under the province: a district (huyện) until 30 June 2025, a commune (xã, phường) since; of a province itself',
    unit_name LowCardinality(String) COMMENT 'Its name',
    unit_level LowCardinality(String) COMMENT 'Its level',
    province_code LowCardinality(String) COMMENT 'Province (tỉnh) on these days',
    province_name LowCardinality(String) COMMENT 'Its name'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    now AS (
        SELECT code, valid_from, valid_to, level, name, parent_code
        FROM (
            SELECT * FROM units FINAL
            WHERE (registry_version, digest) IN (SELECT registry_version, digest FROM registry_versions FINAL)
            QUALIFY registry_version = max(registry_version) OVER (PARTITION BY code))
        WHERE removed = 0),
    provinces AS (SELECT * FROM now WHERE level = 'province'),
    -- Intervals of a unit are cut where its parents' are.
    seconds AS (
        SELECT
            u.code AS code, greatest(u.valid_from, p.valid_from) AS valid_from, least(u.valid_to, p.valid_to) AS valid_to,
            u.level AS level, u.name AS name, p.code AS province_code, p.name AS province_name
        FROM now AS u INNER JOIN provinces AS p ON u.parent_code = p.code
        WHERE u.valid_from < p.valid_to AND p.valid_from < u.valid_to),
    thirds AS (
        SELECT
            u.code AS code, greatest(u.valid_from, s.valid_from) AS valid_from, least(u.valid_to, s.valid_to) AS valid_to,
            u.level AS level, u.name AS name, s.code AS unit_code, s.name AS unit_name, s.level AS unit_level,
            s.province_code AS province_code, s.province_name AS province_name
        FROM now AS u INNER JOIN seconds AS s ON u.parent_code = s.code
        WHERE u.valid_from < s.valid_to AND s.valid_from < u.valid_to)
SELECT code, valid_from, valid_to, level, name, code AS unit_code, name AS unit_name, level AS unit_level, code AS province_code, name AS province_name
FROM provinces
UNION ALL
SELECT code, valid_from, valid_to, level, name, code, name, level, province_code, province_name FROM seconds
UNION ALL
SELECT code, valid_from, valid_to, level, name, unit_code, unit_name, unit_level, province_code, province_name FROM thirds
COMMENT 'Units by day, as the registry is now. Ask with a day: valid_from <= day AND day < valid_to'
