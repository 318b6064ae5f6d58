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
    if(m.description = 0, 'UNKNOWN', d.institution_id) AS institution_id,
    d.institution_name AS institution_name, d.sector AS sector, d.institution_type AS institution_type, d.ownership AS ownership,
    d.unit_code AS unit_code, d.unit_name AS unit_name, d.care_tier AS care_tier, d.scope AS scope, d.parent_id AS parent_id,
    m.method AS method, m.class AS class, m.counted AS counted,
    m.n AS n, m.gross_dong AS gross_dong, m.refunds_n AS refunds_n, m.refunds_dong AS refunds_dong,
    m.refunds_excluded_n AS refunds_excluded_n, m.refunds_excluded_dong AS refunds_excluded_dong, m.net_dong AS net_dong,
    m.merged_n AS merged_n, m.merged_dong AS merged_dong, m.voided_n AS voided_n, m.voided_dong AS voided_dong,
    m.payer_name_n AS payer_name_n, m.beneficiary_name_n AS beneficiary_name_n, m.reason_n AS reason_n,
    m.invoice_ref_n AS invoice_ref_n, m.all_fields_n AS all_fields_n, m.without_beneficiary_n AS without_beneficiary_n
FROM (
    SELECT
        a.month AS month, a.description AS description, a.method AS method, a.class AS class, a.counted AS counted,
        sum(a.n) AS n, sum(a.gross_dong) AS gross_dong, sum(a.refunds_n) AS refunds_n, sum(a.refunds_dong) AS refunds_dong,
        sum(a.refunds_excluded_n) AS refunds_excluded_n, sum(a.refunds_excluded_dong) AS refunds_excluded_dong,
        sum(a.net_dong) AS net_dong, sum(a.merged_n) AS merged_n, sum(a.merged_dong) AS merged_dong,
        sum(a.voided_n) AS voided_n, sum(a.voided_dong) AS voided_dong, sum(a.payer_name_n) AS payer_name_n,
        sum(a.beneficiary_name_n) AS beneficiary_name_n, sum(a.reason_n) AS reason_n, sum(a.invoice_ref_n) AS invoice_ref_n,
        sum(a.all_fields_n) AS all_fields_n, sum(a.without_beneficiary_n) AS without_beneficiary_n
    FROM institution_month_as_of(registry_version = 4294967295, by = 'method') AS a
    GROUP BY month, description, method, class, counted) AS m
LEFT ANY JOIN resolved_identifiers_as_of(registry_version = 4294967295) AS d ON d.description = m.description
COMMENT 'institution_daily by month, over all sources'
