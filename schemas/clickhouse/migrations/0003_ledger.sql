-- What became of everything each source said?
CREATE TABLE IF NOT EXISTS ledger
(
    partition UInt16 COMMENT 'Partition of the log',
    source LowCardinality(String) COMMENT 'The source; undecodable for log records that cannot be read',
    version UInt64 COMMENT 'Epoch << 48 | offset + 1 of the last event that changed the row',
    last_digest UInt64 COMMENT 'Checksum of that event, to recognise the log it came from',
    latest_received_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'The largest receipt time seen; 1970 if none',
    partition_count UInt16 COMMENT 'How many partitions the log has',
    events_applied UInt64 COMMENT 'Events that changed a record',
    events_repeated UInt64 COMMENT 'Events that said what was known',
    events_no_money UInt64 COMMENT 'Events that move no money',
    events_dead_lettered UInt64 COMMENT 'Events that could not be decoded',
    counted_n Int64 COMMENT 'Payments counted',
    counted_dong Int128 COMMENT 'Their dong',
    refunded_n Int64 COMMENT 'Refunds and lost chargebacks',
    refunded_dong Int128 COMMENT 'Their dong',
    merged_n Int64 COMMENT 'Records another record counts for',
    merged_dong Int128 COMMENT 'Their dong',
    voided_n Int64 COMMENT 'Payments taken back by their provider',
    voided_dong Int128 COMMENT 'Their dong',
    excluded_n Int64 COMMENT 'Money of a kind that is never a payer''s fee',
    excluded_dong Int128 COMMENT 'Their dong',
    unsettled_n Int64 COMMENT 'Records without settled money',
    unsettled_dong Int128 COMMENT 'Their dong'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (partition, source)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Events and records by fate from the beginning of the log, a row per partition and source. Read with FINAL'
