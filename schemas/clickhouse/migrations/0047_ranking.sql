-- How do institutions rank within their band, and why is one not ranked?
CREATE OR REPLACE VIEW ranking AS
WITH named AS (
    SELECT institution_id, argMax(name, valid_from) AS institution_name, argMax(unit_name, valid_from) AS unit_name
    FROM (
        SELECT * FROM institutions FINAL
        WHERE (registry_version, digest) IN (SELECT registry_version, digest FROM registry_versions FINAL)
        QUALIFY registry_version = max(registry_version) OVER (PARTITION BY institution_id))
    WHERE removed = 0
    GROUP BY institution_id)
SELECT
    s.plan_id AS plan_id,
    s.plan_version AS plan_version,
    s.sector AS sector,
    s.institution_type AS institution_type,
    s.size_band AS size_band,
    s.rank AS rank,
    s.institution_id AS institution_id,
    named.institution_name AS institution_name,
    s.ownership AS ownership,
    s.scope AS scope,
    s.care_tier AS care_tier,
    s.managed_by AS managed_by,
    s.district_code AS district_code,
    s.unit_code AS unit_code,
    named.unit_name AS unit_name,
    s.score_millionths AS score_millionths,
    toDecimal64(s.score_millionths, 6) / 1000000 AS score,
    s.unranked_reason AS unranked_reason,
    s.count_display AS count_display,
    s.value_display AS value_display,
    toFloat64(s.count_low_numerator) / nullIf(toFloat64(s.count_low_denominator), 0) AS count_low_ratio,
    toFloat64(s.value_low_numerator) / nullIf(toFloat64(s.value_low_denominator), 0) AS value_low_ratio,
    s.methods_ready AS methods_ready,
    s.minfields_numerator AS minfields_numerator,
    s.minfields_denominator AS minfields_denominator,
    s.minfields_numerator / nullIf(s.minfields_denominator, 0) AS minfields_ratio,
    s.n AS n,
    s.net_dong AS net_dong,
    s.gross_dong AS gross_dong,
    s.cash_n AS cash_n,
    s.cash_dong AS cash_dong,
    s.months_used AS months_used,
    s.months_active AS months_active,
    s.months_declared_count AS months_declared_count,
    s.months_declared_value AS months_declared_value,
    s.uses AS uses,
    s.accepts AS accepts,
    s.has_platform AS has_platform,
    s.installed AS installed,
    s.is_active AS is_active,
    s.is_open AS is_open,
    s.evaluated_at AS evaluated_at
FROM institution_standing AS s FINAL
LEFT JOIN named ON named.institution_id = s.institution_id
COMMENT 'Institutions by plan, band and rank, on lower bounds; rank 0 = not ranked, and unranked_reason says why'
