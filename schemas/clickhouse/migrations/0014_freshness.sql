-- How old is the newest event of each source?
CREATE OR REPLACE VIEW freshness AS
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
