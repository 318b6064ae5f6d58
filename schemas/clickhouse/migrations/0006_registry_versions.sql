-- Which registry versions are complete and visible?
CREATE TABLE IF NOT EXISTS registry_versions
(
    registry_version UInt32 COMMENT 'Version, rising; gaps are possible',
    digest UInt64 COMMENT 'Digest of the change',
    applied_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When',
    applied_by String COMMENT 'Who',
    note String COMMENT 'Why',
    institutions_changed UInt32 COMMENT 'Institutions whose intervals changed',
    identifiers_changed UInt32 COMMENT 'Identifiers whose intervals changed',
    units_changed UInt32 DEFAULT 0 COMMENT 'Units whose rows changed',
    attributes_changed UInt32 DEFAULT 0 COMMENT 'Institutions whose attributes changed',
    connections_changed UInt32 DEFAULT 0 COMMENT 'Providers whose connection changed',
    payer_accounts_changed UInt32 DEFAULT 0 COMMENT 'Payer accounts whose rows changed',
    successions_changed UInt32 DEFAULT 0 COMMENT 'Institutions whose successions changed',
    indicators_changed UInt32 DEFAULT 0 COMMENT 'Targets whose typed figures changed'
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY registry_version
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'A row is written last, when all rows of its version are stored: it makes them visible'
