-- What is known of every transaction of every source, and what it is in the figures?
CREATE TABLE IF NOT EXISTS payments
(
    -- LZ4 for what is read from all rows, ZSTD for the rest.
    partition UInt16 COMMENT 'Partition of the log that the account belongs to' CODEC(ZSTD(1)),
    anchor Date COMMENT 'Local date of the provider''s transaction time, the same in every re-send; 1970-01-01 where it sends none' CODEC(LZ4),
    account FixedString(16) COMMENT 'Receiving account, keyed digest' CODEC(LZ4),
    payment FixedString(16) COMMENT 'Movement of money, whoever reports it, keyed digest' CODEC(LZ4),
    record UInt64 COMMENT 'The transaction as one source reports it, keyed digest' CODEC(LZ4),
    source LowCardinality(String) COMMENT 'Who reports it' CODEC(ZSTD(1)),
    source_class Enum8('intermediary' = 1, 'institution' = 2, 'bank' = 3) COMMENT 'What the source is to a payment' CODEC(ZSTD(1)),
    status Enum8('none' = 0, 'settled' = 1, 'voided' = 2, 'pending' = 3, 'failed' = 4, 'expired' = 5, 'disputed' = 6, 'test' = 7) COMMENT 'Status register; none while no status is known' CODEC(ZSTD(1)),
    status_version UInt32 COMMENT 'The provider''s version of the status' CODEC(ZSTD(1)),
    present UInt16 COMMENT 'Which optional values are there, as bits: 1 details, 2 provider_time, 4 payer, 8 beneficiary, 16 invoice, 32 invoice_other_year, 64 original, 128 merged_into, 256 decided_settled_at, 512 payer_account, 1024 reference. An absent value is stored as zero' CODEC(LZ4),
    details_version UInt32 COMMENT 'The provider''s version of the details' CODEC(ZSTD(1)),
    amount_dong Int64 COMMENT 'What the payer paid, in dong' CODEC(ZSTD(1)),
    settled_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the money arrived' CODEC(T64, ZSTD(1)),
    provider_after_micros Int64 COMMENT 'Microseconds from settled_at to the provider''s own time of the statement: mostly zero, so it costs no storage' CODEC(ZSTD(1)),
    received_after_micros Int64 COMMENT 'Microseconds from settled_at to the receipt by the collector' CODEC(T64, ZSTD(1)),
    method Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid, as this record says' CODEC(ZSTD(1)),
    kind Enum8('none' = 0, 'payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) COMMENT 'What it is, as this record says; none without details' CODEC(ZSTD(1)),
    identifier FixedString(16) COMMENT 'What the registry resolves to an institution, keyed digest' CODEC(LZ4),
    evidence UInt8 COMMENT 'What ties it to a service, as bits: 1 invoice, 2 person' CODEC(ZSTD(1)),
    fields UInt8 COMMENT 'Minimum fields the message carried, as bits: 1 payer''s name, 2 beneficiary''s name, 4 reason, 8 invoice reference' CODEC(ZSTD(1)),
    flags UInt8 COMMENT 'Oddities that change no figure, as bits: 1 no settlement time was sent, 2 no key for persons'' digests' CODEC(ZSTD(1)),
    reason Enum8('unknown' = 0, 'tuition' = 1, 'meals' = 2, 'insurance' = 3, 'services' = 4, 'exam' = 5, 'inpatient_deposit' = 6, 'inpatient_settlement' = 7, 'medicine' = 8, 'other' = 9) COMMENT 'Why it was paid' CODEC(ZSTD(1)),
    beneficiary_kind Enum8('unknown' = 0, 'pupil' = 1, 'patient' = 2, 'institution' = 3) COMMENT 'Whom the money serves' CODEC(ZSTD(1)),
    payer UInt64 COMMENT 'Payer, digest under the key of one year' CODEC(ZSTD(1)),
    beneficiary UInt64 COMMENT 'Pupil or patient, digest under the key of one year' CODEC(ZSTD(1)),
    payer_account UInt64 COMMENT 'Account the money came from, digest under the key of the year of settled_at, for this receiving account only' CODEC(ZSTD(1)),
    invoice UInt64 COMMENT 'Invoice and amount, digest under the key of the year of settled_at, the same at every account' CODEC(ZSTD(1)),
    invoice_other_year UInt64 COMMENT 'Invoice and amount under the neighbouring year''s key, near New Year' CODEC(ZSTD(1)),
    original UInt64 COMMENT 'The record that a refund or chargeback returns' CODEC(ZSTD(1)),
    reference UInt64 COMMENT 'The bank''s reference at this account whatever the day, keyed digest' CODEC(ZSTD(1)),
    decided_by Enum8('none' = 0, 'rule' = 1, 'person' = 2) COMMENT 'Decision register: who decided; none without a decision' CODEC(ZSTD(1)),
    decided_registry_version UInt32 COMMENT 'The registry the decision was taken under' CODEC(ZSTD(1)),
    decided_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was decided' CODEC(ZSTD(1)),
    merged_into UInt64 COMMENT 'The record that counts instead of this one' CODEC(ZSTD(1)),
    decided_kind Enum8('none' = 0, 'payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) COMMENT 'What it is, whatever the message said' CODEC(ZSTD(1)),
    decided_settled_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the money arrived, whatever the message said' CODEC(ZSTD(1)),
    added_evidence UInt8 COMMENT 'What ties it to a service beside evidence, as bits, from a record that it counts for' CODEC(ZSTD(1)),
    added_fields UInt8 COMMENT 'Minimum fields beside fields, as bits, of the same' CODEC(ZSTD(1)),
    erased UInt8 COMMENT '1 once the persons'' digests of the record are forgotten' CODEC(ZSTD(1)),
    fate Enum8('counted' = 1, 'refunded' = 2, 'merged' = 3, 'voided' = 4, 'excluded' = 5, 'unsettled' = 6) COMMENT 'What the record is in the figures' CODEC(LZ4),
    unit_fate Enum8('counted' = 1, 'refunded' = 2, 'merged' = 3, 'voided' = 4, 'excluded' = 5, 'unsettled' = 6) DEFAULT fate COMMENT 'The fate of the record that speaks for its unit; merged = it counts in another payment' CODEC(ZSTD(1)),
    business_date Date COMMENT 'Day on which its unit is counted' CODEC(LZ4),
    counted_method Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'Method of its unit' CODEC(LZ4),
    counted_kind Enum8('payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) COMMENT 'Kind of its unit' CODEC(LZ4),
    counted_evidence UInt8 COMMENT 'Evidence of its unit, as bits' CODEC(LZ4),
    version UInt64 COMMENT 'Epoch << 48 | offset + 1 of the last event that changed any record of the payment; all its rows carry the same' CODEC(T64, LZ4),
    as_original UInt16 MATERIALIZED (fate = 'refunded' AND bitTest(present, 6)) * 4096 + toUInt16(unit_fate) * 512
        + toUInt16(counted_kind) * 28 + (counted_method = 'COUNTER_CASH') * 14 + (counted_evidence != 0) COMMENT 'What a refund has to know of the record that it returns, in one column since it is read from nearly every granule: its place in classes_as_of without owner, less 1; 512 times the fate of its unit; 4096 if it is a refund itself that names one' CODEC(LZ4),
    provider_time Nullable(DateTime64(6, 'Asia/Ho_Chi_Minh')) ALIAS if(bitTest(present, 1), addMicroseconds(settled_at, provider_after_micros), NULL) COMMENT 'When the provider made the statement',
    received_at Nullable(DateTime64(6, 'Asia/Ho_Chi_Minh')) ALIAS if(bitTest(present, 0), addMicroseconds(settled_at, received_after_micros), NULL) COMMENT 'When the collector received it',
    INDEX business_date business_date TYPE minmax GRANULARITY 1,
    -- Few rows in a hundred, scattered over all granules: each part keeps its refunds together as well.
    PROJECTION refunds
    (
        SELECT
            anchor,
            groupArrayIf((account, record, original, business_date, identifier, source, counted_method, counted_kind, counted_evidence,
                amount_dong, version), fate = 'refunded' AND bitAnd(present, 64) != 0)
        GROUP BY anchor
    )
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(anchor)
ORDER BY (anchor, account, payment, record)
-- Inserted parts, and those merged once, are one file: they soon become part of larger ones, and forty files cost more than they
-- spare. Merges, which drop old versions of rows, make the projection anew.
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_level_for_wide_part = 2,
    deduplicate_merge_projection_mode = 'rebuild'
COMMENT 'Facts, a row per record. No names, no raw identifiers. Read with FINAL; whole payments are rewritten together'
