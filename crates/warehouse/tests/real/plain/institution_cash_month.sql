-- What did each institution receive cashless and in cash in each month, and is the cash known?
CREATE OR REPLACE VIEW plain
(
    month Date COMMENT 'First day of the month',
    institution_id String COMMENT 'Institution (cơ sở); UNKNOWN = accounts of no known institution',
    institution_name String COMMENT 'Its name on the first of the month, or at the end of the one in which it was opened; empty if the registry has it on neither',
    sector LowCardinality(String) COMMENT 'education, health or UNKNOWN, on the same day as the name',
    province_code LowCardinality(String) COMMENT 'Province (tỉnh) of its unit on that day, or UNKNOWN',
    province_name LowCardinality(String) COMMENT 'Its name',
    is_active UInt8 COMMENT '1 = in the registry and active on the first of the month: it has to declare',
    n Int64 COMMENT 'Counted cashless payments',
    gross_dong Int128 COMMENT 'Their dong',
    net_dong Int128 COMMENT 'Their dong less refunds',
    unknown_n Int64 COMMENT 'Payments that are in no figure: of an unknown account (institution UNKNOWN) or of an unknown class',
    unknown_dong Int128 COMMENT 'Their dong',
    no_method_n Int64 COMMENT 'Counted payments of which nobody said how they were paid',
    no_method_dong Int128 COMMENT 'Their dong',
    cash_n Nullable(Int64) COMMENT 'Declared cash receipts (phiếu thu tiền mặt); NULL = not declared, which is not zero',
    cash_dong Nullable(Int128) COMMENT 'Their dong less cash refunds; NULL = not declared',
    cash_n_source LowCardinality(String) COMMENT 'Where the number is from: system_export before declaration; empty = nowhere',
    cash_dong_source LowCardinality(String) COMMENT 'Where the value is from: system_export before declaration before invoice_total; empty = nowhere',
    is_late UInt8 COMMENT '1 = the first declaration came after the 5th of the following month (muộn)',
    is_conflict UInt8 COMMENT '1 = export and declaration differ by more than 5% of the larger value (mâu thuẫn)',
    exported_dong Nullable(Int128) COMMENT 'Cashless dong by the institution''s own software; NULL = no export tells any',
    is_numerator_gap UInt8 COMMENT '1 = the export has over 2% more cashless dong than net_dong: some provider is not connected'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    registered AS (
        SELECT institution_id, valid_from, valid_to, name, sector, unit_code, status
        FROM (
            SELECT * FROM institutions FINAL
            WHERE (registry_version, digest) IN (SELECT registry_version, digest FROM registry_versions FINAL)
            QUALIFY registry_version = max(registry_version) OVER (PARTITION BY institution_id))
        WHERE removed = 0),
    months AS (
        SELECT arrayJoin(arrayMap(i -> addMonths(first, i), range(toUInt32(dateDiff('month', first, last)) + 1))) AS month
        FROM (SELECT toStartOfMonth(min(business_date)) AS first, toStartOfMonth(max(business_date)) AS last FROM account_daily)),
    cashless AS (
        SELECT
            toStartOfMonth(business_date) AS month, institution_id,
            sumIf(n, part = 'counted') AS counted_n, sumIf(gross_dong, part = 'counted') AS counted_gross,
            sum(net_dong) AS counted_net,
            sumIf(n, part != 'counted') AS other_n, sumIf(gross_dong, part != 'counted') AS other_dong,
            sumIf(n, part = 'counted' AND method = 'UNKNOWN') AS without_method_n,
            sumIf(gross_dong, part = 'counted' AND method = 'UNKNOWN') AS without_method_dong
        FROM institution_daily_parts
        GROUP BY month, institution_id),
    declared AS (
        SELECT
            month, institution_id,
            max(source = 'system_export') AS has_export,
            max(source = 'declaration') AS has_declaration,
            max(source = 'invoice_total') AS has_invoices,
            anyIf(cash_n, source = 'system_export') AS export_n,
            anyIf(cash_n, source = 'declaration') AS declaration_n,
            anyIf(toInt128(cash_dong) - cash_refunds_dong, source = 'system_export') AS export_dong,
            anyIf(toInt128(cash_dong) - cash_refunds_dong, source = 'declaration') AS declaration_dong,
            anyIf(toInt128(cash_dong), source = 'invoice_total') AS invoices_dong,
            anyIf(toInt128(cash_refunds_dong), source = 'invoice_total') AS invoices_refunds_dong,
            max(source = 'system_export' AND notEmpty(exported_methods)) AS has_exported,
            toInt128(anyIf(exported_cashless_dong, source = 'system_export')) AS exported_sum,
            min(first_recorded_at) AS first_at
        FROM declared_months
        GROUP BY month, institution_id),
    -- Every institution and month there is: paid, declared or due. One reading of each.
    sides AS (
        SELECT
            month, toString(institution_id) AS institution_id, counted_n, counted_gross, counted_net, other_n, other_dong,
            without_method_n, without_method_dong,
            CAST([], 'Array(Tuple(UInt8, UInt8, UInt8, Nullable(Int64), Nullable(Int64), Int128, Int128, Int128, Int128, UInt8, Int128,
                DateTime64(6, \'Asia/Ho_Chi_Minh\')))') AS declaration
        FROM cashless
        UNION ALL
        SELECT
            month, institution_id, 0, 0, 0, 0, 0, 0, 0,
            [(has_export, has_declaration, has_invoices, export_n, declaration_n, export_dong, declaration_dong, invoices_dong,
                invoices_refunds_dong, has_exported, exported_sum, first_at)]
        FROM declared
        UNION ALL
        SELECT months.month, registered.institution_id, 0, 0, 0, 0, 0, 0, 0, []
        FROM registered CROSS JOIN months
        WHERE registered.status = 'active' AND registered.valid_from <= months.month AND months.month < registered.valid_to),
    joined AS (
        SELECT
            month, institution_id,
            sum(counted_n) AS n, sum(counted_gross) AS gross_dong, sum(counted_net) AS net_dong,
            sum(other_n) AS unknown_n, sum(other_dong) AS unknown_dong,
            sum(without_method_n) AS no_method_n, sum(without_method_dong) AS no_method_dong,
            CAST(groupArrayArray(declaration)[1], 'Tuple(has_export UInt8, has_declaration UInt8, has_invoices UInt8,
                export_n Nullable(Int64), declaration_n Nullable(Int64), export_dong Int128, declaration_dong Int128,
                invoices_dong Int128, invoices_refunds_dong Int128, has_exported UInt8, exported_sum Int128, first_at DateTime64(6, \'Asia/Ho_Chi_Minh\'))') AS d
        FROM sides
        GROUP BY month, institution_id),
    described AS (
        SELECT
            j.month AS month, j.institution_id AS institution_id, j.n AS n, j.gross_dong AS gross_dong, j.net_dong AS net_dong,
            j.unknown_n AS unknown_n, j.unknown_dong AS unknown_dong, j.no_method_n AS no_method_n, j.no_method_dong AS no_method_dong,
            j.d AS d,
            j.month < r.valid_to AS is_registered,
            -- One that was opened within the month is what it was at the end of it.
            NOT is_registered AND j.month < l.valid_to AS is_new,
            multiIf(is_registered, r.name, is_new, l.name, '') AS institution_name,
            multiIf(is_registered, toString(r.sector), is_new, toString(l.sector), 'UNKNOWN') AS sector,
            multiIf(is_registered, toString(r.unit_code), is_new, toString(l.unit_code), 'UNKNOWN') AS unit_code,
            is_registered AND r.status = 'active' AS is_active
        FROM joined AS j
        ASOF LEFT JOIN registered AS r ON r.institution_id = j.institution_id AND j.month >= r.valid_from
        ASOF LEFT JOIN registered AS l ON l.institution_id = j.institution_id AND toLastDayOfMonth(j.month) >= l.valid_from)
SELECT
    i.month AS month, i.institution_id AS institution_id, i.institution_name AS institution_name, i.sector AS sector,
    if(i.month < u.valid_to, toString(u.province_code), 'UNKNOWN') AS province_code,
    if(i.month < u.valid_to, toString(u.province_name), 'UNKNOWN') AS province_name,
    i.is_active AS is_active,
    i.n AS n, i.gross_dong AS gross_dong, i.net_dong AS net_dong, i.unknown_n AS unknown_n, i.unknown_dong AS unknown_dong,
    i.no_method_n AS no_method_n, i.no_method_dong AS no_method_dong,
    multiIf(i.d.has_export, i.d.export_n, i.d.has_declaration, i.d.declaration_n, NULL) AS cash_n,
    multiIf(i.d.has_export, i.d.export_dong, i.d.has_declaration, i.d.declaration_dong,
        -- Invoices tell the whole: what was not cashless was cash. No greatest: ClickHouse, once it has compiled it, takes
        -- Int128 for a number without a sign.
        i.d.has_invoices, if(i.d.invoices_dong > i.net_dong, i.d.invoices_dong - i.net_dong, toInt128(0)) - i.d.invoices_refunds_dong,
        NULL) AS cash_dong,
    multiIf(i.d.has_export, 'system_export', i.d.has_declaration, 'declaration', '') AS cash_n_source,
    multiIf(i.d.has_export, 'system_export', i.d.has_declaration, 'declaration', i.d.has_invoices, 'invoice_total', '') AS cash_dong_source,
    (i.d.has_export OR i.d.has_declaration OR i.d.has_invoices)
        AND toDate(i.d.first_at, 'Asia/Ho_Chi_Minh') > addMonths(i.month, 1) + INTERVAL 4 DAY AS is_late,
    i.d.has_export AND i.d.has_declaration
        AND toInt128(abs(i.d.export_dong - i.d.declaration_dong)) * 20
            > if(abs(i.d.export_dong) > abs(i.d.declaration_dong), toInt128(abs(i.d.export_dong)), toInt128(abs(i.d.declaration_dong))) AS is_conflict,
    if(i.d.has_exported, i.d.exported_sum, NULL) AS exported_dong,
    i.d.has_exported AND i.d.exported_sum > 0 AND (i.d.exported_sum - i.net_dong) * 50 > i.d.exported_sum AS is_numerator_gap
FROM described AS i
ASOF LEFT JOIN unit_days AS u ON u.code = i.unit_code AND i.month >= u.valid_from
COMMENT 'Every month in which an institution was active, paid or declared. Bounds, imputed cash and verdicts are the tracker''s'
