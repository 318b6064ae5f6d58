-- Which plans (kế hoạch) are there, in which versions, and which version of each is evaluated?
CREATE TABLE IF NOT EXISTS plans
(
    plan_id String COMMENT 'Id of the plan, as in DN-2022',
    plan_version UInt32 COMMENT 'Version; other content needs another version',
    digest UInt64 COMMENT 'Digest of the document',
    document String COMMENT 'The plan file as it was applied (JSON)',
    is_active UInt8 COMMENT '1 = the tracker evaluates this version; one version of a plan at most',
    applied_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was applied or retired',
    applied_by String COMMENT 'Who',
    note String COMMENT 'Why'
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY (plan_id, plan_version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'A row per version of a plan; the content of a version never changes. Read with FINAL'
