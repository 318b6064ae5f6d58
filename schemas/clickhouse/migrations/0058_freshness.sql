-- How old is the newest event of each source?
CREATE OR REPLACE VIEW freshness
(
    source LowCardinality(String) COMMENT 'Who reports it',
    latest_received_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'Receipt of its newest event by the collector',
    age_seconds Int64 COMMENT 'Seconds since then',
    partitions UInt64 COMMENT 'Partitions of the log it has been seen in',
    newest_version UInt64 COMMENT 'Version of its newest event',
    events UInt64 COMMENT 'All its events, whatever became of them'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    source,
    max(latest_received_at) AS latest_received_at,
    dateDiff('second', latest_received_at, now64(6)) AS age_seconds,
    count() AS partitions,
    max(version) AS newest_version,
    sum(events_applied + events_repeated + events_no_money + events_dead_lettered) AS events
FROM ledger FINAL
GROUP BY source
COMMENT 'By receipt at the collector; only what is already in the figures'
