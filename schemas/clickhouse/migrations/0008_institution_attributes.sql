-- What is declared of an institution besides what it is, from when to when, as known at which registry version?
CREATE TABLE IF NOT EXISTS institution_attributes
(
    institution_id String COMMENT 'Whose',
    registry_version UInt32 COMMENT 'Rows count only once registry_versions has this version with the same digest',
    digest UInt64 COMMENT 'Digest of the change that wrote the row',
    valid_from Date COMMENT 'First local day',
    valid_to Date COMMENT 'First day on which it is over; 2149-06-06 = open',
    removed UInt8 COMMENT '1 = the key has no rows from this version on (its only row)',
    attribute LowCardinality(String) COMMENT 'platform, method_ready, accepting, focal_point, payment_module or template_agreed',
    value LowCardinality(String) COMMENT 'Category of the platform, family of methods or provider; else empty',
    name LowCardinality(String) COMMENT 'Name of the product, role of the person',
    ministry_listed UInt8 COMMENT '1 = the ministry lists the product',
    declared_by LowCardinality(String) COMMENT 'Who declared it',
    evidence String COMMENT 'Why we believe it',
    recorded_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was recorded'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (institution_id, registry_version, digest, attribute, value, name, valid_from)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Bitemporal: the attributes of an institution are the rows of its highest visible version up to the wanted one'
