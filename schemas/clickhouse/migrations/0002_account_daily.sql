-- How much was paid per day, account, identifier, source, method, kind and evidence?
CREATE TABLE IF NOT EXISTS account_daily
(
    -- LZ4, since most questions read most of it: twice the space of ZSTD, half the time.
    partition UInt16 COMMENT 'Partition of the log that the account belongs to' CODEC(LZ4),
    business_date Date COMMENT 'Local day of settlement' CODEC(LZ4),
    account FixedString(16) COMMENT 'Receiving account, keyed digest' CODEC(LZ4),
    identifier FixedString(16) COMMENT 'What the registry resolves to an institution, keyed digest' CODEC(LZ4),
    source LowCardinality(String) COMMENT 'Who reported it' CODEC(LZ4),
    method Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid' CODEC(LZ4),
    kind Enum8('payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) COMMENT 'What it is; the class also needs the registry' CODEC(LZ4),
    evidence UInt8 COMMENT 'What ties it to a service, as bits: 1 invoice, 2 person' CODEC(LZ4),
    n Int64 COMMENT 'Settled payments, counted or excluded by their kind' CODEC(LZ4),
    gross_dong Int128 COMMENT 'Their dong' CODEC(LZ4),
    refunds_n Int64 COMMENT 'Refunds and lost chargebacks' CODEC(LZ4),
    refunds_dong Int128 COMMENT 'Their dong, positive' CODEC(LZ4),
    merged_n Int64 COMMENT 'Records that another record of the same payment counts for' CODEC(LZ4),
    merged_dong Int128 COMMENT 'Their dong' CODEC(LZ4),
    voided_n Int64 COMMENT 'Payments taken back by their provider' CODEC(LZ4),
    voided_dong Int128 COMMENT 'Their dong' CODEC(LZ4),
    payer_name_n Int64 COMMENT 'Payments of n that carried the payer''s name' CODEC(LZ4),
    beneficiary_name_n Int64 COMMENT 'Payments of n that carried the beneficiary''s name' CODEC(LZ4),
    reason_n Int64 COMMENT 'Payments of n that carried a reason' CODEC(LZ4),
    invoice_ref_n Int64 COMMENT 'Payments of n that carried an invoice reference' CODEC(LZ4),
    all_fields_n Int64 COMMENT 'Payments of n that carried all four' CODEC(LZ4),
    without_beneficiary_n Int64 COMMENT 'Payments of n that carried all but possibly the beneficiary''s name' CODEC(LZ4),
    version UInt64 COMMENT 'Epoch << 48 | offset + 1 of the last event that changed the cell' CODEC(LZ4)
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(business_date)
-- What a month is summed up by stands together: half the work of every question by month, and six tenths of the room.
ORDER BY (toStartOfMonth(business_date), account, identifier, kind, method, evidence, source, business_date)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Cells: whole values, never increments. No institution and no class inside; an emptied cell stays as zeros. Read with FINAL'
