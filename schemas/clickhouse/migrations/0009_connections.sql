-- Which provider is connected, and which one is known to be silent, from when to when, as known at which registry version?
CREATE TABLE IF NOT EXISTS connections
(
    provider LowCardinality(String) COMMENT 'As in identifiers',
    registry_version UInt32 COMMENT 'Rows count only once registry_versions has this version with the same digest',
    digest UInt64 COMMENT 'Digest of the change that wrote the row',
    valid_from Date COMMENT 'First local day',
    valid_to Date COMMENT 'First day on which it is over; 2149-06-06 = open',
    removed UInt8 COMMENT '1 = the key has no rows from this version on (its only row)',
    state LowCardinality(String) COMMENT 'connected or silent; a day without a row is not connected',
    evidence String COMMENT 'Why we believe it',
    recorded_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was recorded'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (provider, registry_version, digest, valid_from)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Bitemporal: a connection is the rows of its highest visible version up to the wanted one'
