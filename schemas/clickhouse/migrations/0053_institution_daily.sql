-- How much was paid cashless to each institution on each day, by source, method and class?
CREATE OR REPLACE VIEW institution_daily
(
    business_date Date COMMENT 'Local day on which the money arrived (ngày giao dịch)',
    is_known UInt8 COMMENT '1 = the registry knows whose account it is on that day',
    institution_id String COMMENT 'Institution (cơ sở), or UNKNOWN',
    institution_name String COMMENT 'Its name on that day',
    sector String COMMENT 'education or health; empty where the institution is not known',
    institution_type String COMMENT 'Type',
    ownership String COMMENT 'public or private',
    unit_code String COMMENT 'Administrative unit of the institution on that day',
    unit_name String COMMENT 'Name of the administrative unit',
    care_tier String COMMENT 'Level of care (tuyến), health only',
    scope String COMMENT 'core or extended; verdicts are on core',
    parent_id String COMMENT 'The institution it belongs to, or empty',
    source LowCardinality(String) COMMENT 'Who reported it (tổ chức cung ứng)',
    method Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid (phương thức)',
    class String COMMENT 'Class by the rules: fee_payment and deposit are counted; UNKNOWN without an owner, unknown without evidence',
    counted UInt8 COMMENT '1 = fee_payment or deposit',
    n Int64 COMMENT 'Payments (số giao dịch)',
    gross_dong Int128 COMMENT 'Their dong (giá trị)',
    refunds_n Int64 COMMENT 'Refunds that lower value on this day (hoàn tiền)',
    refunds_dong Int128 COMMENT 'Their dong, positive',
    refunds_excluded_n UInt8 COMMENT 'Refunds that lower nothing, since what they return never counted',
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
-- The newest registry version there can be: whatever is visible now.
SELECT * FROM institution_daily_as_of(registry_version = 4294967295)
COMMENT 'The figures, by the registry as it is now. counted = 1 for the classes fee_payment and deposit; institution UNKNOWN where the registry knows no owner; net_dong = gross of counted minus refunds'
