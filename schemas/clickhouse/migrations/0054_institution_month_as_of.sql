-- How much was paid cashless to each institution in each month, as known at a registry version: what views by month are made of?
CREATE OR REPLACE VIEW institution_month_as_of
(
    month Date COMMENT 'First day of the month',
    day Date COMMENT 'A day of the month; registry and units are the same on all days of the row as on this one',
    is_known UInt8 COMMENT '1 = the registry knows whose account it is',
    institution_id LowCardinality(String) COMMENT 'Institution (cơ sở), or UNKNOWN',
    institution_name LowCardinality(String) COMMENT 'Its name on that day',
    sector LowCardinality(String) COMMENT 'education or health',
    institution_type LowCardinality(String) COMMENT 'Type (loại hình)',
    ownership LowCardinality(String) COMMENT 'public (công lập) or private (ngoài công lập)',
    unit_code LowCardinality(String) COMMENT 'Administrative unit of the institution on that day',
    unit_name LowCardinality(String) COMMENT 'Its name as the institution''s row has it',
    care_tier LowCardinality(String) COMMENT 'Level of care (tuyến), health only',
    scope LowCardinality(String) COMMENT 'core or extended',
    parent_id LowCardinality(String) COMMENT 'The institution it belongs to, or empty',
    description UInt64 COMMENT 'Digest of the institution and its attributes above, as in resolved_identifiers_as_of; 0 where it is not known',
    source LowCardinality(String) COMMENT 'Who reported it; empty unless by = ''provider''',
    method Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid (phương thức); UNKNOWN unless by = ''method''',
    class LowCardinality(String) COMMENT 'As in institution_daily',
    counted UInt8 COMMENT '1 = fee_payment or deposit',
    n Int64 COMMENT 'Payments (số giao dịch)',
    gross_dong Int128 COMMENT 'Their dong (giá trị)',
    no_method_n Int64 COMMENT 'Payments of n of which nobody said how they were paid',
    no_method_dong Int128 COMMENT 'Their dong',
    refunds_n Int64 COMMENT 'Refunds that lower value in this month (hoàn tiền)',
    refunds_dong Int128 COMMENT 'Their dong, positive',
    refunds_excluded_n Int64 COMMENT 'Refunds that lower nothing, since what they return never counted',
    refunds_excluded_dong Int128 COMMENT 'Their dong',
    net_dong Int128 COMMENT 'Gross less refunds of what is counted; 0 of the rest',
    merged_n Int64 COMMENT 'Records of other sources of the same payments (trùng)',
    merged_dong Int128 COMMENT 'Their dong',
    voided_n Int64 COMMENT 'Payments taken back by their provider',
    voided_dong Int128 COMMENT 'Their dong',
    payer_name_n Int64 COMMENT 'Payments of n that carried the payer''s name',
    beneficiary_name_n Int64 COMMENT 'Payments of n that carried the beneficiary''s name',
    reason_n Int64 COMMENT 'Payments of n that carried a reason',
    invoice_ref_n Int64 COMMENT 'Payments of n that carried an invoice reference',
    all_fields_n Int64 COMMENT 'Payments of n that carried all four minimum fields',
    without_beneficiary_n Int64 COMMENT 'Payments of n that carried all but possibly the beneficiary''s name'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    -- The list of classes_as_of, by place: the same words as in excluded_refunds_as_of.
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
    -- A month is summed up before names are asked for, so for some hundred thousand rows instead of all cells. Only where an
    -- identifier, its institution or a unit changes within a month, in any version, does this month stay day by day.
    changes AS (
        SELECT DISTINCT identifier, toStartOfMonth(edge) AS month
        FROM (
            SELECT identifier, arrayJoin([valid_from, valid_to]) AS edge FROM identifiers
            UNION ALL
            SELECT d.identifier, arrayJoin([i.valid_from, i.valid_to])
            FROM identifiers AS d INNER JOIN institutions AS i ON i.institution_id = d.institution_id)
        WHERE edge != month AND edge != '2149-06-06'),
    unit_changes AS (
        SELECT toStartOfMonth(edge) AS month FROM units ARRAY JOIN [valid_from, valid_to] AS edge WHERE edge != month),
    cells AS (
        SELECT
            toStartOfMonth(business_date) AS month,
            if((identifier, month) IN (SELECT identifier, month FROM changes) OR month IN (SELECT month FROM unit_changes), business_date, month) AS day,
            if({by: String} = 'provider', source, toLowCardinality('')) AS of_source,
            if({by: String} = 'method', toInt8(method), 0) AS method_number,
            method = 'COUNTER_CASH' AS is_counter_cash,
            evidence != 0 AS has_evidence,
            *
        FROM account_daily FINAL),
    movements AS (
        SELECT
            month, day, identifier, of_source, method_number, is_counter_cash, kind, has_evidence,
            sum(c.n) AS n, sum(c.gross_dong) AS gross_dong,
            sumIf(c.n, c.method = 'UNKNOWN') AS no_method_n, sumIf(c.gross_dong, c.method = 'UNKNOWN') AS no_method_dong,
            sum(c.refunds_n) AS refunds_n, sum(c.refunds_dong) AS refunds_dong,
            0 AS refunds_excluded_n, toInt128(0) AS refunds_excluded_dong,
            sum(c.merged_n) AS merged_n, sum(c.merged_dong) AS merged_dong, sum(c.voided_n) AS voided_n, sum(c.voided_dong) AS voided_dong,
            sum(c.payer_name_n) AS payer_name_n, sum(c.beneficiary_name_n) AS beneficiary_name_n, sum(c.reason_n) AS reason_n,
            sum(c.invoice_ref_n) AS invoice_ref_n, sum(c.all_fields_n) AS all_fields_n, sum(c.without_beneficiary_n) AS without_beneficiary_n
        FROM cells AS c
        GROUP BY month, day, identifier, of_source, method_number, is_counter_cash, kind, has_evidence
        UNION ALL
        -- Cells know nothing of originals: what they subtract too much is given back here.
        SELECT
            toStartOfMonth(business_date), business_date, identifier, if({by: String} = 'provider', source, toLowCardinality('')),
            if({by: String} = 'method', toInt8(method), 0), method = 'COUNTER_CASH', kind, evidence != 0,
            0, toInt128(0), 0, toInt128(0), -1, -toInt128(amount_dong), 1, toInt128(amount_dong),
            0, toInt128(0), 0, toInt128(0), 0, 0, 0, 0, 0, 0
        FROM excluded_refunds_as_of(registry_version = {registry_version: UInt32}))
SELECT
    m.month AS month,
    m.day AS day,
    m.day < r.valid_to AS is_known,
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
    if(is_known, r.description, 0) AS description,
    m.of_source AS source,
    CAST(m.method_number, 'Enum8(\'UNKNOWN\' = 0, \'QR_TRANSFER\' = 1, \'QR_PAYMENT\' = 2, \'WEB_TRANSFER\' = 3, \'WEB_PAYMENT\' = 4, \'MOBILE_MONEY\' = 5, \'CARD_POS\' = 6, \'OTHER\' = 7, \'COUNTER_CASH\' = 8)') AS method,
    classes[(1 + toUInt16(m.kind) * 28 + m.is_counter_cash * 14
        + if(is_known, toUInt8(r.purpose), 0) * 2 + m.has_evidence) AS place] AS class,
    are_counted[place] AS counted,
    m.n AS n, m.gross_dong AS gross_dong, m.no_method_n AS no_method_n, m.no_method_dong AS no_method_dong,
    m.refunds_n AS refunds_n, m.refunds_dong AS refunds_dong,
    m.refunds_excluded_n AS refunds_excluded_n, m.refunds_excluded_dong AS refunds_excluded_dong,
    (m.gross_dong - m.refunds_dong) * counted AS net_dong,
    m.merged_n AS merged_n, m.merged_dong AS merged_dong, m.voided_n AS voided_n, m.voided_dong AS voided_dong,
    m.payer_name_n AS payer_name_n, m.beneficiary_name_n AS beneficiary_name_n, m.reason_n AS reason_n,
    m.invoice_ref_n AS invoice_ref_n, m.all_fields_n AS all_fields_n, m.without_beneficiary_n AS without_beneficiary_n
FROM movements AS m
ASOF LEFT JOIN resolved AS r ON m.identifier = r.identifier AND m.day >= r.valid_from
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'institution_daily_as_of by month, several rows of an institution: institution_month_as_of(registry_version = N, by = ''method''). Sources are kept apart by provider, methods by method, neither by anything else'
