-- Which migrations were applied to this database?
CREATE TABLE IF NOT EXISTS migrations
(
    name String COMMENT 'File name without its ending',
    checksum UInt64 COMMENT 'XXH3 of the file''s bytes',
    applied_at DateTime64(3, 'Asia/Ho_Chi_Minh') DEFAULT now64(3) COMMENT 'When'
)
ENGINE = ReplacingMergeTree
ORDER BY name
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Applied migrations; written by the migration command only'
