-- Which institutions are there, from when to when, as known at which registry version?
CREATE TABLE IF NOT EXISTS institutions
(
    institution_id String COMMENT 'Its id',
    registry_version UInt32 COMMENT 'Rows count only once registry_versions has this version with the same digest',
    digest UInt64 COMMENT 'Digest of the change that wrote the row',
    valid_from Date COMMENT 'First local day',
    valid_to Date COMMENT 'First day on which it is over; 2149-06-06 = open',
    removed UInt8 COMMENT '1 = the key has no intervals from this version on (its only row)',
    name String COMMENT 'Name',
    sector LowCardinality(String) COMMENT 'education or health',
    institution_type LowCardinality(String) COMMENT 'Type',
    ownership LowCardinality(String) COMMENT 'public or private',
    care_tier LowCardinality(String) COMMENT 'Level of care, health only',
    scope LowCardinality(String) COMMENT 'core or extended',
    unit_code LowCardinality(String) COMMENT 'Code of the administrative unit',
    unit_name LowCardinality(String) COMMENT 'Name of the administrative unit',
    parent_id String COMMENT 'The institution it belongs to, or empty',
    status LowCardinality(String) COMMENT 'active, suspended or closed',
    learners UInt32 COMMENT 'Pupils or students',
    beds UInt32 COMMENT 'Beds',
    fee_collecting UInt8 COMMENT '1 = it collects fees',
    recorded_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was recorded',
    visits UInt32 DEFAULT 0 COMMENT 'Visits of patients a year',
    managed_by LowCardinality(String) DEFAULT 'province' COMMENT 'province, ministry, army or police: who runs it, if it is public'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (institution_id, registry_version, digest, valid_from)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Bitemporal: an institution is the rows of its highest visible version up to the wanted one'
