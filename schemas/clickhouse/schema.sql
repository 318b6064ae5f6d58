-- What the migrations make of an empty database. Written by the tests, compared by them, read by people.

CREATE TABLE account_daily
(
    `partition` UInt16 COMMENT 'Partition of the log that the account belongs to' CODEC(ZSTD(1)),
    `business_date` Date COMMENT 'Local day of settlement' CODEC(ZSTD(1)),
    `account` FixedString(16) COMMENT 'Receiving account, keyed digest' CODEC(ZSTD(1)),
    `identifier` FixedString(16) COMMENT 'What the registry resolves to an institution, keyed digest' CODEC(ZSTD(1)),
    `source` LowCardinality(String) COMMENT 'Who reported it' CODEC(ZSTD(1)),
    `method` Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid' CODEC(ZSTD(1)),
    `kind` Enum8('payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) COMMENT 'What it is; the class also needs the registry' CODEC(ZSTD(1)),
    `evidence` UInt8 COMMENT 'What ties it to a service, as bits: 1 invoice, 2 person' CODEC(ZSTD(1)),
    `n` Int64 COMMENT 'Settled payments, counted or excluded by their kind' CODEC(ZSTD(1)),
    `gross_dong` Int128 COMMENT 'Their dong' CODEC(ZSTD(1)),
    `refunds_n` Int64 COMMENT 'Refunds and lost chargebacks' CODEC(ZSTD(1)),
    `refunds_dong` Int128 COMMENT 'Their dong, positive' CODEC(ZSTD(1)),
    `merged_n` Int64 COMMENT 'Records that another record of the same payment counts for' CODEC(ZSTD(1)),
    `merged_dong` Int128 COMMENT 'Their dong' CODEC(ZSTD(1)),
    `voided_n` Int64 COMMENT 'Payments taken back by their provider' CODEC(ZSTD(1)),
    `voided_dong` Int128 COMMENT 'Their dong' CODEC(ZSTD(1)),
    `payer_name_n` Int64 COMMENT 'Payments of n that carried the payer\'s name' CODEC(ZSTD(1)),
    `beneficiary_name_n` Int64 COMMENT 'Payments of n that carried the beneficiary\'s name' CODEC(ZSTD(1)),
    `reason_n` Int64 COMMENT 'Payments of n that carried a reason' CODEC(ZSTD(1)),
    `invoice_ref_n` Int64 COMMENT 'Payments of n that carried an invoice reference' CODEC(ZSTD(1)),
    `all_fields_n` Int64 COMMENT 'Payments of n that carried all four' CODEC(ZSTD(1)),
    `without_beneficiary_n` Int64 COMMENT 'Payments of n that carried all but possibly the beneficiary\'s name' CODEC(ZSTD(1)),
    `version` UInt64 COMMENT 'Epoch << 48 | offset + 1 of the last event that changed the cell' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(business_date)
ORDER BY (business_date, account, identifier, source, method, kind, evidence)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'Cells: whole values, never increments. No institution and no class inside; an emptied cell stays as zeros. Read with FINAL';

CREATE TABLE identifiers
(
    `identifier` FixedString(16) COMMENT 'Keyed digest, as in payments and account_daily',
    `registry_version` UInt32 COMMENT 'Rows count only once registry_versions has this version with the same digest',
    `digest` UInt64 COMMENT 'Digest of the change that wrote the row',
    `valid_from` Date COMMENT 'First local day',
    `valid_to` Date COMMENT 'First day on which it is over; 2149-06-06 = open',
    `removed` UInt8 COMMENT '1 = the key has no intervals from this version on (its only row)',
    `kind` Enum8('account' = 1, 'virtual_account_prefix' = 2, 'merchant' = 3, 'terminal' = 4) COMMENT 'What it is',
    `provider` LowCardinality(String) COMMENT 'Bank, or who gave the merchant or terminal id out',
    `tail` String COMMENT 'Last characters, the rest masked',
    `institution_id` String COMMENT 'Whose it is',
    `purpose` Enum8('fee_collection' = 1, 'general' = 2, 'deposit' = 3, 'payroll' = 4, 'project' = 5, 'unknown' = 6) COMMENT 'What it is kept for',
    `evidence` String COMMENT 'Why we believe it',
    `recorded_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was recorded'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (identifier, registry_version, digest, valid_from)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'Bitemporal: an identifier is the rows of its highest visible version up to the wanted one';

CREATE TABLE institutions
(
    `institution_id` String COMMENT 'Its id',
    `registry_version` UInt32 COMMENT 'Rows count only once registry_versions has this version with the same digest',
    `digest` UInt64 COMMENT 'Digest of the change that wrote the row',
    `valid_from` Date COMMENT 'First local day',
    `valid_to` Date COMMENT 'First day on which it is over; 2149-06-06 = open',
    `removed` UInt8 COMMENT '1 = the key has no intervals from this version on (its only row)',
    `name` String COMMENT 'Name',
    `sector` LowCardinality(String) COMMENT 'education or health',
    `institution_type` LowCardinality(String) COMMENT 'Type',
    `ownership` LowCardinality(String) COMMENT 'public or private',
    `care_tier` LowCardinality(String) COMMENT 'Level of care, health only',
    `scope` LowCardinality(String) COMMENT 'core or extended',
    `unit_code` LowCardinality(String) COMMENT 'Code of the administrative unit',
    `unit_name` LowCardinality(String) COMMENT 'Name of the administrative unit',
    `parent_id` String COMMENT 'The institution it belongs to, or empty',
    `status` LowCardinality(String) COMMENT 'active, suspended or closed',
    `learners` UInt32 COMMENT 'Pupils or students',
    `beds` UInt32 COMMENT 'Beds',
    `fee_collecting` UInt8 COMMENT '1 = it collects fees',
    `recorded_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was recorded'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (institution_id, registry_version, digest, valid_from)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'Bitemporal: an institution is the rows of its highest visible version up to the wanted one';

CREATE TABLE ledger
(
    `partition` UInt16 COMMENT 'Partition of the log',
    `source` LowCardinality(String) COMMENT 'The source; undecodable for log records that cannot be read',
    `version` UInt64 COMMENT 'Epoch << 48 | offset + 1 of the last event that changed the row',
    `last_digest` UInt64 COMMENT 'Checksum of that event, to recognise the log it came from',
    `latest_received_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'The largest receipt time seen; 1970 if none',
    `partition_count` UInt16 COMMENT 'How many partitions the log has',
    `events_applied` UInt64 COMMENT 'Events that changed a record',
    `events_repeated` UInt64 COMMENT 'Events that said what was known',
    `events_no_money` UInt64 COMMENT 'Events that move no money',
    `events_dead_lettered` UInt64 COMMENT 'Events that could not be decoded',
    `counted_n` Int64 COMMENT 'Payments counted',
    `counted_dong` Int128 COMMENT 'Their dong',
    `refunded_n` Int64 COMMENT 'Refunds and lost chargebacks',
    `refunded_dong` Int128 COMMENT 'Their dong',
    `merged_n` Int64 COMMENT 'Records another record counts for',
    `merged_dong` Int128 COMMENT 'Their dong',
    `voided_n` Int64 COMMENT 'Payments taken back by their provider',
    `voided_dong` Int128 COMMENT 'Their dong',
    `excluded_n` Int64 COMMENT 'Money of a kind that is never a payer\'s fee',
    `excluded_dong` Int128 COMMENT 'Their dong',
    `unsettled_n` Int64 COMMENT 'Records without settled money',
    `unsettled_dong` Int128 COMMENT 'Their dong'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (partition, source)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'Events and records by fate from the beginning of the log, a row per partition and source. Read with FINAL';

CREATE TABLE migrations
(
    `name` String COMMENT 'File name without its ending',
    `checksum` UInt64 COMMENT 'XXH3 of the file\'s bytes',
    `applied_at` DateTime64(3, 'Asia/Ho_Chi_Minh') DEFAULT now64(3) COMMENT 'When'
)
ENGINE = ReplacingMergeTree
ORDER BY name
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'Applied migrations; written by the migration command only';

CREATE TABLE payments
(
    `partition` UInt16 COMMENT 'Partition of the log that the account belongs to' CODEC(ZSTD(1)),
    `anchor` Date COMMENT 'Local date of the provider\'s transaction time, the same in every re-send; 1970-01-01 where it sends none' CODEC(ZSTD(1)),
    `account` FixedString(16) COMMENT 'Receiving account, keyed digest' CODEC(ZSTD(1)),
    `payment` FixedString(16) COMMENT 'Movement of money, whoever reports it, keyed digest' CODEC(ZSTD(1)),
    `record` UInt64 COMMENT 'The transaction as one source reports it, keyed digest' CODEC(ZSTD(1)),
    `source` LowCardinality(String) COMMENT 'Who reports it' CODEC(ZSTD(1)),
    `source_class` Enum8('intermediary' = 1, 'institution' = 2, 'bank' = 3) COMMENT 'What the source is to a payment' CODEC(ZSTD(1)),
    `status` Enum8('none' = 0, 'settled' = 1, 'voided' = 2, 'pending' = 3, 'failed' = 4, 'expired' = 5, 'disputed' = 6, 'test' = 7) COMMENT 'Status register; none while no status is known' CODEC(ZSTD(1)),
    `status_version` UInt32 COMMENT 'The provider\'s version of the status' CODEC(ZSTD(1)),
    `present` UInt16 COMMENT 'Which optional values are there, as bits: 1 details, 2 provider_time, 4 payer, 8 beneficiary, 16 invoice, 32 invoice_other_year, 64 original, 128 merged_into, 256 decided_settled_at. An absent value is stored as zero' CODEC(ZSTD(1)),
    `details_version` UInt32 COMMENT 'The provider\'s version of the details' CODEC(ZSTD(1)),
    `amount_dong` Int64 COMMENT 'What the payer paid, in dong' CODEC(ZSTD(1)),
    `settled_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the money arrived' CODEC(T64, ZSTD(1)),
    `provider_after_micros` Int64 COMMENT 'Microseconds from settled_at to the provider\'s own time of the statement: mostly zero, so it costs no storage' CODEC(ZSTD(1)),
    `received_after_micros` Int64 COMMENT 'Microseconds from settled_at to the receipt by the collector' CODEC(T64, ZSTD(1)),
    `method` Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid, as this record says' CODEC(ZSTD(1)),
    `kind` Enum8('none' = 0, 'payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) COMMENT 'What it is, as this record says; none without details' CODEC(ZSTD(1)),
    `identifier` FixedString(16) COMMENT 'What the registry resolves to an institution, keyed digest' CODEC(ZSTD(1)),
    `evidence` UInt8 COMMENT 'What ties it to a service, as bits: 1 invoice, 2 person' CODEC(ZSTD(1)),
    `fields` UInt8 COMMENT 'Minimum fields the message carried, as bits: 1 payer\'s name, 2 beneficiary\'s name, 4 reason, 8 invoice reference' CODEC(ZSTD(1)),
    `flags` UInt8 COMMENT 'Oddities that change no figure, as bits: 1 no settlement time was sent, 2 no key for persons\' digests' CODEC(ZSTD(1)),
    `reason` Enum8('unknown' = 0, 'tuition' = 1, 'meals' = 2, 'insurance' = 3, 'services' = 4, 'exam' = 5, 'inpatient_deposit' = 6, 'inpatient_settlement' = 7, 'medicine' = 8, 'other' = 9) COMMENT 'Why it was paid' CODEC(ZSTD(1)),
    `beneficiary_kind` Enum8('unknown' = 0, 'pupil' = 1, 'patient' = 2, 'institution' = 3) COMMENT 'Whom the money serves' CODEC(ZSTD(1)),
    `payer` UInt64 COMMENT 'Payer, digest under the key of one year' CODEC(ZSTD(1)),
    `beneficiary` UInt64 COMMENT 'Pupil or patient, digest under the key of one year' CODEC(ZSTD(1)),
    `invoice` UInt64 COMMENT 'Invoice, digest under the key of the year of settled_at' CODEC(ZSTD(1)),
    `invoice_other_year` UInt64 COMMENT 'Invoice under the neighbouring year\'s key, near New Year' CODEC(ZSTD(1)),
    `original` UInt64 COMMENT 'The record of the same account that a refund or chargeback returns' CODEC(ZSTD(1)),
    `decided_by` Enum8('none' = 0, 'rule' = 1, 'person' = 2) COMMENT 'Decision register: who decided; none without a decision' CODEC(ZSTD(1)),
    `decided_registry_version` UInt32 COMMENT 'The registry the decision was taken under' CODEC(ZSTD(1)),
    `decided_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was decided' CODEC(ZSTD(1)),
    `merged_into` UInt64 COMMENT 'The record that counts instead of this one' CODEC(ZSTD(1)),
    `decided_kind` Enum8('none' = 0, 'payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) COMMENT 'What it is, whatever the message said' CODEC(ZSTD(1)),
    `decided_settled_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the money arrived, whatever the message said' CODEC(ZSTD(1)),
    `erased` UInt8 COMMENT '1 once the persons\' digests of the record are forgotten' CODEC(ZSTD(1)),
    `fate` Enum8('counted' = 1, 'refunded' = 2, 'merged' = 3, 'voided' = 4, 'excluded' = 5, 'unsettled' = 6) COMMENT 'What the record is in the figures' CODEC(ZSTD(1)),
    `business_date` Date COMMENT 'Day on which its unit is counted' CODEC(ZSTD(1)),
    `counted_method` Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'Method of its unit' CODEC(ZSTD(1)),
    `counted_kind` Enum8('payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) COMMENT 'Kind of its unit' CODEC(ZSTD(1)),
    `counted_evidence` UInt8 COMMENT 'Evidence of its unit, as bits' CODEC(ZSTD(1)),
    `version` UInt64 COMMENT 'Epoch << 48 | offset + 1 of the last event that changed any record of the payment; all its rows carry the same' CODEC(T64, ZSTD(1)),
    `provider_time` Nullable(DateTime64(6, 'Asia/Ho_Chi_Minh')) ALIAS if(bitTest(present, 1), addMicroseconds(settled_at, provider_after_micros), NULL) COMMENT 'When the provider made the statement',
    `received_at` Nullable(DateTime64(6, 'Asia/Ho_Chi_Minh')) ALIAS if(bitTest(present, 0), addMicroseconds(settled_at, received_after_micros), NULL) COMMENT 'When the collector received it'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(anchor)
ORDER BY (anchor, account, payment, record)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Facts, a row per record. No names, no raw identifiers. Read with FINAL; whole payments are rewritten together';

CREATE TABLE registry_versions
(
    `registry_version` UInt32 COMMENT 'Version, rising; gaps are possible',
    `digest` UInt64 COMMENT 'Digest of the change',
    `applied_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When',
    `applied_by` String COMMENT 'Who',
    `note` String COMMENT 'Why',
    `institutions_changed` UInt32 COMMENT 'Institutions whose intervals changed',
    `identifiers_changed` UInt32 COMMENT 'Identifiers whose intervals changed'
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY registry_version
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'A row is written last, when all rows of its version are stored: it makes them visible';
