-- Which monthly figures may leave the house?
CREATE OR REPLACE VIEW published_month
(
    breakdown LowCardinality(String) COMMENT 'sector, unit, type, method or provider, as asked for',
    month Date COMMENT 'First day of the month',
    sector LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    part Enum8('counted' = 1, 'unknown_account' = 2, 'unknown_class' = 3) COMMENT 'As in institution_daily_parts; figures are of counted',
    cell String COMMENT 'Which unit (province/unit), type (type/ownership), family of methods or source; empty for the sector',
    cell_name String COMMENT 'Its name, where it has one',
    n Nullable(Int64) COMMENT 'Payments (số giao dịch); NULL = masked',
    gross_dong Nullable(Int128) COMMENT 'Their dong (giá trị); NULL = masked',
    refunds_dong Nullable(Int128) COMMENT 'Dong of refunds (hoàn tiền); NULL = masked',
    net_dong Nullable(Int128) COMMENT 'Gross less refunds of what is counted; NULL = masked',
    masked Enum8('no' = 0, 'small' = 1, 'complement' = 2) COMMENT 'small = fewer payments than view_settings.payments_min; complement = masked so that a small one cannot be computed from the total'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    (SELECT payments_min FROM view_settings) AS payments_min,
    cells AS (
        SELECT
            p.month AS month, p.sector AS sector, p.part AS part,
            -- The cells of unit_month, type_month, method_month, provider_month.
            multiIf(
                {breakdown: String} = 'unit', concat(if(u.valid_to > p.day, u.province_code, 'UNKNOWN'), '/', if(u.valid_to > p.day, u.unit_code, p.unit_code)),
                {breakdown: String} = 'type', concat(p.institution_type, '/', p.ownership),
                {breakdown: String} = 'method', transform(toInt8(p.method), [1, 2, 3, 4, 5, 6, 7], ['qr', 'qr', 'website', 'website', 'mobile_money', 'pos', 'other'], 'UNKNOWN'),
                {breakdown: String} = 'provider', toString(p.source),
                '') AS cell,
            multiIf({breakdown: String} != 'unit', '', u.valid_to > p.day, toString(u.unit_name), toString(p.unit_name)) AS cell_name,
            multiIf({breakdown: String} != 'unit' OR u.valid_to <= p.day, '', concat(u.province_name, '/', u.unit_level)) AS cell_place,
            {breakdown: String} AS breakdown,
            sum(p.n) AS cell_n, sum(p.gross_dong) AS cell_gross, sum(p.refunds_n) AS cell_refunds_n,
            sum(p.refunds_dong) AS cell_refunds, sum(p.net_dong) AS cell_net
        FROM institution_month_parts(by = {breakdown: String}) AS p
        ASOF LEFT JOIN unit_days AS u ON u.code = p.unit_code AND p.day >= u.valid_from
        WHERE {breakdown: String} IN ('sector', 'unit', 'type', 'method', 'provider')
        GROUP BY month, sector, part, cell, cell_name, cell_place),
    small AS (
        SELECT *, cell_n < payments_min AND (cell_n > 0 OR cell_refunds_n > 0) AS is_small FROM cells),
    neighbours AS (
        SELECT
            *,
            sum(is_small) OVER total AS small_cells,
            sum(cell_n * is_small) OVER total AS small_n,
            row_number() OVER (PARTITION BY breakdown, month, sector, part, is_small ORDER BY cell_n = 0, cell_n, cell) AS place
        FROM small
        WINDOW total AS (PARTITION BY breakdown, month, sector, part))
SELECT
    breakdown, month, sector, part, cell, cell_name,
    if(masked = 'no', cell_n, NULL) AS n,
    if(masked = 'no', cell_gross, NULL) AS gross_dong,
    if(masked = 'no', cell_refunds, NULL) AS refunds_dong,
    if(masked = 'no', cell_net, NULL) AS net_dong,
    CAST(multiIf(
        is_small, 1,
        -- Total less all others would give a single masked cell, or too few payments of several: the next smallest hides them.
        small_cells > 0 AND (small_cells = 1 OR small_n < payments_min) AND place = 1, 2,
        0), 'Enum8(\'no\' = 0, \'small\' = 1, \'complement\' = 2)') AS masked
FROM neighbours
COMMENT 'For export, published_month(breakdown = ''unit''): small cells are NULL, and within a breakdown, month, sector and part no small one can be computed from the total. Tables that cross breakdowns are not covered. Totals of an institution may be shown as they are'
