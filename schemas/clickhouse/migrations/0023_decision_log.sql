-- What did persons decide about records, who and why, and what stood before?
CREATE TABLE IF NOT EXISTS decision_log
(
    decision_id UInt64 COMMENT 'Digest of what is decided and of what stood before',
    part UInt8 COMMENT '0 = the record that was decided about, 1 and more = others that the decision is about: the other side of a merge, and what rules had merged',
    undo_of UInt64 COMMENT 'The decision that this one takes back; 0 = none',
    returns_to_rules UInt8 COMMENT '1 = no person''s decision about the record holds any more: rules see it as one nobody has decided about',
    who String COMMENT 'Who decided (người quyết định)',
    why String COMMENT 'Why (lý do)',
    decided_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When; the event of the decision carries the same',
    registry_version UInt32 COMMENT 'The registry the decision was taken under',
    anchor Date COMMENT 'Of the record, as in payments',
    account FixedString(16) COMMENT 'Of the record, as in payments',
    payment FixedString(16) COMMENT 'Of the record, as in payments',
    record UInt64 COMMENT 'The record, as in payments',
    source LowCardinality(String) COMMENT 'Who reports it',
    amount_dong Int64 COMMENT 'Its dong',
    before_by Enum8('none' = 0, 'rule' = 1, 'person' = 2) COMMENT 'Who had decided before; none = nobody',
    before_registry_version UInt32 COMMENT 'The registry that was decided under before',
    before_decided_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When that was decided',
    before_present UInt8 COMMENT 'Which optional values stood before, as bits: 1 merged_into, 2 settled_at. An absent value is stored as zero',
    before_merged_into UInt64 COMMENT 'The record that counted instead of it before',
    before_kind Enum8('none' = 0, 'payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) COMMENT 'What it had been decided to be before',
    before_settled_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the money had been decided to have arrived before',
    before_added_evidence UInt8 COMMENT 'What it had been decided to have beside its evidence, as in payments',
    before_added_fields UInt8 COMMENT 'What it had been decided to have beside its fields, as in payments',
    after_present UInt8 COMMENT 'Which optional values are decided, as bits: 1 merged_into, 2 settled_at',
    after_merged_into UInt64 COMMENT 'The record that counts instead of it',
    after_kind Enum8('none' = 0, 'payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) COMMENT 'What it is decided to be',
    after_settled_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the money is decided to have arrived',
    after_added_evidence UInt8 COMMENT 'What it is decided to have beside its evidence, as in payments',
    after_added_fields UInt8 COMMENT 'What it is decided to have beside its fields, as in payments',
    fate_before Enum8('counted' = 1, 'refunded' = 2, 'merged' = 3, 'voided' = 4, 'excluded' = 5, 'unsettled' = 6) COMMENT 'What the record was in the figures',
    fate_after Enum8('counted' = 1, 'refunded' = 2, 'merged' = 3, 'voided' = 4, 'excluded' = 5, 'unsettled' = 6) COMMENT 'What the decision makes of it',
    business_date_before Date COMMENT 'Day on which it was counted',
    business_date_after Date COMMENT 'Day on which it is counted then'
)
ENGINE = ReplacingMergeTree(decided_at)
ORDER BY (decision_id, part)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'A row per record that a person decided about, written before the event is appended. Nothing is ever taken out. Read with FINAL, or read decision_history'
