-- What did an institution declare to have taken in cash in a month, in which revisions?
CREATE TABLE IF NOT EXISTS cash_declarations
(
    institution_id String COMMENT 'Institution (cơ sở), as in the registry',
    month Date COMMENT 'First day of the month',
    source Enum8('system_export' = 1, 'declaration' = 2, 'invoice_total' = 3) COMMENT 'A: export of hospital or school-fee software; B: declared cash receipts; C: total of invoices, value only',
    version UInt32 COMMENT 'Revision, from 1; the highest stands',
    digest UInt64 COMMENT 'Of what is declared, not of how and when it came: the same again is the same row',
    cash_n Nullable(Int64) COMMENT 'Cash receipts (phiếu thu); NULL of an invoice_total only',
    cash_dong Int64 COMMENT 'Their gross dong; of an invoice_total the dong of all invoices, cash and cashless',
    cash_refunds_dong Int64 COMMENT 'Dong given back in cash in the month',
    exported_methods Array(LowCardinality(String)) COMMENT 'Of a system_export: methods of what the software knows as cashless; UNKNOWN where only the total is told',
    exported_n Array(Int64) COMMENT 'Its payments, a number for each method',
    exported_dong Array(Int64) COMMENT 'Its dong, a number for each method',
    signer_role String COMMENT 'Role of who answers for it (chức vụ), never a name',
    declared_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was declared, as the sender says',
    recorded_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When we received it first',
    channel LowCardinality(String) COMMENT 'Through whom: a source of the collector, or file',
    precedence UInt64 MATERIALIZED 18446744073709551615 - toUInt64(toUnixTimestamp64Micro(recorded_at)) COMMENT 'Of rows with one digest the one received first stays'
)
ENGINE = ReplacingMergeTree(precedence)
ORDER BY (institution_id, month, source, version, digest)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Append-only: every revision stays. Read it with FINAL, or read declared_months'
