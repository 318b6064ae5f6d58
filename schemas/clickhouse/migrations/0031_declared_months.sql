-- Which revision of each declared month stands, and did the first one come in time?
CREATE OR REPLACE VIEW declared_months AS
SELECT
    institution_id,
    month,
    source,
    version,
    digest,
    cash_n,
    cash_dong,
    cash_refunds_dong,
    exported_methods,
    exported_n,
    exported_dong,
    arraySum(exported_n) AS exported_cashless_n,
    arraySum(exported_dong) AS exported_cashless_dong,
    signer_role,
    declared_at,
    recorded_at,
    channel,
    count() OVER declared AS revisions_n,
    min(recorded_at) OVER declared AS first_recorded_at,
    toDate(first_recorded_at) > addMonths(month, 1) + INTERVAL 4 DAY AS is_late
FROM cash_declarations FINAL
WINDOW declared AS (PARTITION BY institution_id, month, source)
QUALIFY row_number() OVER (
    PARTITION BY institution_id, month, source
    ORDER BY version DESC, recorded_at DESC, digest DESC
) = 1
COMMENT 'A row per institution, month and source: highest version, then received later, then larger digest. is_late = 1: the first one came after the 5th of the following month. A month without a row is missing, not zero'
