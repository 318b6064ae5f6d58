-- How much was paid cashless to each institution on each day, by source, method and class, as known at a registry version?
CREATE OR REPLACE VIEW institution_daily_as_of
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    -- The list of classes_as_of, by place: the same words as in excluded_refunds_as_of, since views in views take long to plan.
    (SELECT groupArray(class) FROM (
        SELECT arrayJoin(places) AS place, argMin(class, position) AS class FROM class_rules FINAL
        WHERE (registry_version, digest) = (
            SELECT max((registry_version, digest)) FROM class_rules
            WHERE registry_version = 0 OR (registry_version, digest) IN (
                SELECT registry_version, digest FROM registry_versions FINAL
                WHERE registry_version <= {registry_version: UInt32}))
        GROUP BY place ORDER BY place)) AS classes,
    arrayMap(class -> class IN ('fee_payment', 'deposit'), classes) AS are_counted,
    resolved AS (
        SELECT * FROM resolved_identifiers_as_of(registry_version = {registry_version: UInt32})),
    movements AS (
        SELECT
            business_date, identifier, source, method, kind, evidence,
            n, gross_dong, refunds_n, refunds_dong,
            0 AS refunds_excluded_n, toInt128(0) AS refunds_excluded_dong,
            merged_n, merged_dong, voided_n, voided_dong,
            payer_name_n, beneficiary_name_n, reason_n, invoice_ref_n, all_fields_n, without_beneficiary_n
        FROM account_daily FINAL
        UNION ALL
        -- Cells know nothing of originals: what they subtract too much is given back here.
        SELECT
            business_date, identifier, source, method, kind, evidence,
            0, toInt128(0), -1, -toInt128(amount_dong),
            1, toInt128(amount_dong),
            0, toInt128(0), 0, toInt128(0),
            0, 0, 0, 0, 0, 0
        FROM excluded_refunds_as_of(registry_version = {registry_version: UInt32}))
SELECT
    m.business_date AS business_date,
    m.business_date < r.valid_to AS is_known,
    if(is_known, r.institution_id, 'UNKNOWN') AS institution_id,
    if(is_known, r.institution_name, '') AS institution_name,
    if(is_known, r.sector, '') AS sector,
    if(is_known, r.institution_type, '') AS institution_type,
    if(is_known, r.ownership, '') AS ownership,
    if(is_known, r.unit_code, '') AS unit_code,
    if(is_known, r.unit_name, '') AS unit_name,
    if(is_known, r.care_tier, '') AS care_tier,
    if(is_known, r.scope, '') AS scope,
    if(is_known, r.parent_id, '') AS parent_id,
    m.source AS source,
    m.method AS method,
    -- The place of the combination: see class_rules. Looking it up costs less than a join.
    classes[(1 + toUInt16(m.kind) * 28 + (m.method = 'COUNTER_CASH') * 14
        + if(is_known, toUInt8(r.purpose), 0) * 2 + (m.evidence != 0)) AS place] AS class,
    -- class IN ('fee_payment', 'deposit'), in numbers: a sum that shows no class then makes no names of millions of rows.
    are_counted[place] AS counted,
    m.n AS n,
    m.gross_dong AS gross_dong,
    m.refunds_n AS refunds_n,
    m.refunds_dong AS refunds_dong,
    m.refunds_excluded_n AS refunds_excluded_n,
    m.refunds_excluded_dong AS refunds_excluded_dong,
    (m.gross_dong - m.refunds_dong) * counted AS net_dong,
    m.merged_n AS merged_n,
    m.merged_dong AS merged_dong,
    m.voided_n AS voided_n,
    m.voided_dong AS voided_dong,
    m.payer_name_n AS payer_name_n,
    m.beneficiary_name_n AS beneficiary_name_n,
    m.reason_n AS reason_n,
    m.invoice_ref_n AS invoice_ref_n,
    m.all_fields_n AS all_fields_n,
    m.without_beneficiary_n AS without_beneficiary_n
FROM movements AS m
ASOF LEFT JOIN resolved AS r ON m.identifier = r.identifier AND m.business_date >= r.valid_from
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'institution_daily as an earlier registry version gave it: institution_daily_as_of(registry_version = N)'
