-- What is wrong with the data, where, how much is it, and what is to be done?
CREATE OR REPLACE VIEW data_quality
(
    issue LowCardinality(String) COMMENT 'Kind of trouble',
    title_vi String COMMENT 'The same in Vietnamese',
    province_code LowCardinality(String) COMMENT 'Province (tỉnh), or UNKNOWN',
    province_name LowCardinality(String) COMMENT 'Its name',
    sector LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    source LowCardinality(String) COMMENT 'The bank or intermediary, where it is one''s trouble',
    n Int64 COMMENT 'How many: institution-months, payments, events or seconds, as the issue says',
    dong Int128 COMMENT 'Dong concerned, where money is',
    is_alarm UInt8 COMMENT '1 = figures are not to be published before this is looked at',
    to_do_vi String COMMENT 'What to do (việc cần làm)'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    (SELECT unknown_method_percent FROM view_settings) AS method_percent,
    (SELECT silent_after_seconds FROM view_settings) AS silent_after,
    by_place AS (
        SELECT
            province_code, province_name, sector,
            sum(n) AS payments,
            arrayJoin([
                ('missing_declaration', toInt64(countIf(is_active AND cash_dong IS NULL AND addMonths(month, 1) + INTERVAL 5 DAY <= today())), toInt128(sumIf(net_dong, is_active AND cash_dong IS NULL))),
                ('late_declaration', toInt64(countIf(is_late)), toInt128(sumIf(ifNull(cash_dong, toInt128(0)), is_late))),
                ('conflicting_declarations', toInt64(countIf(is_conflict)), toInt128(sumIf(ifNull(cash_dong, toInt128(0)), is_conflict))),
                ('numerator_gap', toInt64(countIf(is_numerator_gap)), toInt128(sumIf(ifNull(exported_dong, toInt128(0)) - gross_dong, is_numerator_gap))),
                ('outside_active_months', toInt64(sumIf(n, NOT is_active AND institution_id != 'UNKNOWN')), toInt128(sumIf(net_dong, NOT is_active AND institution_id != 'UNKNOWN'))),
                ('unresolved_account', toInt64(sumIf(unknown_n, institution_id = 'UNKNOWN')), toInt128(sumIf(unknown_dong, institution_id = 'UNKNOWN'))),
                ('unknown_class', toInt64(sumIf(unknown_n, institution_id != 'UNKNOWN')), toInt128(sumIf(unknown_dong, institution_id != 'UNKNOWN'))),
                ('unknown_method', toInt64(sum(no_method_n)), toInt128(sum(no_method_dong)))]) AS found
        FROM institution_cash_month
        GROUP BY province_code, province_name, sector),
    issues AS (
        SELECT
            found.1 AS issue, province_code, province_name, sector, '' AS source, found.2 AS n, found.3 AS dong,
            issue IN ('conflicting_declarations', 'numerator_gap', 'unresolved_account')
                OR issue = 'unknown_method' AND found.2 * 100 > payments * method_percent AS is_alarm
        FROM by_place
        UNION ALL
        SELECT 'silent_source', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', source, age_seconds, 0, 1
        FROM freshness WHERE age_seconds > silent_after AND source != 'undecodable'
        UNION ALL
        SELECT 'dead_letter', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', source, toInt64(events_dead_lettered), 0, 0
        FROM ledger_totals),
    [
        ('missing_declaration', 'Thiếu kê khai tiền mặt (cơ sở-tháng)', 'Nhắc cơ sở kê khai; không kê khai không có nghĩa là bằng 0'),
        ('late_declaration', 'Kê khai muộn (cơ sở-tháng)', 'Nhắc hạn: chậm nhất hết ngày 5 tháng sau'),
        ('conflicting_declarations', 'Kê khai mâu thuẫn với phần mềm trên 5% (cơ sở-tháng)', 'Đối chiếu phần mềm và bản kê khai, gửi lại bản đúng'),
        ('numerator_gap', 'Phần mềm ghi nhận thanh toán không dùng tiền mặt cao hơn số đã tính trên 2% (cơ sở-tháng)', 'Tìm và kết nối tổ chức cung ứng còn thiếu'),
        ('outside_active_months', 'Giao dịch ngoài tháng hoạt động của cơ sở', 'Kiểm tra ngày hiệu lực của cơ sở trong danh mục'),
        ('unresolved_account', 'Giao dịch vào tài khoản chưa có trong danh mục', 'Xem unresolved_accounts, bổ sung tài khoản vào danh mục'),
        ('unknown_class', 'Giao dịch chưa rõ loại', 'Xem unknown_class, yêu cầu gửi mã hóa đơn hoặc khai mục đích tài khoản'),
        ('unknown_method', 'Giao dịch không rõ phương thức', 'Yêu cầu tổ chức cung ứng gửi phương thức; cảnh báo khi trên 2%'),
        ('silent_source', 'Tổ chức cung ứng im lặng (giây)', 'Liên hệ tổ chức cung ứng; số liệu của họ đang thiếu'),
        ('dead_letter', 'Bản ghi trong nhật ký không đọc được', 'Xem lý do trong chủ đề dead-letters, báo bên gửi')
    ] AS words
SELECT
    issue,
    arrayFirst(word -> word.1 = issue, words).2 AS title_vi,
    province_code, province_name, sector, source, n, dong, is_alarm,
    arrayFirst(word -> word.1 = issue, words).3 AS to_do_vi
FROM issues
WHERE n != 0
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'A row per kind of trouble and place; no row = no such trouble. Over all months there are. What is wrong with single payments is in payments_to_check'
