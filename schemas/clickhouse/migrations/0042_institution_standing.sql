-- How does each institution stand in each plan?
CREATE TABLE IF NOT EXISTS institution_standing
(
    plan_id LowCardinality(String) COMMENT 'The plan',
    institution_id String COMMENT 'The institution',
    evaluated_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the evaluation began to read its data',
    plan_version UInt32 COMMENT 'Version of the plan',
    sector LowCardinality(String) COMMENT 'education or health',
    institution_type LowCardinality(String) COMMENT 'Type',
    ownership LowCardinality(String) COMMENT 'public or private',
    unit_code LowCardinality(String) COMMENT 'Code of the administrative unit',
    size_band LowCardinality(String) COMMENT 'Band of size within which it is ranked',
    n Int64 COMMENT 'Counted payments of the target year',
    net_dong Int128 COMMENT 'Their dong less refunds',
    gross_dong Int128 COMMENT 'Their dong',
    cash_n Nullable(Int64) COMMENT 'Declared cash receipts; NULL = none declared',
    cash_dong Nullable(Int128) COMMENT 'Their dong less refunds; NULL = none declared',
    count_low_numerator Nullable(Int128) COMMENT 'Lower bound of the share in number; NULL = none',
    count_low_denominator Nullable(Int128) COMMENT 'Lower bound of the share in number; NULL = none',
    value_low_numerator Nullable(Int128) COMMENT 'Lower bound of the share in value; NULL = none',
    value_low_denominator Nullable(Int128) COMMENT 'Lower bound of the share in value; NULL = none',
    count_display String COMMENT 'Lower bound of the share in number, in percent; empty = none',
    value_display String COMMENT 'Lower bound of the share in value, in percent; empty = none',
    methods_ready UInt8 COMMENT 'Families of methods declared ready, 0 to 4',
    minfields_numerator Int64 COMMENT 'Counted payments with all minimum fields',
    minfields_denominator Int64 COMMENT 'Counted payments',
    score_millionths Int64 COMMENT 'Score in millionths of a point, of 100 points',
    rank UInt32 COMMENT 'Rank in its band; 0 = not ranked',
    unranked_reason String COMMENT 'Why it is not ranked; empty = it is',
    months_active UInt16 COMMENT 'Months so far in which it was active',
    months_declared_count UInt16 COMMENT 'Of these, months with a declared number of cash receipts',
    months_declared_value UInt16 COMMENT 'Of these, months with a declared value of cash receipts',
    uses Enum8('no' = 0, 'yes' = 1, 'unknown' = 2) COMMENT 'Whether it uses cashless payment (sử dụng)',
    accepts UInt8 COMMENT '1 = it accepts cashless payment (chấp nhận)',
    has_platform UInt8 COMMENT '1 = it has a digital platform (nền tảng số)',
    installed UInt8 COMMENT '1 = at least one method is installed (lắp đặt)',
    digest UInt64 COMMENT 'Digest of the row without evaluated_at',
    is_removed UInt8 COMMENT '1 = it is no longer of the plan; FINAL leaves the row out'
)
ENGINE = ReplacingMergeTree(evaluated_at, is_removed)
ORDER BY (plan_id, institution_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'The latest state only, by the active version of the plan. Read with FINAL, or read ranking'
