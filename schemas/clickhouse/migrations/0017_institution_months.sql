-- What is known of each institution in each month of a plan: cashless, cash, and the state of the declarations?
CREATE TABLE IF NOT EXISTS institution_months
(
    plan_id LowCardinality(String) COMMENT 'The plan',
    institution_id String COMMENT 'The institution',
    month Date COMMENT 'First day of the month',
    evaluated_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the evaluation began to read its data',
    plan_version UInt32 COMMENT 'Version of the plan',
    n Int64 COMMENT 'Counted payments',
    net_dong Int128 COMMENT 'Their dong less refunds',
    gross_dong Int128 COMMENT 'Their dong',
    cash_n Nullable(Int64) COMMENT 'Cash receipts (phiếu thu) by the standing declaration; NULL = not known',
    cash_dong Nullable(Int128) COMMENT 'Their dong less refunds; NULL = not known',
    states Array(LowCardinality(String)) COMMENT 'late, conflict, declared, zero, missing, numerator_incomplete: all that hold',
    source_used LowCardinality(String) COMMENT 'Source of the cash: system_export, declaration, invoice_total; empty = none',
    imputed_low_n Nullable(Int64) COMMENT 'Cash receipts imputed for the lower bound; NULL = none',
    imputed_low_dong Nullable(Int128) COMMENT 'Dong imputed for the lower bound; NULL = none',
    exported_n Nullable(Int64) COMMENT 'Cashless payments that the institution''s own software reports; NULL = no report',
    exported_dong Nullable(Int128) COMMENT 'Their dong; NULL = no report',
    digest UInt64 COMMENT 'Digest of the row without evaluated_at',
    is_removed UInt8 COMMENT '1 = it is no longer of the plan; FINAL leaves the row out'
)
ENGINE = ReplacingMergeTree(evaluated_at, is_removed)
ORDER BY (plan_id, institution_id, month)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'The latest state only, by the active version of the plan. Read with FINAL'
