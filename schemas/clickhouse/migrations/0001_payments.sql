-- What is known of every transaction of every source, and what it is in the figures?
CREATE TABLE IF NOT EXISTS payments
(
    partition UInt16 CODEC(ZSTD(1)) COMMENT 'Partition of the log that the account belongs to',
    anchor Date CODEC(ZSTD(1)) COMMENT 'Local date of the provider''s transaction time, the same in every re-send; 1970-01-01 where it sends none',
    account FixedString(16) CODEC(ZSTD(1)) COMMENT 'Receiving account, keyed digest',
    payment FixedString(16) CODEC(ZSTD(1)) COMMENT 'Movement of money, whoever reports it, keyed digest',
    record UInt64 CODEC(ZSTD(1)) COMMENT 'The transaction as one source reports it, keyed digest',
    source LowCardinality(String) CODEC(ZSTD(1)) COMMENT 'Who reports it',
    source_class Enum8('intermediary' = 1, 'institution' = 2, 'bank' = 3) CODEC(ZSTD(1)) COMMENT 'What the source is to a payment',
    status Enum8('none' = 0, 'settled' = 1, 'voided' = 2, 'pending' = 3, 'failed' = 4, 'expired' = 5, 'disputed' = 6, 'test' = 7) CODEC(ZSTD(1)) COMMENT 'Status register; none while no status is known',
    status_version UInt32 CODEC(ZSTD(1)) COMMENT 'The provider''s version of the status',
    present UInt16 CODEC(ZSTD(1)) COMMENT 'Which optional values are there, as bits: 1 details, 2 provider_time, 4 payer, 8 beneficiary, 16 invoice, 32 invoice_other_year, 64 original, 128 merged_into, 256 decided_settled_at. An absent value is stored as zero',
    details_version UInt32 CODEC(ZSTD(1)) COMMENT 'The provider''s version of the details',
    amount_dong Int64 CODEC(ZSTD(1)) COMMENT 'What the payer paid, in dong',
    settled_at DateTime64(6, 'Asia/Ho_Chi_Minh') CODEC(T64, ZSTD(1)) COMMENT 'When the money arrived',
    provider_after_micros Int64 CODEC(ZSTD(1)) COMMENT 'Microseconds from settled_at to the provider''s own time of the statement: mostly zero, so it costs no storage',
    received_after_micros Int64 CODEC(T64, ZSTD(1)) COMMENT 'Microseconds from settled_at to the receipt by the collector',
    method Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) CODEC(ZSTD(1)) COMMENT 'How it was paid, as this record says',
    kind Enum8('none' = 0, 'payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) CODEC(ZSTD(1)) COMMENT 'What it is, as this record says; none without details',
    identifier FixedString(16) CODEC(ZSTD(1)) COMMENT 'What the registry resolves to an institution, keyed digest',
    evidence UInt8 CODEC(ZSTD(1)) COMMENT 'What ties it to a service, as bits: 1 invoice, 2 person',
    fields UInt8 CODEC(ZSTD(1)) COMMENT 'Minimum fields the message carried, as bits: 1 payer''s name, 2 beneficiary''s name, 4 reason, 8 invoice reference',
    flags UInt8 CODEC(ZSTD(1)) COMMENT 'Oddities that change no figure, as bits: 1 no settlement time was sent, 2 no key for persons'' digests',
    reason Enum8('unknown' = 0, 'tuition' = 1, 'meals' = 2, 'insurance' = 3, 'services' = 4, 'exam' = 5, 'inpatient_deposit' = 6, 'inpatient_settlement' = 7, 'medicine' = 8, 'other' = 9) CODEC(ZSTD(1)) COMMENT 'Why it was paid',
    beneficiary_kind Enum8('unknown' = 0, 'pupil' = 1, 'patient' = 2, 'institution' = 3) CODEC(ZSTD(1)) COMMENT 'Whom the money serves',
    payer UInt64 CODEC(ZSTD(1)) COMMENT 'Payer, digest under the key of one year',
    beneficiary UInt64 CODEC(ZSTD(1)) COMMENT 'Pupil or patient, digest under the key of one year',
    invoice UInt64 CODEC(ZSTD(1)) COMMENT 'Invoice, digest under the key of the year of settled_at',
    invoice_other_year UInt64 CODEC(ZSTD(1)) COMMENT 'Invoice under the neighbouring year''s key, near New Year',
    original UInt64 CODEC(ZSTD(1)) COMMENT 'The record of the same account that a refund or chargeback returns',
    decided_by Enum8('none' = 0, 'rule' = 1, 'person' = 2) CODEC(ZSTD(1)) COMMENT 'Decision register: who decided; none without a decision',
    decided_registry_version UInt32 CODEC(ZSTD(1)) COMMENT 'The registry the decision was taken under',
    decided_at DateTime64(6, 'Asia/Ho_Chi_Minh') CODEC(ZSTD(1)) COMMENT 'When it was decided',
    merged_into UInt64 CODEC(ZSTD(1)) COMMENT 'The record that counts instead of this one',
    decided_kind Enum8('none' = 0, 'payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) CODEC(ZSTD(1)) COMMENT 'What it is, whatever the message said',
    decided_settled_at DateTime64(6, 'Asia/Ho_Chi_Minh') CODEC(ZSTD(1)) COMMENT 'When the money arrived, whatever the message said',
    erased UInt8 CODEC(ZSTD(1)) COMMENT '1 once the persons'' digests of the record are forgotten',
    fate Enum8('counted' = 1, 'refunded' = 2, 'merged' = 3, 'voided' = 4, 'excluded' = 5, 'unsettled' = 6) CODEC(ZSTD(1)) COMMENT 'What the record is in the figures',
    business_date Date CODEC(ZSTD(1)) COMMENT 'Day on which its unit is counted',
    counted_method Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) CODEC(ZSTD(1)) COMMENT 'Method of its unit',
    counted_kind Enum8('payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) CODEC(ZSTD(1)) COMMENT 'Kind of its unit',
    counted_evidence UInt8 CODEC(ZSTD(1)) COMMENT 'Evidence of its unit, as bits',
    version UInt64 CODEC(T64, ZSTD(1)) COMMENT 'Epoch << 48 | offset + 1 of the last event that changed any record of the payment; all its rows carry the same',
    provider_time Nullable(DateTime64(6, 'Asia/Ho_Chi_Minh')) ALIAS if(bitTest(present, 1), addMicroseconds(settled_at, provider_after_micros), NULL) COMMENT 'When the provider made the statement',
    received_at Nullable(DateTime64(6, 'Asia/Ho_Chi_Minh')) ALIAS if(bitTest(present, 0), addMicroseconds(settled_at, received_after_micros), NULL) COMMENT 'When the collector received it'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(anchor)
ORDER BY (anchor, account, payment, record)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Facts, a row per record. No names, no raw identifiers. Read with FINAL; whole payments are rewritten together'
