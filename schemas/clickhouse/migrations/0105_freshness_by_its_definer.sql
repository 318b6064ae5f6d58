-- Who needs rights on what freshness reads? Whoever migrated, not who asks it.
ALTER TABLE freshness
    MODIFY DEFINER = CURRENT_USER SQL SECURITY DEFINER,
    COMMENT COLUMN source 'Who reports it',
    COMMENT COLUMN latest_received_at 'Receipt of its newest event by the collector',
    COMMENT COLUMN age_seconds 'Seconds since then',
    COMMENT COLUMN partitions 'Partitions of the log it has been seen in',
    COMMENT COLUMN newest_version 'Version of its newest event',
    COMMENT COLUMN events 'All its events, whatever became of them'
