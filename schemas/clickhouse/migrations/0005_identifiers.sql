-- Which institution does a receiving identifier belong to, from when to when, as known at which registry version?
CREATE TABLE IF NOT EXISTS identifiers
(
    identifier FixedString(16) COMMENT 'Keyed digest, as in payments and account_daily',
    registry_version UInt32 COMMENT 'Rows count only once registry_versions has this version with the same digest',
    digest UInt64 COMMENT 'Digest of the change that wrote the row',
    valid_from Date COMMENT 'First local day',
    valid_to Date COMMENT 'First day on which it is over; 2149-06-06 = open',
    removed UInt8 COMMENT '1 = the key has no intervals from this version on (its only row)',
    kind Enum8('account' = 1, 'virtual_account_prefix' = 2, 'merchant' = 3, 'terminal' = 4) COMMENT 'What it is',
    provider LowCardinality(String) COMMENT 'Bank, or who gave the merchant or terminal id out',
    tail String COMMENT 'Last characters, the rest masked',
    institution_id String COMMENT 'Whose it is',
    purpose Enum8('fee_collection' = 1, 'general' = 2, 'deposit' = 3, 'payroll' = 4, 'project' = 5, 'unknown' = 6) COMMENT 'What it is kept for',
    evidence String COMMENT 'Why we believe it',
    recorded_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was recorded'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (identifier, registry_version, digest, valid_from)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Bitemporal: an identifier is the rows of its highest visible version up to the wanted one'
