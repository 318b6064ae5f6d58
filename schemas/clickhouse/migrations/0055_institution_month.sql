-- How much was paid cashless to each institution in each month, by method and class?
CREATE OR REPLACE VIEW institution_month
(
    month Date COMMENT 'First day of the month',
    institution_id String COMMENT 'Institution (cơ sở), or UNKNOWN',
    institution_name String COMMENT 'Its name on the day of payment',
    sector String COMMENT 'education or health; empty where the institution is not known',
    institution_type String COMMENT 'Type',
    ownership String COMMENT 'public or private',
    unit_code String COMMENT 'Administrative unit of the institution on the day of payment',
    unit_name String COMMENT 'Name of the administrative unit',
    care_tier String COMMENT 'Level of care (tuyến), health only',
    scope String COMMENT 'core or extended; verdicts are on core',
    parent_id String COMMENT 'The institution it belongs to, or empty',
    method Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid (phương thức)',
    class String COMMENT 'Class by the rules, as in institution_daily',
    counted UInt8 COMMENT '1 = fee_payment or deposit',
    n Int64 COMMENT 'Payments (số giao dịch)',
    gross_dong Int128 COMMENT 'Their dong (giá trị)',
    refunds_n Int64 COMMENT 'Refunds that lower value in this month (hoàn tiền)',
    refunds_dong Int128 COMMENT 'Their dong, positive',
    refunds_excluded_n UInt64 COMMENT 'Refunds that lower nothing, since what they return never counted',
    refunds_excluded_dong Int128 COMMENT 'Their dong',
    net_dong Int128 COMMENT 'Gross less refunds of what is counted; 0 of the rest',
    merged_n Int64 COMMENT 'Records of other sources of the same payments (trùng)',
    merged_dong Int128 COMMENT 'Their dong',
    voided_n Int64 COMMENT 'Payments taken back by their provider',
    voided_dong Int128 COMMENT 'Their dong',
    payer_name_n Int64 COMMENT 'Payments of n that carried the payer\'s name',
    beneficiary_name_n Int64 COMMENT 'Payments of n that carried the beneficiary\'s name',
    reason_n Int64 COMMENT 'Payments of n that carried a reason',
    invoice_ref_n Int64 COMMENT 'Payments of n that carried an invoice reference',
    all_fields_n Int64 COMMENT 'Payments of n that carried all four minimum fields',
    without_beneficiary_n Int64 COMMENT 'Payments of n that carried all but possibly the beneficiary\'s name'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    m.month AS month,
    institution_id, institution_name, sector, institution_type, ownership, unit_code, unit_name,
    care_tier, scope, parent_id, method, class, counted,
    sum(m.n) AS n, sum(m.gross_dong) AS gross_dong,
    sum(m.refunds_n) AS refunds_n, sum(m.refunds_dong) AS refunds_dong,
    sum(m.refunds_excluded_n) AS refunds_excluded_n, sum(m.refunds_excluded_dong) AS refunds_excluded_dong,
    sum(m.net_dong) AS net_dong,
    sum(m.merged_n) AS merged_n, sum(m.merged_dong) AS merged_dong,
    sum(m.voided_n) AS voided_n, sum(m.voided_dong) AS voided_dong,
    sum(m.payer_name_n) AS payer_name_n, sum(m.beneficiary_name_n) AS beneficiary_name_n, sum(m.reason_n) AS reason_n,
    sum(m.invoice_ref_n) AS invoice_ref_n, sum(m.all_fields_n) AS all_fields_n,
    sum(m.without_beneficiary_n) AS without_beneficiary_n
FROM institution_month_as_of(registry_version = 4294967295, by = 'method') AS m
GROUP BY month, institution_id, institution_name, sector, institution_type, ownership, unit_code, unit_name,
         care_tier, scope, parent_id, method, class, counted
COMMENT 'institution_daily by month, over all sources'
