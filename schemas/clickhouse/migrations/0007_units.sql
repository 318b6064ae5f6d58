-- Which administrative units are there, from when to when, as known at which registry version?
CREATE TABLE IF NOT EXISTS units
(
    code LowCardinality(String) COMMENT 'Code of the unit; used again for others later, so only code and day name one',
    registry_version UInt32 COMMENT 'Rows count only once registry_versions has this version with the same digest',
    digest UInt64 COMMENT 'Digest of the change that wrote the row',
    valid_from Date COMMENT 'First local day',
    valid_to Date COMMENT 'First day on which it is over; 2149-06-06 = open',
    removed UInt8 COMMENT '1 = the key has no rows from this version on (its only row)',
    level LowCardinality(String) COMMENT 'province, district or commune',
    name LowCardinality(String) COMMENT 'Name',
    parent_code LowCardinality(String) COMMENT 'Code of the unit it is part of; empty for a province',
    recorded_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was recorded'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (code, registry_version, digest, valid_from)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Bitemporal: a unit is the rows of its highest visible version up to the wanted one'
