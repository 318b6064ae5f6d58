-- Which figures do departments type for targets that no payment tells, as known at which registry version?
CREATE TABLE IF NOT EXISTS indicators
(
    target_id LowCardinality(String) COMMENT 'The target, as in the plan',
    registry_version UInt32 COMMENT 'Rows count only once registry_versions has this version with the same digest',
    digest UInt64 COMMENT 'Digest of the change that wrote the row',
    valid_from Date COMMENT 'First local day',
    valid_to Date COMMENT 'First day on which it is over; 2149-06-06 = open',
    removed UInt8 COMMENT '1 = the key has no rows from this version on (its only row)',
    numerator UInt64 COMMENT 'How many do',
    denominator UInt64 COMMENT 'Of how many',
    declared_by LowCardinality(String) COMMENT 'Who declared it',
    evidence String COMMENT 'Why we believe it',
    recorded_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was recorded'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (target_id, registry_version, digest, valid_from)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Bitemporal: an indicator is the rows of its highest visible version up to the wanted one'
