-- Which bank records had several candidates when they were last reviewed?
CREATE TABLE IF NOT EXISTS weak_candidates_found
(
    business_date Date COMMENT 'Day on which the bank says that the money arrived',
    anchor Date COMMENT 'Of the record, as in payments',
    account FixedString(16) COMMENT 'Of the record, as in payments',
    payment FixedString(16) COMMENT 'Of the record, as in payments',
    record UInt64 COMMENT 'The bank''s record',
    source LowCardinality(String) COMMENT 'The bank',
    institution_id LowCardinality(String) COMMENT 'Whose account it was when it was reviewed, or UNKNOWN',
    purpose LowCardinality(String) COMMENT 'What the account is kept for; none without owner',
    rule LowCardinality(String) COMMENT 'What they share: an invoice and a day, or ten minutes',
    method LowCardinality(String) COMMENT 'How it was paid',
    kind LowCardinality(String) COMMENT 'What it is',
    evidence UInt8 COMMENT 'What ties it to a service, as bits',
    amount_dong Int64 COMMENT 'Its dong',
    candidates Array(UInt64) COMMENT 'Records of intermediaries it may be the same as; empty = none or one by now',
    reviewed_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When that changed'
)
ENGINE = ReplacingMergeTree(reviewed_at)
ORDER BY (business_date, anchor, account, payment, record)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Written by the reviewer, a new row whenever the answer changes. Read with FINAL, or read weak_candidates'
