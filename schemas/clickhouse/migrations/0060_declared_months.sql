-- Which revision of each declared month stands, and did the first one come in time?
CREATE OR REPLACE VIEW declared_months
(
    institution_id String COMMENT 'The institution',
    month Date COMMENT 'First day of the month',
    source Enum8('system_export' = 1, 'declaration' = 2, 'invoice_total' = 3) COMMENT 'Who reports it',
    version UInt32 COMMENT 'Epoch << 48 | offset + 1 of the last event that changed any record of the payment; all its rows carry the same',
    digest UInt64 COMMENT 'Digest of what is declared',
    cash_n Nullable(Int64) COMMENT 'Declared cash receipts; NULL = none declared',
    cash_dong Int64 COMMENT 'Their dong less refunds; NULL = none declared',
    cash_refunds_dong Int64 COMMENT 'Dong given back in cash in the month',
    exported_methods Array(LowCardinality(String)) COMMENT 'Of a system_export: methods of what the software knows as cashless; UNKNOWN where only the total is told',
    exported_n Array(Int64) COMMENT 'Its payments, a number for each method',
    exported_dong Array(Int64) COMMENT 'Its dong, a number for each method',
    exported_cashless_n Int64 COMMENT 'Cashless payments by the institution\'s own software: sum of exported_n',
    exported_cashless_dong Int64 COMMENT 'Their dong: sum of exported_dong',
    signer_role String COMMENT 'Role of who answers for it (chức vụ), never a name',
    declared_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was declared, as the sender says',
    recorded_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When we received it first',
    channel LowCardinality(String) COMMENT 'Through whom: a source of the collector, or file',
    revisions_n UInt64 COMMENT 'Revisions there are of this month and source',
    first_recorded_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When we received the first of them',
    is_late UInt8 COMMENT '1 = the first revision came after the 5th of the following month (muộn)'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    institution_id,
    month,
    source,
    version,
    digest,
    cash_n,
    cash_dong,
    cash_refunds_dong,
    exported_methods,
    exported_n,
    exported_dong,
    arraySum(exported_n) AS exported_cashless_n,
    arraySum(exported_dong) AS exported_cashless_dong,
    signer_role,
    declared_at,
    recorded_at,
    channel,
    count() OVER declared AS revisions_n,
    min(recorded_at) OVER declared AS first_recorded_at,
    toDate(first_recorded_at) > addMonths(month, 1) + INTERVAL 4 DAY AS is_late
FROM cash_declarations FINAL
WINDOW declared AS (PARTITION BY institution_id, month, source)
QUALIFY row_number() OVER (
    PARTITION BY institution_id, month, source
    ORDER BY version DESC, recorded_at DESC, digest DESC
) = 1
COMMENT 'A row per institution, month and source: highest version, then received later, then larger digest. is_late = 1: the first one came after the 5th of the following month. A month without a row is missing, not zero'
