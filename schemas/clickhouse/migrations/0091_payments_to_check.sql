-- Which payments are to be looked at one by one, where, how many, and what is to be done?
CREATE OR REPLACE VIEW payments_to_check
(
    issue LowCardinality(String) COMMENT 'Kind of trouble',
    title_vi String COMMENT 'The same in Vietnamese',
    province_code LowCardinality(String) COMMENT 'Province (tỉnh), or UNKNOWN',
    province_name LowCardinality(String) COMMENT 'Its name',
    sector LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    source LowCardinality(String) COMMENT 'The bank or intermediary that reports them',
    n Int64 COMMENT 'How many payments or refunds',
    dong Int128 COMMENT 'Their dong',
    to_do_vi String COMMENT 'What to do (việc cần làm)'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    (SELECT max(business_date) FROM account_daily) AS newest_day,
    decided AS (
        SELECT
            business_date, identifier, source, record, amount_dong, status, received_at, merged_into, decided_at,
            bitTest(present, 7) AS is_merged, decided_kind != 'none' OR bitTest(present, 8) AS is_told_otherwise
        FROM payments FINAL
        -- Before the merge of versions: a person's decision is never taken out, so no newer row lacks one.
        PREWHERE decided_by = 'person'),
    -- The place is that of their institution on their day.
    found_of_identifiers AS (
        SELECT 'orphan_refund' AS issue, business_date, toFixedString(unhex(identifier), 16) AS identifier, source, toInt64(1) AS n, toInt128(amount_dong) AS dong
        FROM orphan_refunds
        UNION ALL
        SELECT 'possible_double_payment', business_date, toFixedString(unhex(identifier), 16), source, toInt64(n), dong
        FROM possible_double_payments
        WHERE business_date > newest_day - 31
        UNION ALL
        SELECT 'changed_after_decision', business_date, identifier, toString(source), toInt64(1), toInt128(amount_dong)
        FROM decided
        WHERE (is_merged OR record IN (SELECT merged_into FROM decided WHERE is_merged) OR is_told_otherwise)
            AND (status = 'voided' OR received_at > decided_at)),
    found_of_institutions AS (
        SELECT
            f.issue AS issue, f.business_date AS business_date, f.source AS source, f.n AS n, f.dong AS dong,
            if(f.business_date < r.valid_to, toString(r.sector), 'UNKNOWN') AS sector,
            if(f.business_date < r.valid_to, toString(r.unit_code), '') AS unit_code
        FROM found_of_identifiers AS f
        ASOF LEFT JOIN (
            SELECT identifier, valid_from, valid_to, sector, unit_code FROM resolved_identifiers_as_of(registry_version = 4294967295)) AS r
            ON r.identifier = f.identifier AND f.business_date >= r.valid_from
        UNION ALL
        SELECT
            'ambiguous_duplicate', w.business_date, w.source, toInt64(1), toInt128(w.amount_dong),
            if(w.business_date < i.valid_to, toString(i.sector), 'UNKNOWN'),
            if(w.business_date < i.valid_to, toString(i.unit_code), '')
        FROM (
            SELECT business_date, toString(institution_id) AS institution_id, source, amount_dong FROM weak_candidates WHERE counted) AS w
        ASOF LEFT JOIN (
            SELECT institution_id, valid_from, valid_to, sector, unit_code FROM institutions FINAL
            WHERE (registry_version, digest) IN (SELECT registry_version, digest FROM registry_versions FINAL)
            QUALIFY registry_version = max(registry_version) OVER (PARTITION BY institution_id)) AS i
            ON i.institution_id = w.institution_id AND w.business_date >= i.valid_from),
    [
        ('orphan_refund', 'Hoàn tiền không thấy giao dịch gốc', 'Yêu cầu tổ chức cung ứng gửi giao dịch gốc'),
        ('possible_double_payment', 'Có thể thanh toán hai lần (31 ngày gần nhất)', 'Báo cơ sở kiểm tra và hoàn tiền nếu đúng'),
        ('changed_after_decision', 'Giao dịch được báo thay đổi sau khi đã có người quyết định', 'Xem standing_decisions; lấy lại bằng cashless decisions undo rồi quyết định lại'),
        ('ambiguous_duplicate', 'Giao dịch có thể được báo hai lần, chưa rõ trùng với giao dịch nào', 'Xem weak_candidates; xác định bằng cashless decisions hoặc yêu cầu gửi mã tham chiếu')
    ] AS words
SELECT
    f.issue AS issue,
    arrayFirst(word -> word.1 = issue, words).2 AS title_vi,
    if(f.business_date < u.valid_to, toString(u.province_code), 'UNKNOWN') AS province_code,
    if(f.business_date < u.valid_to, toString(u.province_name), 'UNKNOWN') AS province_name,
    f.sector AS sector, f.source AS source, sum(f.n) AS n, sum(f.dong) AS dong,
    arrayFirst(word -> word.1 = issue, words).3 AS to_do_vi
FROM found_of_institutions AS f
ASOF LEFT JOIN unit_days AS u ON u.code = f.unit_code AND f.business_date >= u.valid_from
GROUP BY issue, province_code, province_name, sector, source
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'Beside data_quality, from single payments: a row per kind of trouble, place and source; no row = no such trouble. Double payments of the last 31 days'
