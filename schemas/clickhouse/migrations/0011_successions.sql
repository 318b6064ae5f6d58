-- Which institutions were opened, merged, split, renamed, moved to another parent or closed, and what became of them?
CREATE TABLE IF NOT EXISTS successions
(
    from_institution_id String COMMENT 'To which it happened',
    registry_version UInt32 COMMENT 'Rows count only once registry_versions has this version with the same digest',
    digest UInt64 COMMENT 'Digest of the change that wrote the row',
    valid_from Date COMMENT 'The first local day on which it is so',
    valid_to Date COMMENT 'The day after',
    removed UInt8 COMMENT '1 = the key has no rows from this version on (its only row)',
    event LowCardinality(String) COMMENT 'open, merge, split, rename, change_parent or close',
    to_institution_id String COMMENT 'The successor or new parent, or empty',
    evidence String COMMENT 'Why we believe it',
    recorded_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was recorded'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (from_institution_id, registry_version, digest, valid_from, event, to_institution_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Bitemporal: what happened to an institution is the rows of its highest visible version up to the wanted one'
