-- How much was paid per day, account, identifier, source, method, kind and evidence?
CREATE TABLE IF NOT EXISTS account_daily
(
    partition UInt16 CODEC(ZSTD(1)) COMMENT 'Partition of the log that the account belongs to',
    business_date Date CODEC(ZSTD(1)) COMMENT 'Local day of settlement',
    account FixedString(16) CODEC(ZSTD(1)) COMMENT 'Receiving account, keyed digest',
    identifier FixedString(16) CODEC(ZSTD(1)) COMMENT 'What the registry resolves to an institution, keyed digest',
    source LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Who reported it',
    method Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) CODEC(ZSTD(1)) COMMENT 'How it was paid',
    kind Enum8('payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) CODEC(ZSTD(1)) COMMENT 'What it is; the class also needs the registry',
    evidence UInt8 CODEC(ZSTD(1)) COMMENT 'What ties it to a service, as bits: 1 invoice, 2 person',
    n Int64 CODEC(ZSTD(1)) COMMENT 'Settled payments, counted or excluded by their kind',
    gross_dong Int128 CODEC(ZSTD(1)) COMMENT 'Their dong',
    refunds_n Int64 CODEC(ZSTD(1)) COMMENT 'Refunds and lost chargebacks',
    refunds_dong Int128 CODEC(ZSTD(1)) COMMENT 'Their dong, positive',
    merged_n Int64 CODEC(ZSTD(1)) COMMENT 'Records that another record of the same payment counts for',
    merged_dong Int128 CODEC(ZSTD(1)) COMMENT 'Their dong',
    voided_n Int64 CODEC(ZSTD(1)) COMMENT 'Payments taken back by their provider',
    voided_dong Int128 CODEC(ZSTD(1)) COMMENT 'Their dong',
    payer_name_n Int64 CODEC(ZSTD(1)) COMMENT 'Payments of n that carried the payer''s name',
    beneficiary_name_n Int64 CODEC(ZSTD(1)) COMMENT 'Payments of n that carried the beneficiary''s name',
    reason_n Int64 CODEC(ZSTD(1)) COMMENT 'Payments of n that carried a reason',
    invoice_ref_n Int64 CODEC(ZSTD(1)) COMMENT 'Payments of n that carried an invoice reference',
    all_fields_n Int64 CODEC(ZSTD(1)) COMMENT 'Payments of n that carried all four',
    without_beneficiary_n Int64 CODEC(ZSTD(1)) COMMENT 'Payments of n that carried all but possibly the beneficiary''s name',
    version UInt64 CODEC(ZSTD(1)) COMMENT 'Epoch << 48 | offset + 1 of the last event that changed the cell'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(business_date)
ORDER BY (business_date, account, identifier, source, method, kind, evidence)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Cells: whole values, never increments. No institution and no class inside; an emptied cell stays as zeros. Read with FINAL'
