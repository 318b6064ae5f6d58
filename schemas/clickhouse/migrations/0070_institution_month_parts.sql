-- How much was paid to each institution in each month, and how much of it can be credited to nobody or to no class?
CREATE OR REPLACE VIEW institution_month_parts
(
    month Date COMMENT 'First day of the month',
    day Date COMMENT 'A day of the month; registry and units are the same on all days of the row as on this one',
    part Enum8('counted' = 1, 'unknown_account' = 2, 'unknown_class' = 3) COMMENT 'counted = fee_payment and deposit; unknown_account = no institution is known for the account on that day; unknown_class = nothing says that it is a fee',
    institution_id LowCardinality(String) COMMENT 'Institution (cơ sở), or UNKNOWN',
    institution_name LowCardinality(String) COMMENT 'Its name on that day',
    sector LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    institution_type LowCardinality(String) COMMENT 'Type (loại hình), or UNKNOWN',
    ownership LowCardinality(String) COMMENT 'public (công lập), private (ngoài công lập) or UNKNOWN',
    unit_code LowCardinality(String) COMMENT 'Administrative unit of the institution on that day, or UNKNOWN',
    unit_name LowCardinality(String) COMMENT 'Its name as the institution''s row has it',
    source LowCardinality(String) COMMENT 'Who reported it (tổ chức cung ứng); empty unless by = ''provider''',
    method Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid (phương thức); UNKNOWN unless by = ''method''',
    n Int64 COMMENT 'Payments (số giao dịch)',
    gross_dong Int128 COMMENT 'Their dong (giá trị)',
    no_method_n Int64 COMMENT 'Payments of n of which nobody said how they were paid',
    no_method_dong Int128 COMMENT 'Their dong',
    refunds_n Int64 COMMENT 'Refunds that lower value in this month (hoàn tiền)',
    refunds_dong Int128 COMMENT 'Their dong, positive',
    net_dong Int128 COMMENT 'Gross less refunds of what is counted; 0 in the other parts',
    merged_n Int64 COMMENT 'Records of other sources of the same payments (trùng)',
    merged_dong Int128 COMMENT 'Their dong',
    voided_n Int64 COMMENT 'Payments taken back by their provider',
    all_fields_n Int64 COMMENT 'Payments of n that carried all four minimum fields',
    without_beneficiary_n Int64 COMMENT 'Payments of n that carried all but possibly the beneficiary''s name'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    month, day,
    CAST(if(counted, 1, if(is_known, 3, 2)), 'Enum8(\'counted\' = 1, \'unknown_account\' = 2, \'unknown_class\' = 3)') AS part,
    institution_id, institution_name,
    if(is_known, sector, 'UNKNOWN') AS sector,
    if(is_known, institution_type, 'UNKNOWN') AS institution_type,
    if(is_known, ownership, 'UNKNOWN') AS ownership,
    if(is_known, unit_code, 'UNKNOWN') AS unit_code,
    if(is_known, unit_name, 'UNKNOWN') AS unit_name,
    source, method,
    n, gross_dong, no_method_n, no_method_dong, refunds_n, refunds_dong, net_dong, merged_n, merged_dong, voided_n, all_fields_n,
    without_beneficiary_n
FROM institution_month_as_of(registry_version = 4294967295, by = {by: String})
WHERE counted OR class IN ('UNKNOWN', 'unknown')
COMMENT 'institution_daily_parts by month, several rows of an institution: institution_month_parts(by = ''method''). Sources are kept apart by provider, methods by method, neither by anything else'
