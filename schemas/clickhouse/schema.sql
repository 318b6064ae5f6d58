-- What the migrations make of an empty database. Written by the tests, compared by them, read by people.

CREATE TABLE account_daily
(
    `partition` UInt16 COMMENT 'Partition of the log that the account belongs to' CODEC(LZ4),
    `business_date` Date COMMENT 'Local day of settlement' CODEC(LZ4),
    `account` FixedString(16) COMMENT 'Receiving account, keyed digest' CODEC(LZ4),
    `identifier` FixedString(16) COMMENT 'What the registry resolves to an institution, keyed digest' CODEC(LZ4),
    `source` LowCardinality(String) COMMENT 'Who reported it' CODEC(LZ4),
    `method` Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid' CODEC(LZ4),
    `kind` Enum8('payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) COMMENT 'What it is; the class also needs the registry' CODEC(LZ4),
    `evidence` UInt8 COMMENT 'What ties it to a service, as bits: 1 invoice, 2 person' CODEC(LZ4),
    `n` Int64 COMMENT 'Settled payments, counted or excluded by their kind' CODEC(LZ4),
    `gross_dong` Int128 COMMENT 'Their dong' CODEC(LZ4),
    `refunds_n` Int64 COMMENT 'Refunds and lost chargebacks' CODEC(LZ4),
    `refunds_dong` Int128 COMMENT 'Their dong, positive' CODEC(LZ4),
    `merged_n` Int64 COMMENT 'Records that another record of the same payment counts for' CODEC(LZ4),
    `merged_dong` Int128 COMMENT 'Their dong' CODEC(LZ4),
    `voided_n` Int64 COMMENT 'Payments taken back by their provider' CODEC(LZ4),
    `voided_dong` Int128 COMMENT 'Their dong' CODEC(LZ4),
    `payer_name_n` Int64 COMMENT 'Payments of n that carried the payer\'s name' CODEC(LZ4),
    `beneficiary_name_n` Int64 COMMENT 'Payments of n that carried the beneficiary\'s name' CODEC(LZ4),
    `reason_n` Int64 COMMENT 'Payments of n that carried a reason' CODEC(LZ4),
    `invoice_ref_n` Int64 COMMENT 'Payments of n that carried an invoice reference' CODEC(LZ4),
    `all_fields_n` Int64 COMMENT 'Payments of n that carried all four' CODEC(LZ4),
    `without_beneficiary_n` Int64 COMMENT 'Payments of n that carried all but possibly the beneficiary\'s name' CODEC(LZ4),
    `version` UInt64 COMMENT 'Epoch << 48 | offset + 1 of the last event that changed the cell' CODEC(LZ4)
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(business_date)
ORDER BY (toStartOfMonth(business_date), account, identifier, kind, method, evidence, source, business_date)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'Cells: whole values, never increments. No institution and no class inside; an emptied cell stays as zeros. Read with FINAL';

CREATE TABLE cash_declarations
(
    `institution_id` String COMMENT 'Institution (cơ sở), as in the registry',
    `month` Date COMMENT 'First day of the month',
    `source` Enum8('system_export' = 1, 'declaration' = 2, 'invoice_total' = 3) COMMENT 'A: export of hospital or school-fee software; B: declared cash receipts; C: total of invoices, value only',
    `version` UInt32 COMMENT 'Revision, from 1; the highest stands',
    `digest` UInt64 COMMENT 'Of what is declared, not of how and when it came: the same again is the same row',
    `cash_n` Nullable(Int64) COMMENT 'Cash receipts (phiếu thu); NULL of an invoice_total only',
    `cash_dong` Int64 COMMENT 'Their gross dong; of an invoice_total the dong of all invoices, cash and cashless',
    `cash_refunds_dong` Int64 COMMENT 'Dong given back in cash in the month',
    `exported_methods` Array(LowCardinality(String)) COMMENT 'Of a system_export: methods of what the software knows as cashless; UNKNOWN where only the total is told',
    `exported_n` Array(Int64) COMMENT 'Its payments, a number for each method',
    `exported_dong` Array(Int64) COMMENT 'Its dong, a number for each method',
    `signer_role` String COMMENT 'Role of who answers for it (chức vụ), never a name',
    `declared_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was declared, as the sender says',
    `recorded_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When we received it first',
    `channel` LowCardinality(String) COMMENT 'Through whom: a source of the collector, or file',
    `precedence` UInt64 MATERIALIZED 18446744073709551615 - toUInt64(toUnixTimestamp64Micro(recorded_at)) COMMENT 'Of rows with one digest the one received first stays'
)
ENGINE = ReplacingMergeTree(precedence)
ORDER BY (institution_id, month, source, version, digest)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'Append-only: every revision stays. Read it with FINAL, or read declared_months';

CREATE TABLE class_rules
(
    `registry_version` UInt32 COMMENT 'Rules count only once registry_versions has this version with the same digest; 0 = the rules that came with the product',
    `digest` UInt64 COMMENT 'Digest of the change that wrote the rows',
    `position` UInt16 COMMENT 'The first rule that matches decides',
    `kind` LowCardinality(String) COMMENT 'Kind of the movement, as in account_daily; any',
    `counter_cash` LowCardinality(String) COMMENT 'yes = cash handed in at a counter (method COUNTER_CASH), no = anything else; any',
    `owner_known` LowCardinality(String) COMMENT 'yes = the registry knows whose the identifier is on that day; no; any',
    `purpose` LowCardinality(String) COMMENT 'Purpose of the identifier; it has one only where its owner is known; any',
    `evidence` LowCardinality(String) COMMENT 'yes = an invoice or a person came with it; no; any',
    `class` LowCardinality(String) COMMENT 'The class. Counted are fee_payment and deposit',
    `places` Array(UInt16) MATERIALIZED arrayFilter(place -> ((kind IN ('any', ['none', 'payment', 'deposit', 'refund', 'chargeback', 'outflow', 'settlement', 'counter_cash', 'state_budget', 'bhyt_fund', 'donation', 'interest', 'loan', 'supplier_refund', 'internal_transfer'][intDiv(place - 1, 28) + 1])) AND (counter_cash IN ('any', ['no', 'yes'][(intDiv(place - 1, 14) % 2) + 1])) AND (owner_known IN ('any', if((intDiv(place - 1, 2) % 7) = 0, 'no', 'yes'))) AND (purpose IN ('any', ['none', 'fee_collection', 'general', 'deposit', 'payroll', 'project', 'unknown'][(intDiv(place - 1, 2) % 7) + 1])) AND (evidence IN ('any', ['no', 'yes'][((place - 1) % 2) + 1]))), range(1, 421)) COMMENT 'The combinations that it matches, each as its place in the list of classes',
    `recorded_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was recorded'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (registry_version, digest, position)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'Whole lists of rules: those of the highest visible version up to the wanted one hold, for all days';

CREATE TABLE connections
(
    `provider` LowCardinality(String) COMMENT 'As in identifiers',
    `registry_version` UInt32 COMMENT 'Rows count only once registry_versions has this version with the same digest',
    `digest` UInt64 COMMENT 'Digest of the change that wrote the row',
    `valid_from` Date COMMENT 'First local day',
    `valid_to` Date COMMENT 'First day on which it is over; 2149-06-06 = open',
    `removed` UInt8 COMMENT '1 = the key has no rows from this version on (its only row)',
    `state` LowCardinality(String) COMMENT 'connected or silent; a day without a row is not connected',
    `evidence` String COMMENT 'Why we believe it',
    `recorded_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was recorded'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (provider, registry_version, digest, valid_from)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'Bitemporal: a connection is the rows of its highest visible version up to the wanted one';

CREATE TABLE decision_log
(
    `decision_id` UInt64 COMMENT 'Digest of what is decided and of what stood before',
    `part` UInt8 COMMENT '0 = the record that was decided about, 1 and more = others that the decision is about: the other side of a merge, and what rules had merged',
    `undo_of` UInt64 COMMENT 'The decision that this one takes back; 0 = none',
    `returns_to_rules` UInt8 COMMENT '1 = no person\'s decision about the record holds any more: rules see it as one nobody has decided about',
    `who` String COMMENT 'Who decided (người quyết định)',
    `why` String COMMENT 'Why (lý do)',
    `decided_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When; the event of the decision carries the same',
    `registry_version` UInt32 COMMENT 'The registry the decision was taken under',
    `anchor` Date COMMENT 'Of the record, as in payments',
    `account` FixedString(16) COMMENT 'Of the record, as in payments',
    `payment` FixedString(16) COMMENT 'Of the record, as in payments',
    `record` UInt64 COMMENT 'The record, as in payments',
    `source` LowCardinality(String) COMMENT 'Who reports it',
    `amount_dong` Int64 COMMENT 'Its dong',
    `before_by` Enum8('none' = 0, 'rule' = 1, 'person' = 2) COMMENT 'Who had decided before; none = nobody',
    `before_registry_version` UInt32 COMMENT 'The registry that was decided under before',
    `before_decided_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When that was decided',
    `before_present` UInt8 COMMENT 'Which optional values stood before, as bits: 1 merged_into, 2 settled_at. An absent value is stored as zero',
    `before_merged_into` UInt64 COMMENT 'The record that counted instead of it before',
    `before_kind` Enum8('none' = 0, 'payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) COMMENT 'What it had been decided to be before',
    `before_settled_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the money had been decided to have arrived before',
    `before_added_evidence` UInt8 COMMENT 'What it had been decided to have beside its evidence, as in payments',
    `before_added_fields` UInt8 COMMENT 'What it had been decided to have beside its fields, as in payments',
    `after_present` UInt8 COMMENT 'Which optional values are decided, as bits: 1 merged_into, 2 settled_at',
    `after_merged_into` UInt64 COMMENT 'The record that counts instead of it',
    `after_kind` Enum8('none' = 0, 'payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) COMMENT 'What it is decided to be',
    `after_settled_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the money is decided to have arrived',
    `after_added_evidence` UInt8 COMMENT 'What it is decided to have beside its evidence, as in payments',
    `after_added_fields` UInt8 COMMENT 'What it is decided to have beside its fields, as in payments',
    `fate_before` Enum8('counted' = 1, 'refunded' = 2, 'merged' = 3, 'voided' = 4, 'excluded' = 5, 'unsettled' = 6) COMMENT 'What the record was in the figures',
    `fate_after` Enum8('counted' = 1, 'refunded' = 2, 'merged' = 3, 'voided' = 4, 'excluded' = 5, 'unsettled' = 6) COMMENT 'What the decision makes of it',
    `business_date_before` Date COMMENT 'Day on which it was counted',
    `business_date_after` Date COMMENT 'Day on which it is counted then'
)
ENGINE = ReplacingMergeTree(decided_at)
ORDER BY (decision_id, part)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'A row per record that a person decided about, written before the event is appended. Nothing is ever taken out. Read with FINAL, or read decision_history';

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

CREATE TABLE indicators
(
    `target_id` LowCardinality(String) COMMENT 'The target, as in the plan',
    `registry_version` UInt32 COMMENT 'Rows count only once registry_versions has this version with the same digest',
    `digest` UInt64 COMMENT 'Digest of the change that wrote the row',
    `valid_from` Date COMMENT 'First local day',
    `valid_to` Date COMMENT 'First day on which it is over; 2149-06-06 = open',
    `removed` UInt8 COMMENT '1 = the key has no rows from this version on (its only row)',
    `numerator` UInt64 COMMENT 'How many do',
    `denominator` UInt64 COMMENT 'Of how many',
    `declared_by` LowCardinality(String) COMMENT 'Who declared it',
    `evidence` String COMMENT 'Why we believe it',
    `recorded_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was recorded'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (target_id, registry_version, digest, valid_from)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'Bitemporal: an indicator is the rows of its highest visible version up to the wanted one';

CREATE TABLE institution_attributes
(
    `institution_id` String COMMENT 'Whose',
    `registry_version` UInt32 COMMENT 'Rows count only once registry_versions has this version with the same digest',
    `digest` UInt64 COMMENT 'Digest of the change that wrote the row',
    `valid_from` Date COMMENT 'First local day',
    `valid_to` Date COMMENT 'First day on which it is over; 2149-06-06 = open',
    `removed` UInt8 COMMENT '1 = the key has no rows from this version on (its only row)',
    `attribute` LowCardinality(String) COMMENT 'platform, method_ready, accepting, focal_point, payment_module or template_agreed',
    `value` LowCardinality(String) COMMENT 'Category of the platform, family of methods or provider; else empty',
    `name` LowCardinality(String) COMMENT 'Name of the product, role of the person',
    `ministry_listed` UInt8 COMMENT '1 = the ministry lists the product',
    `declared_by` LowCardinality(String) COMMENT 'Who declared it',
    `evidence` String COMMENT 'Why we believe it',
    `recorded_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was recorded'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (institution_id, registry_version, digest, attribute, value, name, valid_from)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'Bitemporal: the attributes of an institution are the rows of its highest visible version up to the wanted one';

CREATE TABLE institution_months
(
    `plan_id` LowCardinality(String) COMMENT 'The plan',
    `institution_id` String COMMENT 'The institution',
    `month` Date COMMENT 'First day of the month',
    `evaluated_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the evaluation began to read its data',
    `plan_version` UInt32 COMMENT 'Version of the plan',
    `n` Int64 COMMENT 'Counted payments',
    `net_dong` Int128 COMMENT 'Their dong less refunds',
    `gross_dong` Int128 COMMENT 'Their dong',
    `cash_n` Nullable(Int64) COMMENT 'Cash receipts (phiếu thu) by the standing declaration; NULL = not known',
    `cash_dong` Nullable(Int128) COMMENT 'Their dong less refunds; NULL = not known',
    `states` Array(LowCardinality(String)) COMMENT 'late, conflict, declared, zero, missing, numerator_incomplete: all that hold',
    `source_used` LowCardinality(String) COMMENT 'Source of the cash: system_export, declaration, invoice_total; empty = none',
    `imputed_low_n` Nullable(Int64) COMMENT 'Cash receipts imputed for the lower bound; NULL = none',
    `imputed_low_dong` Nullable(Int128) COMMENT 'Dong imputed for the lower bound; NULL = none',
    `exported_n` Nullable(Int64) COMMENT 'Cashless payments that the institution\'s own software reports; NULL = no report',
    `exported_dong` Nullable(Int128) COMMENT 'Their dong; NULL = no report',
    `digest` UInt64 COMMENT 'Digest of the row without evaluated_at',
    `is_removed` UInt8 COMMENT '1 = it is no longer of the plan; FINAL leaves the row out'
)
ENGINE = ReplacingMergeTree(evaluated_at, is_removed)
ORDER BY (plan_id, institution_id, month)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'The latest state only, by the active version of the plan. Read with FINAL';

CREATE TABLE institution_standing
(
    `plan_id` LowCardinality(String) COMMENT 'The plan',
    `institution_id` String COMMENT 'The institution',
    `evaluated_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the evaluation began to read its data',
    `plan_version` UInt32 COMMENT 'Version of the plan',
    `sector` LowCardinality(String) COMMENT 'education or health',
    `institution_type` LowCardinality(String) COMMENT 'Type',
    `ownership` LowCardinality(String) COMMENT 'public or private',
    `managed_by` LowCardinality(String) COMMENT 'Who runs it: province, ministry, army or police',
    `care_tier` LowCardinality(String) COMMENT 'Level of care (tuyến), health only',
    `scope` LowCardinality(String) COMMENT 'core or extended; verdicts are on core',
    `unit_code` LowCardinality(String) COMMENT 'Code of the administrative unit',
    `district_code` LowCardinality(String) COMMENT 'District (huyện) of the unit; empty where there is none, as since July 2025',
    `parent_id` String COMMENT 'The institution it belongs to, or empty',
    `is_active` UInt8 COMMENT '1 = active at the reference date, and so in every figure about a moment',
    `is_fee_collecting` UInt8 COMMENT '1 = it collects fees',
    `weight` UInt64 COMMENT 'What it is weighed with in coverage',
    `size_band` LowCardinality(String) COMMENT 'Band of size within which it is ranked',
    `n` Int64 COMMENT 'Counted payments of the target year',
    `net_dong` Int128 COMMENT 'Their dong less refunds',
    `gross_dong` Int128 COMMENT 'Their dong',
    `cash_n` Nullable(Int64) COMMENT 'Declared cash receipts; NULL = none declared',
    `cash_dong` Nullable(Int128) COMMENT 'Their dong less refunds; NULL = none declared',
    `count_low_numerator` Nullable(Int128) COMMENT 'Lower bound of the share in number; NULL = none',
    `count_low_denominator` Nullable(Int128) COMMENT 'Lower bound of the share in number; NULL = none',
    `value_low_numerator` Nullable(Int128) COMMENT 'Lower bound of the share in value; NULL = none',
    `value_low_denominator` Nullable(Int128) COMMENT 'Lower bound of the share in value; NULL = none',
    `count_display` String COMMENT 'Lower bound of the share in number, in percent; empty = none',
    `value_display` String COMMENT 'Lower bound of the share in value, in percent; empty = none',
    `methods_ready` UInt8 COMMENT 'Families of methods declared ready, 0 to 4',
    `minfields_numerator` Int64 COMMENT 'Counted payments with all minimum fields',
    `minfields_denominator` Int64 COMMENT 'Counted payments',
    `score_millionths` Int64 COMMENT 'Score in millionths of a point, of 100 points',
    `rank` UInt32 COMMENT 'Rank in its band; 0 = not ranked',
    `unranked_reason` String COMMENT 'Why it is not ranked; empty = it is',
    `months_used` UInt16 COMMENT 'Months with a counted payment',
    `months_active` UInt16 COMMENT 'Months so far that have ended and in which it was active on the 1st',
    `months_declared_count` UInt16 COMMENT 'Of these, months with a declared number of cash receipts',
    `months_declared_value` UInt16 COMMENT 'Of these, months with a declared value of cash receipts',
    `uses` Enum8('no' = 0, 'yes' = 1, 'unknown' = 2) COMMENT 'Whether it uses cashless payment (sử dụng)',
    `accepts` UInt8 COMMENT '1 = it accepts cashless payment (chấp nhận)',
    `has_platform` UInt8 COMMENT '1 = it has a digital platform (nền tảng số)',
    `has_listed_platform` UInt8 COMMENT '1 = it has a platform that the ministry lists',
    `is_open` UInt8 COMMENT '1 = money of it may go unseen: an identifier of a provider that is silent or not connected',
    `installed` UInt8 COMMENT '1 = at least one method is installed (lắp đặt)',
    `digest` UInt64 COMMENT 'Digest of the row without evaluated_at',
    `is_removed` UInt8 COMMENT '1 = it is no longer of the plan; FINAL leaves the row out'
)
ENGINE = ReplacingMergeTree(evaluated_at, is_removed)
ORDER BY (plan_id, institution_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'The latest state only, by the active version of the plan. Read with FINAL, or read ranking';

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
    `recorded_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was recorded',
    `visits` UInt32 DEFAULT 0 COMMENT 'Visits of patients a year',
    `managed_by` LowCardinality(String) DEFAULT 'province' COMMENT 'province, ministry, army or police: who runs it, if it is public'
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

CREATE TABLE payer_accounts
(
    `account` FixedString(16) COMMENT 'Keyed digest of the paying bank account, made like that of a receiving one',
    `registry_version` UInt32 COMMENT 'Rows count only once registry_versions has this version with the same digest',
    `digest` UInt64 COMMENT 'Digest of the change that wrote the row',
    `valid_from` Date COMMENT 'First local day',
    `valid_to` Date COMMENT 'First day on which it is over; 2149-06-06 = open',
    `removed` UInt8 COMMENT '1 = the key has no rows from this version on (its only row)',
    `kind` LowCardinality(String) COMMENT 'state_budget, bhyt_fund, donation, interest, loan or supplier_refund',
    `provider` LowCardinality(String) COMMENT 'The bank',
    `tail` String COMMENT 'Last characters, the rest masked',
    `evidence` String COMMENT 'Why we believe it',
    `recorded_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was recorded'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (account, registry_version, digest, valid_from)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'Bitemporal: an account is the rows of its highest visible version up to the wanted one';

CREATE TABLE payments
(
    `partition` UInt16 COMMENT 'Partition of the log that the account belongs to' CODEC(ZSTD(1)),
    `anchor` Date COMMENT 'Local date of the provider\'s transaction time, the same in every re-send; 1970-01-01 where it sends none' CODEC(LZ4),
    `account` FixedString(16) COMMENT 'Receiving account, keyed digest' CODEC(LZ4),
    `payment` FixedString(16) COMMENT 'Movement of money, whoever reports it, keyed digest' CODEC(LZ4),
    `record` UInt64 COMMENT 'The transaction as one source reports it, keyed digest' CODEC(LZ4),
    `source` LowCardinality(String) COMMENT 'Who reports it' CODEC(ZSTD(1)),
    `source_class` Enum8('intermediary' = 1, 'institution' = 2, 'bank' = 3) COMMENT 'What the source is to a payment' CODEC(ZSTD(1)),
    `status` Enum8('none' = 0, 'settled' = 1, 'voided' = 2, 'pending' = 3, 'failed' = 4, 'expired' = 5, 'disputed' = 6, 'test' = 7) COMMENT 'Status register; none while no status is known' CODEC(ZSTD(1)),
    `status_version` UInt32 COMMENT 'The provider\'s version of the status' CODEC(ZSTD(1)),
    `present` UInt16 COMMENT 'Which optional values are there, as bits: 1 details, 2 provider_time, 4 payer, 8 beneficiary, 16 invoice, 32 invoice_other_year, 64 original, 128 merged_into, 256 decided_settled_at, 512 payer_account, 1024 reference. An absent value is stored as zero' CODEC(LZ4),
    `details_version` UInt32 COMMENT 'The provider\'s version of the details' CODEC(ZSTD(1)),
    `amount_dong` Int64 COMMENT 'What the payer paid, in dong' CODEC(ZSTD(1)),
    `settled_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the money arrived' CODEC(T64, ZSTD(1)),
    `provider_after_micros` Int64 COMMENT 'Microseconds from settled_at to the provider\'s own time of the statement: mostly zero, so it costs no storage' CODEC(ZSTD(1)),
    `received_after_micros` Int64 COMMENT 'Microseconds from settled_at to the receipt by the collector' CODEC(T64, ZSTD(1)),
    `method` Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid, as this record says' CODEC(ZSTD(1)),
    `kind` Enum8('none' = 0, 'payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) COMMENT 'What it is, as this record says; none without details' CODEC(ZSTD(1)),
    `identifier` FixedString(16) COMMENT 'What the registry resolves to an institution, keyed digest' CODEC(LZ4),
    `evidence` UInt8 COMMENT 'What ties it to a service, as bits: 1 invoice, 2 person' CODEC(ZSTD(1)),
    `fields` UInt8 COMMENT 'Minimum fields the message carried, as bits: 1 payer\'s name, 2 beneficiary\'s name, 4 reason, 8 invoice reference' CODEC(ZSTD(1)),
    `flags` UInt8 COMMENT 'Oddities that change no figure, as bits: 1 no settlement time was sent, 2 no key for persons\' digests' CODEC(ZSTD(1)),
    `reason` Enum8('unknown' = 0, 'tuition' = 1, 'meals' = 2, 'insurance' = 3, 'services' = 4, 'exam' = 5, 'inpatient_deposit' = 6, 'inpatient_settlement' = 7, 'medicine' = 8, 'other' = 9) COMMENT 'Why it was paid' CODEC(ZSTD(1)),
    `beneficiary_kind` Enum8('unknown' = 0, 'pupil' = 1, 'patient' = 2, 'institution' = 3) COMMENT 'Whom the money serves' CODEC(ZSTD(1)),
    `payer` UInt64 COMMENT 'Payer, digest under the key of one year' CODEC(ZSTD(1)),
    `beneficiary` UInt64 COMMENT 'Pupil or patient, digest under the key of one year' CODEC(ZSTD(1)),
    `payer_account` UInt64 COMMENT 'Account the money came from, digest under the key of the year of settled_at, for this receiving account only' CODEC(ZSTD(1)),
    `invoice` UInt64 COMMENT 'Invoice and amount, digest under the key of the year of settled_at, the same at every account' CODEC(ZSTD(1)),
    `invoice_other_year` UInt64 COMMENT 'Invoice and amount under the neighbouring year\'s key, near New Year' CODEC(ZSTD(1)),
    `original` UInt64 COMMENT 'The record that a refund or chargeback returns' CODEC(ZSTD(1)),
    `reference` UInt64 COMMENT 'The bank\'s reference at this account whatever the day, keyed digest' CODEC(ZSTD(1)),
    `decided_by` Enum8('none' = 0, 'rule' = 1, 'person' = 2) COMMENT 'Decision register: who decided; none without a decision' CODEC(ZSTD(1)),
    `decided_registry_version` UInt32 COMMENT 'The registry the decision was taken under' CODEC(ZSTD(1)),
    `decided_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was decided' CODEC(ZSTD(1)),
    `merged_into` UInt64 COMMENT 'The record that counts instead of this one' CODEC(ZSTD(1)),
    `decided_kind` Enum8('none' = 0, 'payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) COMMENT 'What it is, whatever the message said' CODEC(ZSTD(1)),
    `decided_settled_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the money arrived, whatever the message said' CODEC(ZSTD(1)),
    `added_evidence` UInt8 COMMENT 'What ties it to a service beside evidence, as bits, from a record that it counts for' CODEC(ZSTD(1)),
    `added_fields` UInt8 COMMENT 'Minimum fields beside fields, as bits, of the same' CODEC(ZSTD(1)),
    `erased` UInt8 COMMENT '1 once the persons\' digests of the record are forgotten' CODEC(ZSTD(1)),
    `fate` Enum8('counted' = 1, 'refunded' = 2, 'merged' = 3, 'voided' = 4, 'excluded' = 5, 'unsettled' = 6) COMMENT 'What the record is in the figures' CODEC(LZ4),
    `unit_fate` Enum8('counted' = 1, 'refunded' = 2, 'merged' = 3, 'voided' = 4, 'excluded' = 5, 'unsettled' = 6) DEFAULT fate COMMENT 'The fate of the record that speaks for its unit; merged = it counts in another payment' CODEC(ZSTD(1)),
    `business_date` Date COMMENT 'Day on which its unit is counted' CODEC(LZ4),
    `counted_method` Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'Method of its unit' CODEC(LZ4),
    `counted_kind` Enum8('payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) COMMENT 'Kind of its unit' CODEC(LZ4),
    `counted_evidence` UInt8 COMMENT 'Evidence of its unit, as bits' CODEC(LZ4),
    `version` UInt64 COMMENT 'Epoch << 48 | offset + 1 of the last event that changed any record of the payment; all its rows carry the same' CODEC(T64, LZ4),
    `as_original` UInt16 MATERIALIZED ((((((fate = 'refunded') AND bitTest(present, 6)) * 4096) + (toUInt16(unit_fate) * 512)) + (toUInt16(counted_kind) * 28)) + ((counted_method = 'COUNTER_CASH') * 14)) + (counted_evidence != 0) COMMENT 'What a refund has to know of the record that it returns, in one column since it is read from nearly every granule: its place in classes_as_of without owner, less 1; 512 times the fate of its unit; 4096 if it is a refund itself that names one' CODEC(LZ4),
    `provider_time` Nullable(DateTime64(6, 'Asia/Ho_Chi_Minh')) ALIAS if(bitTest(present, 1), addMicroseconds(settled_at, provider_after_micros), NULL) COMMENT 'When the provider made the statement',
    `received_at` Nullable(DateTime64(6, 'Asia/Ho_Chi_Minh')) ALIAS if(bitTest(present, 0), addMicroseconds(settled_at, received_after_micros), NULL) COMMENT 'When the collector received it',
    INDEX business_date business_date TYPE minmax GRANULARITY 1,
    PROJECTION refunds
    (
        SELECT
            anchor,
            groupArrayIf((account, record, original, business_date, identifier, source, counted_method, counted_kind, counted_evidence, amount_dong, version), (fate = 'refunded') AND (bitAnd(present, 64) != 0))
        GROUP BY anchor
    )
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(anchor)
ORDER BY (anchor, account, payment, record)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_level_for_wide_part = 2, deduplicate_merge_projection_mode = 'rebuild'
COMMENT 'Facts, a row per record. No names, no raw identifiers. Read with FINAL; whole payments are rewritten together';

CREATE TABLE plans
(
    `plan_id` String COMMENT 'Id of the plan, as in DN-2022',
    `plan_version` UInt32 COMMENT 'Version; other content needs another version',
    `digest` UInt64 COMMENT 'Digest of the document',
    `document` String COMMENT 'The plan file as it was applied (JSON)',
    `is_active` UInt8 COMMENT '1 = the tracker evaluates this version; one version of a plan at most',
    `applied_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was applied or retired',
    `applied_by` String COMMENT 'Who',
    `note` String COMMENT 'Why'
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY (plan_id, plan_version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'A row per version of a plan; the content of a version never changes. Read with FINAL';

CREATE TABLE registry_versions
(
    `registry_version` UInt32 COMMENT 'Version, rising; gaps are possible',
    `digest` UInt64 COMMENT 'Digest of the change',
    `applied_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When',
    `applied_by` String COMMENT 'Who',
    `note` String COMMENT 'Why',
    `institutions_changed` UInt32 COMMENT 'Institutions whose intervals changed',
    `identifiers_changed` UInt32 COMMENT 'Identifiers whose intervals changed',
    `units_changed` UInt32 DEFAULT 0 COMMENT 'Units whose rows changed',
    `attributes_changed` UInt32 DEFAULT 0 COMMENT 'Institutions whose attributes changed',
    `connections_changed` UInt32 DEFAULT 0 COMMENT 'Providers whose connection changed',
    `payer_accounts_changed` UInt32 DEFAULT 0 COMMENT 'Payer accounts whose rows changed',
    `successions_changed` UInt32 DEFAULT 0 COMMENT 'Institutions whose successions changed',
    `indicators_changed` UInt32 DEFAULT 0 COMMENT 'Targets whose typed figures changed'
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY registry_version
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'A row is written last, when all rows of its version are stored: it makes them visible';

CREATE TABLE successions
(
    `from_institution_id` String COMMENT 'To which it happened',
    `registry_version` UInt32 COMMENT 'Rows count only once registry_versions has this version with the same digest',
    `digest` UInt64 COMMENT 'Digest of the change that wrote the row',
    `valid_from` Date COMMENT 'The first local day on which it is so',
    `valid_to` Date COMMENT 'The day after',
    `removed` UInt8 COMMENT '1 = the key has no rows from this version on (its only row)',
    `event` LowCardinality(String) COMMENT 'open, merge, split, rename, change_parent or close',
    `to_institution_id` String COMMENT 'The successor or new parent, or empty',
    `evidence` String COMMENT 'Why we believe it',
    `recorded_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was recorded'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (from_institution_id, registry_version, digest, valid_from, event, to_institution_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'Bitemporal: what happened to an institution is the rows of its highest visible version up to the wanted one';

CREATE TABLE target_progress
(
    `evaluated_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the evaluation began to read its data',
    `plan_id` LowCardinality(String) COMMENT 'The plan',
    `plan_version` UInt32 COMMENT 'Its version',
    `target_id` LowCardinality(String) COMMENT 'The target, the pair of targets, or the variant',
    `row_kind` Enum8('target' = 1, 'pair' = 2, 'variant' = 3) COMMENT 'pair = targets that have to be met together; variant = shown beside a target, without a say in its verdict',
    `sector` LowCardinality(String) COMMENT 'education, health, or empty for both',
    `metric` LowCardinality(String) COMMENT 'What is measured, as in the plan: count_share, value_share, use_share, …',
    `title_vi` String COMMENT 'The target in the words of the plan',
    `comparator` Enum8('>=' = 1, '>' = 2) COMMENT 'How the ratio is compared with the threshold',
    `threshold_numerator` Int64 COMMENT 'Threshold of the plan, numerator',
    `threshold_denominator` Int64 COMMENT 'Threshold of the plan, denominator',
    `numerator` Nullable(Int128) COMMENT 'Observed: only where the denominator is known; NULL = no data',
    `denominator` Nullable(Int128) COMMENT 'Observed: only where it is known; NULL = no data',
    `low_numerator` Nullable(Int128) COMMENT 'Lower bound; NULL = none',
    `low_denominator` Nullable(Int128) COMMENT 'Lower bound; NULL = none',
    `high_numerator` Nullable(Int128) COMMENT 'Upper bound; NULL = none',
    `high_denominator` Nullable(Int128) COMMENT 'Upper bound; NULL = none',
    `display` String COMMENT 'Observed in percent, truncated, as people read it; empty = no data',
    `low_display` String COMMENT 'Lower bound in percent; empty = none',
    `high_display` String COMMENT 'Upper bound in percent; empty = none',
    `verdict` Enum8('achieved' = 1, 'missed' = 2, 'undetermined' = 3) COMMENT 'From the bounds: đạt, không đạt, chưa đủ số liệu',
    `reason` LowCardinality(String) COMMENT 'Why the verdict is what it is',
    `high_is_open` UInt8 COMMENT '1 = money may be missing, so the upper bound bounds nothing',
    `coverage_n` UInt32 COMMENT 'Institutions whose denominators are all known',
    `coverage_of` UInt32 COMMENT 'Institutions of the population',
    `coverage_weight` UInt64 COMMENT 'Weight of the institutions whose denominators are all known',
    `coverage_weight_of` UInt64 COMMENT 'Weight of the population',
    `weight_kind` LowCardinality(String) COMMENT 'What is weighed: receipts, learners, visits or institutions',
    `is_preliminary` UInt8 COMMENT '1 = sơ bộ: too little weight is covered',
    `imputed_n` UInt32 COMMENT 'Institution-months whose cash was imputed, for bounds only',
    `months_left` UInt16 COMMENT 'Months of the target year that are still to come',
    `required_display` String COMMENT 'Share in percent that what is still to come needs, rounded up; above 100 = out of reach; empty = nothing is to come, or nothing can be said',
    `required_institutions` Nullable(UInt64) COMMENT 'Of a share of institutions: how many more are needed; NULL = not all of them together would do, or another kind of share',
    `projected_display` String COMMENT 'Projected share in percent at the end of the target year; empty = cannot be said',
    `projection_basis` String COMMENT 'What the projection rests on',
    `payments_watermark` Array(UInt64) COMMENT 'Highest version in the ledger before the data was read, by partition (first = 0); 0 = none. All before it is in the figures, save a batch that was being stored at that moment',
    `received_until` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'Receipt of the newest event in the ledger before the data was read; 1970 = none',
    `registry_version` UInt32 COMMENT 'Registry version that was read',
    `declarations_until` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the newest declaration that was read had been recorded; 1970 = none',
    `evaluator_version` LowCardinality(String) COMMENT 'Release of the evaluator',
    `digest` UInt64 COMMENT 'Digest of the result, without the columns that say from which data and when'
)
ENGINE = MergeTree
ORDER BY (plan_id, plan_version, target_id, row_kind, evaluated_at)
TTL toDateTime(evaluated_at) + toIntervalDay(90)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'Append-only: a row whenever a result changed. The newest row stands until the next one';

CREATE TABLE target_progress_days
(
    `evaluated_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the evaluation began to read its data',
    `plan_id` LowCardinality(String) COMMENT 'The plan',
    `plan_version` UInt32 COMMENT 'Its version',
    `target_id` LowCardinality(String) COMMENT 'The target, the pair of targets, or the variant',
    `row_kind` Enum8('target' = 1, 'pair' = 2, 'variant' = 3) COMMENT 'pair = targets that have to be met together; variant = shown beside a target, without a say in its verdict',
    `sector` LowCardinality(String) COMMENT 'education, health, or empty for both',
    `metric` LowCardinality(String) COMMENT 'What is measured, as in the plan: count_share, value_share, use_share, …',
    `title_vi` String COMMENT 'The target in the words of the plan',
    `comparator` Enum8('>=' = 1, '>' = 2) COMMENT 'How the ratio is compared with the threshold',
    `threshold_numerator` Int64 COMMENT 'Threshold of the plan, numerator',
    `threshold_denominator` Int64 COMMENT 'Threshold of the plan, denominator',
    `numerator` Nullable(Int128) COMMENT 'Observed: only where the denominator is known; NULL = no data',
    `denominator` Nullable(Int128) COMMENT 'Observed: only where it is known; NULL = no data',
    `low_numerator` Nullable(Int128) COMMENT 'Lower bound; NULL = none',
    `low_denominator` Nullable(Int128) COMMENT 'Lower bound; NULL = none',
    `high_numerator` Nullable(Int128) COMMENT 'Upper bound; NULL = none',
    `high_denominator` Nullable(Int128) COMMENT 'Upper bound; NULL = none',
    `display` String COMMENT 'Observed in percent, truncated, as people read it; empty = no data',
    `low_display` String COMMENT 'Lower bound in percent; empty = none',
    `high_display` String COMMENT 'Upper bound in percent; empty = none',
    `verdict` Enum8('achieved' = 1, 'missed' = 2, 'undetermined' = 3) COMMENT 'From the bounds: đạt, không đạt, chưa đủ số liệu',
    `reason` LowCardinality(String) COMMENT 'Why the verdict is what it is',
    `high_is_open` UInt8 COMMENT '1 = money may be missing, so the upper bound bounds nothing',
    `coverage_n` UInt32 COMMENT 'Institutions whose denominators are all known',
    `coverage_of` UInt32 COMMENT 'Institutions of the population',
    `coverage_weight` UInt64 COMMENT 'Weight of the institutions whose denominators are all known',
    `coverage_weight_of` UInt64 COMMENT 'Weight of the population',
    `weight_kind` LowCardinality(String) COMMENT 'What is weighed: receipts, learners, visits or institutions',
    `is_preliminary` UInt8 COMMENT '1 = sơ bộ: too little weight is covered',
    `imputed_n` UInt32 COMMENT 'Institution-months whose cash was imputed, for bounds only',
    `months_left` UInt16 COMMENT 'Months of the target year that are still to come',
    `required_display` String COMMENT 'Share in percent that what is still to come needs, rounded up; above 100 = out of reach; empty = nothing is to come, or nothing can be said',
    `required_institutions` Nullable(UInt64) COMMENT 'Of a share of institutions: how many more are needed; NULL = not all of them together would do, or another kind of share',
    `projected_display` String COMMENT 'Projected share in percent at the end of the target year; empty = cannot be said',
    `projection_basis` String COMMENT 'What the projection rests on',
    `payments_watermark` Array(UInt64) COMMENT 'Highest version in the ledger before the data was read, by partition (first = 0); 0 = none. All before it is in the figures, save a batch that was being stored at that moment',
    `received_until` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'Receipt of the newest event in the ledger before the data was read; 1970 = none',
    `registry_version` UInt32 COMMENT 'Registry version that was read',
    `declarations_until` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the newest declaration that was read had been recorded; 1970 = none',
    `evaluator_version` LowCardinality(String) COMMENT 'Release of the evaluator',
    `digest` UInt64 COMMENT 'Digest of the result, without the columns that say from which data and when',
    `day` Date COMMENT 'Local day of evaluation'
)
ENGINE = ReplacingMergeTree(evaluated_at)
ORDER BY (plan_id, plan_version, target_id, row_kind, day)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'The last row of target_progress of each local day, which stays when that table forgets. Read it by its views';

CREATE MATERIALIZED VIEW target_progress_to_days TO target_progress_days
(
    `evaluated_at` DateTime64(6, 'Asia/Ho_Chi_Minh'),
    `plan_id` LowCardinality(String),
    `plan_version` UInt32,
    `target_id` LowCardinality(String),
    `row_kind` Enum8('target' = 1, 'pair' = 2, 'variant' = 3),
    `sector` LowCardinality(String),
    `metric` LowCardinality(String),
    `title_vi` String,
    `comparator` Enum8('>=' = 1, '>' = 2),
    `threshold_numerator` Int64,
    `threshold_denominator` Int64,
    `numerator` Nullable(Int128),
    `denominator` Nullable(Int128),
    `low_numerator` Nullable(Int128),
    `low_denominator` Nullable(Int128),
    `high_numerator` Nullable(Int128),
    `high_denominator` Nullable(Int128),
    `display` String,
    `low_display` String,
    `high_display` String,
    `verdict` Enum8('achieved' = 1, 'missed' = 2, 'undetermined' = 3),
    `reason` LowCardinality(String),
    `high_is_open` UInt8,
    `coverage_n` UInt32,
    `coverage_of` UInt32,
    `coverage_weight` UInt64,
    `coverage_weight_of` UInt64,
    `weight_kind` LowCardinality(String),
    `is_preliminary` UInt8,
    `imputed_n` UInt32,
    `months_left` UInt16,
    `required_display` String,
    `required_institutions` Nullable(UInt64),
    `projected_display` String,
    `projection_basis` String,
    `payments_watermark` Array(UInt64),
    `received_until` DateTime64(6, 'Asia/Ho_Chi_Minh'),
    `registry_version` UInt32,
    `declarations_until` DateTime64(6, 'Asia/Ho_Chi_Minh'),
    `evaluator_version` LowCardinality(String),
    `digest` UInt64,
    `day` Date
)
COMMENT 'Copies rows, sums up nothing. Who decides what is new reads the days, so a copy that was lost is appended again'
AS SELECT
    *,
    toDate(evaluated_at, 'Asia/Ho_Chi_Minh') AS day
FROM target_progress;

CREATE TABLE units
(
    `code` LowCardinality(String) COMMENT 'Code of the unit; used again for others later, so only code and day name one',
    `registry_version` UInt32 COMMENT 'Rows count only once registry_versions has this version with the same digest',
    `digest` UInt64 COMMENT 'Digest of the change that wrote the row',
    `valid_from` Date COMMENT 'First local day',
    `valid_to` Date COMMENT 'First day on which it is over; 2149-06-06 = open',
    `removed` UInt8 COMMENT '1 = the key has no rows from this version on (its only row)',
    `level` LowCardinality(String) COMMENT 'province, district or commune',
    `name` LowCardinality(String) COMMENT 'Name',
    `parent_code` LowCardinality(String) COMMENT 'Code of the unit it is part of; empty for a province',
    `recorded_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was recorded'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (code, registry_version, digest, valid_from)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'Bitemporal: a unit is the rows of its highest visible version up to the wanted one';

CREATE TABLE weak_candidates_found
(
    `business_date` Date COMMENT 'Day on which the bank says that the money arrived',
    `anchor` Date COMMENT 'Of the record, as in payments',
    `account` FixedString(16) COMMENT 'Of the record, as in payments',
    `payment` FixedString(16) COMMENT 'Of the record, as in payments',
    `record` UInt64 COMMENT 'The bank\'s record',
    `source` LowCardinality(String) COMMENT 'The bank',
    `institution_id` LowCardinality(String) COMMENT 'Whose account it was when it was reviewed, or UNKNOWN',
    `purpose` LowCardinality(String) COMMENT 'What the account is kept for; none without owner',
    `rule` LowCardinality(String) COMMENT 'What they share: an invoice and a day, or ten minutes',
    `method` LowCardinality(String) COMMENT 'How it was paid',
    `kind` LowCardinality(String) COMMENT 'What it is',
    `evidence` UInt8 COMMENT 'What ties it to a service, as bits',
    `amount_dong` Int64 COMMENT 'Its dong',
    `candidates` Array(UInt64) COMMENT 'Records of intermediaries it may be the same as; empty = none or one by now',
    `reviewed_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When that changed'
)
ENGINE = ReplacingMergeTree(reviewed_at)
ORDER BY (business_date, anchor, account, payment, record)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192
COMMENT 'Written by the reviewer, a new row whenever the answer changes. Read with FINAL, or read weak_candidates';

CREATE VIEW class_rules_as_of
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'From the top, the first that matches decides: class_rules_as_of(registry_version = N)'
AS SELECT
    registry_version,
    position,
    kind,
    counter_cash,
    owner_known,
    purpose,
    evidence,
    class,
    places
FROM class_rules
FINAL
WHERE (registry_version, digest) = (
    SELECT max((registry_version, digest))
    FROM class_rules
    WHERE (registry_version = 0) OR ((registry_version, digest) IN (
        SELECT
            registry_version,
            digest
        FROM registry_versions
        FINAL
        WHERE registry_version <= {registry_version:UInt32}
    ))
)
ORDER BY position ASC;

CREATE VIEW classes_as_of
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Every combination there can be; purpose none = no owner known: classes_as_of(registry_version = N)'
AS SELECT
    arrayJoin(places) AS place,
    ['none', 'payment', 'deposit', 'refund', 'chargeback', 'outflow', 'settlement', 'counter_cash', 'state_budget', 'bhyt_fund', 'donation', 'interest', 'loan', 'supplier_refund', 'internal_transfer'][intDiv(place - 1, 28) + 1] AS kind,
    intDiv(place - 1, 14) % 2 AS is_counter_cash,
    ['none', 'fee_collection', 'general', 'deposit', 'payroll', 'project', 'unknown'][(intDiv(place - 1, 2) % 7) + 1] AS purpose,
    (place - 1) % 2 AS has_evidence,
    min(r.position) AS rule,
    argMin(r.class, r.position) AS class,
    class IN ('fee_payment', 'deposit') AS counted
FROM class_rules_as_of(registry_version = {registry_version:UInt32}) AS r
GROUP BY place
ORDER BY place ASC;

CREATE VIEW data_quality
(
    `issue` LowCardinality(String) COMMENT 'Kind of trouble',
    `title_vi` String COMMENT 'The same in Vietnamese',
    `province_code` LowCardinality(String) COMMENT 'Province (tỉnh), or UNKNOWN',
    `province_name` LowCardinality(String) COMMENT 'Its name',
    `sector` LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    `source` LowCardinality(String) COMMENT 'The bank or intermediary, where it is one\'s trouble',
    `n` Int64 COMMENT 'How many: institution-months, payments, events or seconds, as the issue says',
    `dong` Int128 COMMENT 'Dong concerned, where money is',
    `is_alarm` UInt8 COMMENT '1 = figures are not to be published before this is looked at',
    `to_do_vi` String COMMENT 'What to do (việc cần làm)'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'A row per kind of trouble and place; no row = no such trouble. Over all months there are. What is wrong with single payments is in payments_to_check'
AS WITH
    (
        SELECT unknown_method_percent
        FROM view_settings
    ) AS method_percent,
    (
        SELECT silent_after_seconds
        FROM view_settings
    ) AS silent_after,
    by_place AS
    (
        SELECT
            province_code,
            province_name,
            sector,
            sum(n) AS payments,
            arrayJoin([('missing_declaration', toInt64(countIf(is_active AND (cash_dong IS NULL) AND ((addMonths(month, 1) + toIntervalDay(5)) <= today()))), toInt128(sumIf(net_dong, is_active AND (cash_dong IS NULL)))), ('late_declaration', toInt64(countIf(is_late)), toInt128(sumIf(ifNull(cash_dong, toInt128(0)), is_late))), ('conflicting_declarations', toInt64(countIf(is_conflict)), toInt128(sumIf(ifNull(cash_dong, toInt128(0)), is_conflict))), ('numerator_gap', toInt64(countIf(is_numerator_gap)), toInt128(sumIf(ifNull(exported_dong, toInt128(0)) - gross_dong, is_numerator_gap))), ('outside_active_months', toInt64(sumIf(n, (NOT is_active) AND (institution_id != 'UNKNOWN'))), toInt128(sumIf(net_dong, (NOT is_active) AND (institution_id != 'UNKNOWN')))), ('unresolved_account', toInt64(sumIf(unknown_n, institution_id = 'UNKNOWN')), toInt128(sumIf(unknown_dong, institution_id = 'UNKNOWN'))), ('unknown_class', toInt64(sumIf(unknown_n, institution_id != 'UNKNOWN')), toInt128(sumIf(unknown_dong, institution_id != 'UNKNOWN'))), ('unknown_method', toInt64(sum(no_method_n)), toInt128(sum(no_method_dong)))]) AS found
        FROM institution_cash_month
        GROUP BY
            province_code,
            province_name,
            sector
    ),
    issues AS
    (
        SELECT
            found.1 AS issue,
            province_code,
            province_name,
            sector,
            '' AS source,
            found.2 AS n,
            found.3 AS dong,
            (issue IN ('conflicting_declarations', 'numerator_gap', 'unresolved_account')) OR ((issue = 'unknown_method') AND (((found.2) * 100) > (payments * method_percent))) AS is_alarm
        FROM by_place
        UNION ALL
        SELECT
            'silent_source',
            'UNKNOWN',
            'UNKNOWN',
            'UNKNOWN',
            source,
            age_seconds,
            0,
            1
        FROM freshness
        WHERE (age_seconds > silent_after) AND (source != 'undecodable')
        UNION ALL
        SELECT
            'dead_letter',
            'UNKNOWN',
            'UNKNOWN',
            'UNKNOWN',
            source,
            toInt64(events_dead_lettered),
            0,
            0
        FROM ledger_totals
    ),
    [('missing_declaration', 'Thiếu kê khai tiền mặt (cơ sở-tháng)', 'Nhắc cơ sở kê khai; không kê khai không có nghĩa là bằng 0'), ('late_declaration', 'Kê khai muộn (cơ sở-tháng)', 'Nhắc hạn: chậm nhất hết ngày 5 tháng sau'), ('conflicting_declarations', 'Kê khai mâu thuẫn với phần mềm trên 5% (cơ sở-tháng)', 'Đối chiếu phần mềm và bản kê khai, gửi lại bản đúng'), ('numerator_gap', 'Phần mềm ghi nhận thanh toán không dùng tiền mặt cao hơn số đã tính trên 2% (cơ sở-tháng)', 'Tìm và kết nối tổ chức cung ứng còn thiếu'), ('outside_active_months', 'Giao dịch ngoài tháng hoạt động của cơ sở', 'Kiểm tra ngày hiệu lực của cơ sở trong danh mục'), ('unresolved_account', 'Giao dịch vào tài khoản chưa có trong danh mục', 'Xem unresolved_accounts, bổ sung tài khoản vào danh mục'), ('unknown_class', 'Giao dịch chưa rõ loại', 'Xem unknown_class, yêu cầu gửi mã hóa đơn hoặc khai mục đích tài khoản'), ('unknown_method', 'Giao dịch không rõ phương thức', 'Yêu cầu tổ chức cung ứng gửi phương thức; cảnh báo khi trên 2%'), ('silent_source', 'Tổ chức cung ứng im lặng (giây)', 'Liên hệ tổ chức cung ứng; số liệu của họ đang thiếu'), ('dead_letter', 'Bản ghi trong nhật ký không đọc được', 'Xem lý do trong chủ đề dead-letters, báo bên gửi')] AS words
SELECT
    issue,
    (arrayFirst(word -> ((word.1) = issue), words)).2 AS title_vi,
    province_code,
    province_name,
    sector,
    source,
    n,
    dong,
    is_alarm,
    (arrayFirst(word -> ((word.1) = issue), words)).3 AS to_do_vi
FROM issues
WHERE n != 0
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE VIEW decision_history
(
    `decided_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was decided',
    `decision_id` String COMMENT 'As `cashless decisions undo` takes it; a decision about a merge has a row for each of the two records',
    `undo_of` String COMMENT 'The decision that this one takes back, or empty',
    `who` String COMMENT 'Who decided (người quyết định)',
    `why` String COMMENT 'Why (lý do)',
    `state` LowCardinality(String) COMMENT 'stands = it is what holds; overtaken = a later one holds; waiting = logged, but not in the facts: on its way, or never appended, then repeat the command',
    `source` LowCardinality(String) COMMENT 'Who reports the record',
    `record` String COMMENT 'The record, 16 hexadecimal digits',
    `address` String COMMENT 'The same with day and account',
    `amount_dong` Int64 COMMENT 'Its dong',
    `fate_before` LowCardinality(String) COMMENT 'What it was in the figures',
    `fate_after` LowCardinality(String) COMMENT 'What the decision makes of it',
    `business_date_before` Date COMMENT 'Day on which it was counted',
    `business_date_after` Date COMMENT 'Day on which it is counted then',
    `before_by` LowCardinality(String) COMMENT 'Who had decided before; none = nobody',
    `merged_into` String COMMENT 'The record that counts instead of it, or empty',
    `decided_kind` LowCardinality(String) COMMENT 'What it is decided to be, or none',
    `decided_settled_at` Nullable(DateTime64(6, 'Asia/Ho_Chi_Minh')) COMMENT 'When the money is decided to have arrived',
    `added` Array(String) COMMENT 'What it has from a record merged into it: invoice and person tie it to a service, the others are minimum fields'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'A row per record and decision of a person, from the log of decisions; nothing is ever taken out'
AS SELECT
    l.decided_at AS decided_at,
    lower(leftPad(hex(l.decision_id), 16, '0')) AS decision_id,
    if(l.undo_of = 0, '', lower(leftPad(hex(l.undo_of), 16, '0'))) AS undo_of,
    l.who AS who,
    l.why AS why,
    multiIf((p.decided_by != 'person') OR ((p.decided_registry_version, p.decided_at) < (l.registry_version, l.decided_at)), 'waiting', (p.decided_registry_version, p.decided_at) = (l.registry_version, l.decided_at), 'stands', 'overtaken') AS state,
    l.source AS source,
    lower(leftPad(hex(l.record), 16, '0')) AS record,
    concat(toString(l.anchor), '/', lower(hex(l.account)), '/', record) AS address,
    l.amount_dong AS amount_dong,
    toString(l.fate_before) AS fate_before,
    toString(l.fate_after) AS fate_after,
    l.business_date_before AS business_date_before,
    l.business_date_after AS business_date_after,
    toString(l.before_by) AS before_by,
    if(bitTest(l.after_present, 0), lower(leftPad(hex(l.after_merged_into), 16, '0')), '') AS merged_into,
    toString(l.after_kind) AS decided_kind,
    if(bitTest(l.after_present, 1), l.after_settled_at, NULL) AS decided_settled_at,
    arrayFilter(word -> (word != ''), [if(bitTest(l.after_added_evidence, 0), 'invoice', ''), if(bitTest(l.after_added_evidence, 1), 'person', ''), if(bitTest(l.after_added_fields, 0), 'payer_name', ''), if(bitTest(l.after_added_fields, 1), 'beneficiary_name', ''), if(bitTest(l.after_added_fields, 2), 'reason', ''), if(bitTest(l.after_added_fields, 3), 'invoice_ref', '')]) AS added
FROM
(
    SELECT *
    FROM decision_log
    FINAL
) AS l
LEFT JOIN
(
    SELECT
        anchor,
        account,
        payment,
        record,
        decided_by,
        decided_registry_version,
        decided_at
    FROM payments
    FINAL
    PREWHERE (anchor, account, payment) IN (
        SELECT
            anchor,
            account,
            payment
        FROM decision_log
    )
) AS p ON (l.anchor = p.anchor) AND (l.account = p.account) AND (l.payment = p.payment) AND (l.record = p.record)
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE VIEW declared_months
(
    `institution_id` String COMMENT 'The institution',
    `month` Date COMMENT 'First day of the month',
    `source` Enum8('system_export' = 1, 'declaration' = 2, 'invoice_total' = 3) COMMENT 'Who reports it',
    `version` UInt32 COMMENT 'Epoch << 48 | offset + 1 of the last event that changed any record of the payment; all its rows carry the same',
    `digest` UInt64 COMMENT 'Digest of what is declared',
    `cash_n` Nullable(Int64) COMMENT 'Declared cash receipts; NULL = none declared',
    `cash_dong` Int64 COMMENT 'Their dong less refunds; NULL = none declared',
    `cash_refunds_dong` Int64 COMMENT 'Dong given back in cash in the month',
    `exported_methods` Array(LowCardinality(String)) COMMENT 'Of a system_export: methods of what the software knows as cashless; UNKNOWN where only the total is told',
    `exported_n` Array(Int64) COMMENT 'Its payments, a number for each method',
    `exported_dong` Array(Int64) COMMENT 'Its dong, a number for each method',
    `exported_cashless_n` Int64 COMMENT 'Cashless payments by the institution\'s own software: sum of exported_n',
    `exported_cashless_dong` Int64 COMMENT 'Their dong: sum of exported_dong',
    `signer_role` String COMMENT 'Role of who answers for it (chức vụ), never a name',
    `declared_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was declared, as the sender says',
    `recorded_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When we received it first',
    `channel` LowCardinality(String) COMMENT 'Through whom: a source of the collector, or file',
    `revisions_n` UInt64 COMMENT 'Revisions there are of this month and source',
    `first_recorded_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When we received the first of them',
    `is_late` UInt8 COMMENT '1 = the first revision came after the 5th of the following month (muộn)'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'A row per institution, month and source: highest version, then received later, then larger digest. is_late = 1: the first one came after the 5th of the following month. A month without a row is missing, not zero'
AS SELECT
    institution_id,
    month,
    source,
    version,
    digest,
    cash_n,
    cash_dong,
    cash_refunds_dong,
    exported_methods,
    exported_n,
    exported_dong,
    arraySum(exported_n) AS exported_cashless_n,
    arraySum(exported_dong) AS exported_cashless_dong,
    signer_role,
    declared_at,
    recorded_at,
    channel,
    count() OVER declared AS revisions_n,
    min(recorded_at) OVER declared AS first_recorded_at,
    toDate(first_recorded_at) > (addMonths(month, 1) + toIntervalDay(4)) AS is_late
FROM cash_declarations
FINAL
WINDOW declared AS (PARTITION BY institution_id, month, source)
QUALIFY row_number() OVER (PARTITION BY institution_id, month, source ORDER BY version DESC, recorded_at DESC, digest DESC) = 1;

CREATE VIEW disagreeing_amounts
(
    `anchor` Date COMMENT 'Local day of the transaction by its providers; ask with a range of days, or all payments are compared',
    `identifier` String COMMENT 'Keyed digest of the account, hexadecimal',
    `sources` Array(String) COMMENT 'Who reports it, in the order of amounts_dong',
    `amounts_dong` Array(Int64) COMMENT 'What each says, ascending',
    `counted_n` UInt64 COMMENT 'How many of these records count: equal amounts are one payment, different ones are not merged by rule',
    `counted_dong` Int128 COMMENT 'Their dong'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Look at the sources: one of them is wrong, or a fee is in one of the amounts. cashless decisions make decides'
AS SELECT
    anchor,
    lower(hex(any(identifier))) AS identifier,
    arraySort((source, amount) -> (amount, source), groupArray(toString(source)), groupArray(amount_dong)) AS sources,
    arraySort(groupArray(amount_dong)) AS amounts_dong,
    countIf(fate = 'counted') AS counted_n,
    sumIf(toInt128(amount_dong), fate = 'counted') AS counted_dong
FROM payments
FINAL
WHERE bitTest(present, 0) AND (status = 'settled') AND (kind NOT IN ('refund', 'chargeback', 'outflow'))
GROUP BY
    anchor,
    account,
    payment
HAVING (uniqExact(source) > 1) AND (uniqExact(amount_dong) > 1)
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE VIEW excluded_refunds_as_of
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Refunds whose original is known and not counted: excluded_refunds_as_of(registry_version = N)'
AS WITH
    (
        SELECT groupArray(class)
        FROM
        (
            SELECT
                arrayJoin(places) AS place,
                argMin(class, position) AS class
            FROM class_rules
            FINAL
            WHERE (registry_version, digest) = (
                SELECT max((registry_version, digest))
                FROM class_rules
                WHERE (registry_version = 0) OR ((registry_version, digest) IN (
                    SELECT
                        registry_version,
                        digest
                    FROM registry_versions
                    FINAL
                    WHERE registry_version <= {registry_version:UInt32}
                ))
            )
            GROUP BY place
            ORDER BY place ASC
        )
    ) AS classes,
    arrayMap(class -> (class NOT IN ('fee_payment', 'deposit', 'UNKNOWN')), classes) AS are_lost,
    purposes AS
    (
        SELECT
            identifier,
            valid_from,
            valid_to,
            purpose
        FROM identifiers
        FINAL
        WHERE (registry_version, digest) IN (
            SELECT
                registry_version,
                digest
            FROM registry_versions
            FINAL
            WHERE registry_version <= {registry_version:UInt32}
        )
        QUALIFY (registry_version = max(registry_version) OVER (PARTITION BY identifier)) AND (removed = 0)
    )
SELECT
    o.account AS account,
    o.record AS record,
    o.original AS original,
    o.business_date AS business_date,
    o.identifier AS identifier,
    o.source AS source,
    o.method AS method,
    o.kind AS kind,
    o.evidence AS evidence,
    o.amount_dong AS amount_dong,
    o.original_fate AS original_fate,
    classes[(o.original_place + (if(o.original_business_date < p.valid_to, toUInt8(p.purpose), 0) * 2)) AS place] AS original_class
FROM refunds_and_originals AS o
ASOF LEFT JOIN purposes AS p ON (o.original_identifier = p.identifier) AND (o.original_business_date >= p.valid_from)
WHERE (o.originals_n > 0) AND ((original_fate IN ('voided', 'excluded', 'unsettled')) OR (are_lost[place]))
QUALIFY (count() OVER (PARTITION BY o.anchor, account, record) = o.originals_n) AND (row_number() OVER (PARTITION BY o.anchor, account, record) = 1);

CREATE VIEW freshness
(
    `source` LowCardinality(String) COMMENT 'Who reports it',
    `latest_received_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'Receipt of its newest event by the collector',
    `age_seconds` Int64 COMMENT 'Seconds since then',
    `partitions` UInt64 COMMENT 'Partitions of the log it has been seen in',
    `newest_version` UInt64 COMMENT 'Version of its newest event',
    `events` UInt64 COMMENT 'All its events, whatever became of them'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'By receipt at the collector; only what is already in the figures'
AS SELECT
    source,
    max(latest_received_at) AS latest_received_at,
    dateDiff('second', latest_received_at, now64(6)) AS age_seconds,
    count() AS partitions,
    max(version) AS newest_version,
    sum(((events_applied + events_repeated) + events_no_money) + events_dead_lettered) AS events
FROM ledger
FINAL
GROUP BY source;

CREATE VIEW hour_of_day
(
    `business_date` Date COMMENT 'Local day; ask with a range of days, or all facts are read',
    `hour` UInt8 COMMENT 'Local hour of settlement, 0 to 23',
    `sector` LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    `part` Enum8('counted' = 1, 'unknown_account' = 2, 'unknown_class' = 3) COMMENT 'As in institution_daily_parts; figures are of counted',
    `n` Int64 COMMENT 'Payments (số giao dịch)',
    `gross_dong` Int128 COMMENT 'Their dong (giá trị)'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Payments by hour, from the facts. The time is that of the record which counts'
AS WITH
    (
        SELECT groupArray(class)
        FROM
        (
            SELECT
                arrayJoin(places) AS place,
                argMin(class, position) AS class
            FROM class_rules
            FINAL
            WHERE (registry_version, digest) = (
                SELECT max((registry_version, digest))
                FROM class_rules
                WHERE (registry_version = 0) OR ((registry_version, digest) IN (
                    SELECT
                        registry_version,
                        digest
                    FROM registry_versions
                    FINAL
                ))
            )
            GROUP BY place
            ORDER BY place ASC
        )
    ) AS classes,
    resolved AS
    (
        SELECT
            identifier,
            valid_from,
            valid_to,
            purpose,
            sector,
            institution_type
        FROM resolved_identifiers_as_of(registry_version = 4294967295)
    ),
    movements AS
    (
        SELECT
            business_date,
            identifier,
            counted_kind AS kind,
            counted_method = 'COUNTER_CASH' AS is_counter_cash,
            counted_evidence != 0 AS has_evidence,
            toHour(if(bitAnd(present, 256) != 0, decided_settled_at, settled_at)) AS told_hour,
            count() AS payments_n,
            sum(toInt128(amount_dong)) AS payments_dong
        FROM payments
        FINAL
        WHERE fate = 'counted'
        GROUP BY
            business_date,
            identifier,
            kind,
            is_counter_cash,
            has_evidence,
            told_hour
    ),
    classed AS
    (
        SELECT
            m.business_date AS business_date,
            m.told_hour AS told_hour,
            m.payments_n AS payments_n,
            m.payments_dong AS payments_dong,
            m.business_date < r.valid_to AS is_known,
            if(is_known, toString(r.sector), 'UNKNOWN') AS sector,
            if(is_known, toString(r.institution_type), 'UNKNOWN') AS institution_type,
            classes[(((1 + (toUInt16(m.kind) * 28)) + (m.is_counter_cash * 14)) + (if(is_known, toUInt8(r.purpose), 0) * 2)) + m.has_evidence] AS class
        FROM movements AS m
        ASOF LEFT JOIN resolved AS r ON (m.identifier = r.identifier) AND (m.business_date >= r.valid_from)
    )
SELECT
    business_date,
    told_hour AS hour,
    sector,
    CAST(multiIf((class IN ('fee_payment', 'deposit')), 1, class = 'UNKNOWN', 2, 3), 'Enum8(\'counted\' = 1, \'unknown_account\' = 2, \'unknown_class\' = 3)') AS part,
    sum(payments_n) AS n,
    sum(payments_dong) AS gross_dong
FROM classed
WHERE class IN ('fee_payment', 'deposit', 'UNKNOWN', 'unknown')
GROUP BY
    business_date,
    hour,
    sector,
    part
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE VIEW institution_cash_month
(
    `month` Date COMMENT 'First day of the month',
    `institution_id` String COMMENT 'Institution (cơ sở); UNKNOWN = accounts of no known institution',
    `institution_name` String COMMENT 'Its name on the first of the month, or at the end of the one in which it was opened; empty if the registry has it on neither',
    `sector` LowCardinality(String) COMMENT 'education, health or UNKNOWN, on the same day as the name',
    `province_code` LowCardinality(String) COMMENT 'Province (tỉnh) of its unit on that day, or UNKNOWN',
    `province_name` LowCardinality(String) COMMENT 'Its name',
    `is_active` UInt8 COMMENT '1 = in the registry and active on the first of the month: it has to declare',
    `n` Int64 COMMENT 'Counted cashless payments',
    `gross_dong` Int128 COMMENT 'Their dong',
    `net_dong` Int128 COMMENT 'Their dong less refunds',
    `unknown_n` Int64 COMMENT 'Payments that are in no figure: of an unknown account (institution UNKNOWN) or of an unknown class',
    `unknown_dong` Int128 COMMENT 'Their dong',
    `no_method_n` Int64 COMMENT 'Counted payments of which nobody said how they were paid',
    `no_method_dong` Int128 COMMENT 'Their dong',
    `cash_n` Nullable(Int64) COMMENT 'Declared cash receipts (phiếu thu tiền mặt); NULL = not declared, which is not zero',
    `cash_dong` Nullable(Int128) COMMENT 'Their dong less cash refunds; NULL = not declared',
    `cash_n_source` LowCardinality(String) COMMENT 'Where the number is from: system_export before declaration; empty = nowhere',
    `cash_dong_source` LowCardinality(String) COMMENT 'Where the value is from: system_export before declaration before invoice_total; empty = nowhere',
    `is_late` UInt8 COMMENT '1 = the first declaration came after the 5th of the following month (muộn)',
    `is_conflict` UInt8 COMMENT '1 = export and declaration differ by more than 5% of the larger value (mâu thuẫn)',
    `exported_dong` Nullable(Int128) COMMENT 'Cashless dong by the institution\'s own software; NULL = no export tells any',
    `is_numerator_gap` UInt8 COMMENT '1 = the export has over 2% more cashless dong than net_dong: some provider is not connected'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Every month in which an institution was active, paid or declared. Bounds, imputed cash and verdicts are the tracker\'s'
AS WITH
    registered AS
    (
        SELECT
            institution_id,
            valid_from,
            valid_to,
            name,
            sector,
            unit_code,
            status
        FROM
        (
            SELECT *
            FROM institutions
            FINAL
            WHERE (registry_version, digest) IN (
                SELECT
                    registry_version,
                    digest
                FROM registry_versions
                FINAL
            )
            QUALIFY registry_version = max(registry_version) OVER (PARTITION BY institution_id)
        )
        WHERE removed = 0
    ),
    months AS
    (
        SELECT arrayJoin(arrayMap(i -> addMonths(first, i), range(toUInt32(dateDiff('month', first, last)) + 1))) AS month
        FROM
        (
            SELECT
                toStartOfMonth(min(business_date)) AS first,
                toStartOfMonth(max(business_date)) AS last
            FROM account_daily
        )
    ),
    cashless AS
    (
        SELECT
            p.month AS month,
            p.institution_id AS institution_id,
            sumIf(p.n, p.part = 'counted') AS counted_n,
            sumIf(p.gross_dong, p.part = 'counted') AS counted_gross,
            sum(p.net_dong) AS counted_net,
            sumIf(p.n, p.part != 'counted') AS other_n,
            sumIf(p.gross_dong, p.part != 'counted') AS other_dong,
            sumIf(p.no_method_n, p.part = 'counted') AS without_method_n,
            sumIf(p.no_method_dong, p.part = 'counted') AS without_method_dong
        FROM institution_month_parts(by = 'institution') AS p
        GROUP BY
            month,
            institution_id
    ),
    declared AS
    (
        SELECT
            month,
            institution_id,
            max(source = 'system_export') AS has_export,
            max(source = 'declaration') AS has_declaration,
            max(source = 'invoice_total') AS has_invoices,
            anyIf(cash_n, source = 'system_export') AS export_n,
            anyIf(cash_n, source = 'declaration') AS declaration_n,
            anyIf(toInt128(cash_dong) - cash_refunds_dong, source = 'system_export') AS export_dong,
            anyIf(toInt128(cash_dong) - cash_refunds_dong, source = 'declaration') AS declaration_dong,
            anyIf(toInt128(cash_dong), source = 'invoice_total') AS invoices_dong,
            anyIf(toInt128(cash_refunds_dong), source = 'invoice_total') AS invoices_refunds_dong,
            max((source = 'system_export') AND notEmpty(exported_methods)) AS has_exported,
            toInt128(anyIf(exported_cashless_dong, source = 'system_export')) AS exported_sum,
            min(first_recorded_at) AS first_at
        FROM declared_months
        GROUP BY
            month,
            institution_id
    ),
    sides AS
    (
        SELECT
            month,
            toString(institution_id) AS institution_id,
            counted_n,
            counted_gross,
            counted_net,
            other_n,
            other_dong,
            without_method_n,
            without_method_dong,
            CAST([], 'Array(Tuple(UInt8, UInt8, UInt8, Nullable(Int64), Nullable(Int64), Int128, Int128, Int128, Int128, UInt8, Int128,\n                DateTime64(6, \'Asia/Ho_Chi_Minh\')))') AS declaration
        FROM cashless
        UNION ALL
        SELECT
            month,
            institution_id,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            [(has_export, has_declaration, has_invoices, export_n, declaration_n, export_dong, declaration_dong, invoices_dong, invoices_refunds_dong, has_exported, exported_sum, first_at)]
        FROM declared
        UNION ALL
        SELECT
            months.month,
            registered.institution_id,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            []
        FROM registered
        CROSS JOIN months
        WHERE (registered.status = 'active') AND (registered.valid_from <= months.month) AND (months.month < registered.valid_to)
    ),
    joined AS
    (
        SELECT
            month,
            institution_id,
            sum(counted_n) AS n,
            sum(counted_gross) AS gross_dong,
            sum(counted_net) AS net_dong,
            sum(other_n) AS unknown_n,
            sum(other_dong) AS unknown_dong,
            sum(without_method_n) AS no_method_n,
            sum(without_method_dong) AS no_method_dong,
            CAST(groupArrayArray(declaration)[1], 'Tuple(has_export UInt8, has_declaration UInt8, has_invoices UInt8,\n                export_n Nullable(Int64), declaration_n Nullable(Int64), export_dong Int128, declaration_dong Int128,\n                invoices_dong Int128, invoices_refunds_dong Int128, has_exported UInt8, exported_sum Int128, first_at DateTime64(6, \'Asia/Ho_Chi_Minh\'))') AS d
        FROM sides
        GROUP BY
            month,
            institution_id
    ),
    described AS
    (
        SELECT
            j.month AS month,
            j.institution_id AS institution_id,
            j.n AS n,
            j.gross_dong AS gross_dong,
            j.net_dong AS net_dong,
            j.unknown_n AS unknown_n,
            j.unknown_dong AS unknown_dong,
            j.no_method_n AS no_method_n,
            j.no_method_dong AS no_method_dong,
            j.d AS d,
            j.month < r.valid_to AS is_registered,
            (NOT is_registered) AND (j.month < l.valid_to) AS is_new,
            multiIf(is_registered, r.name, is_new, l.name, '') AS institution_name,
            multiIf(is_registered, toString(r.sector), is_new, toString(l.sector), 'UNKNOWN') AS sector,
            multiIf(is_registered, toString(r.unit_code), is_new, toString(l.unit_code), 'UNKNOWN') AS unit_code,
            is_registered AND (r.status = 'active') AS is_active
        FROM joined AS j
        ASOF LEFT JOIN registered AS r ON (r.institution_id = j.institution_id) AND (j.month >= r.valid_from)
        ASOF LEFT JOIN registered AS l ON (l.institution_id = j.institution_id) AND (toLastDayOfMonth(j.month) >= l.valid_from)
    )
SELECT
    i.month AS month,
    i.institution_id AS institution_id,
    i.institution_name AS institution_name,
    i.sector AS sector,
    if(i.month < u.valid_to, toString(u.province_code), 'UNKNOWN') AS province_code,
    if(i.month < u.valid_to, toString(u.province_name), 'UNKNOWN') AS province_name,
    i.is_active AS is_active,
    i.n AS n,
    i.gross_dong AS gross_dong,
    i.net_dong AS net_dong,
    i.unknown_n AS unknown_n,
    i.unknown_dong AS unknown_dong,
    i.no_method_n AS no_method_n,
    i.no_method_dong AS no_method_dong,
    multiIf(i.d.has_export, i.d.export_n, i.d.has_declaration, i.d.declaration_n, NULL) AS cash_n,
    multiIf(i.d.has_export, i.d.export_dong, i.d.has_declaration, i.d.declaration_dong, i.d.has_invoices, if(i.d.invoices_dong > i.net_dong, i.d.invoices_dong - i.net_dong, toInt128(0)) - i.d.invoices_refunds_dong, NULL) AS cash_dong,
    multiIf(i.d.has_export, 'system_export', i.d.has_declaration, 'declaration', '') AS cash_n_source,
    multiIf(i.d.has_export, 'system_export', i.d.has_declaration, 'declaration', i.d.has_invoices, 'invoice_total', '') AS cash_dong_source,
    (i.d.has_export OR i.d.has_declaration OR i.d.has_invoices) AND (toDate(i.d.first_at, 'Asia/Ho_Chi_Minh') > (addMonths(i.month, 1) + toIntervalDay(4))) AS is_late,
    i.d.has_export AND i.d.has_declaration AND ((toInt128(abs(i.d.export_dong - i.d.declaration_dong)) * 20) > if(abs(i.d.export_dong) > abs(i.d.declaration_dong), toInt128(abs(i.d.export_dong)), toInt128(abs(i.d.declaration_dong)))) AS is_conflict,
    if(i.d.has_exported, i.d.exported_sum, NULL) AS exported_dong,
    i.d.has_exported AND (i.d.exported_sum > 0) AND (((i.d.exported_sum - i.net_dong) * 50) > i.d.exported_sum) AS is_numerator_gap
FROM described AS i
ASOF LEFT JOIN unit_days AS u ON (u.code = i.unit_code) AND (i.month >= u.valid_from);

CREATE VIEW institution_daily
(
    `business_date` Date COMMENT 'Local day on which the money arrived (ngày giao dịch)',
    `is_known` UInt8 COMMENT '1 = the registry knows whose account it is on that day',
    `institution_id` String COMMENT 'Institution (cơ sở), or UNKNOWN',
    `institution_name` String COMMENT 'Its name on that day',
    `sector` String COMMENT 'education or health; empty where the institution is not known',
    `institution_type` String COMMENT 'Type',
    `ownership` String COMMENT 'public or private',
    `unit_code` String COMMENT 'Administrative unit of the institution on that day',
    `unit_name` String COMMENT 'Name of the administrative unit',
    `care_tier` String COMMENT 'Level of care (tuyến), health only',
    `scope` String COMMENT 'core or extended; verdicts are on core',
    `parent_id` String COMMENT 'The institution it belongs to, or empty',
    `source` LowCardinality(String) COMMENT 'Who reported it (tổ chức cung ứng)',
    `method` Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid (phương thức)',
    `class` String COMMENT 'Class by the rules: fee_payment and deposit are counted; UNKNOWN without an owner, unknown without evidence',
    `counted` UInt8 COMMENT '1 = fee_payment or deposit',
    `n` Int64 COMMENT 'Payments (số giao dịch)',
    `gross_dong` Int128 COMMENT 'Their dong (giá trị)',
    `refunds_n` Int64 COMMENT 'Refunds that lower value on this day (hoàn tiền)',
    `refunds_dong` Int128 COMMENT 'Their dong, positive',
    `refunds_excluded_n` UInt8 COMMENT 'Refunds that lower nothing, since what they return never counted',
    `refunds_excluded_dong` Int128 COMMENT 'Their dong',
    `net_dong` Int128 COMMENT 'Gross less refunds of what is counted; 0 of the rest',
    `merged_n` Int64 COMMENT 'Records of other sources of the same payments (trùng)',
    `merged_dong` Int128 COMMENT 'Their dong',
    `voided_n` Int64 COMMENT 'Payments taken back by their provider',
    `voided_dong` Int128 COMMENT 'Their dong',
    `payer_name_n` Int64 COMMENT 'Payments of n that carried the payer\'s name',
    `beneficiary_name_n` Int64 COMMENT 'Payments of n that carried the beneficiary\'s name',
    `reason_n` Int64 COMMENT 'Payments of n that carried a reason',
    `invoice_ref_n` Int64 COMMENT 'Payments of n that carried an invoice reference',
    `all_fields_n` Int64 COMMENT 'Payments of n that carried all four minimum fields',
    `without_beneficiary_n` Int64 COMMENT 'Payments of n that carried all but possibly the beneficiary\'s name'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'The figures, by the registry as it is now. counted = 1 for the classes fee_payment and deposit; institution UNKNOWN where the registry knows no owner; net_dong = gross of counted minus refunds'
AS SELECT *
FROM institution_daily_as_of(registry_version = 4294967295);

CREATE VIEW institution_daily_as_of
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'institution_daily as an earlier registry version gave it: institution_daily_as_of(registry_version = N)'
AS WITH
    (
        SELECT groupArray(class)
        FROM
        (
            SELECT
                arrayJoin(places) AS place,
                argMin(class, position) AS class
            FROM class_rules
            FINAL
            WHERE (registry_version, digest) = (
                SELECT max((registry_version, digest))
                FROM class_rules
                WHERE (registry_version = 0) OR ((registry_version, digest) IN (
                    SELECT
                        registry_version,
                        digest
                    FROM registry_versions
                    FINAL
                    WHERE registry_version <= {registry_version:UInt32}
                ))
            )
            GROUP BY place
            ORDER BY place ASC
        )
    ) AS classes,
    arrayMap(class -> (class IN ('fee_payment', 'deposit')), classes) AS are_counted,
    resolved AS
    (
        SELECT *
        FROM resolved_identifiers_as_of(registry_version = {registry_version:UInt32})
    ),
    movements AS
    (
        SELECT
            business_date,
            identifier,
            source,
            method,
            kind,
            evidence,
            n,
            gross_dong,
            refunds_n,
            refunds_dong,
            0 AS refunds_excluded_n,
            toInt128(0) AS refunds_excluded_dong,
            merged_n,
            merged_dong,
            voided_n,
            voided_dong,
            payer_name_n,
            beneficiary_name_n,
            reason_n,
            invoice_ref_n,
            all_fields_n,
            without_beneficiary_n
        FROM account_daily
        FINAL
        UNION ALL
        SELECT
            business_date,
            identifier,
            source,
            method,
            kind,
            evidence,
            0,
            toInt128(0),
            -1,
            -toInt128(amount_dong),
            1,
            toInt128(amount_dong),
            0,
            toInt128(0),
            0,
            toInt128(0),
            0,
            0,
            0,
            0,
            0,
            0
        FROM excluded_refunds_as_of(registry_version = {registry_version:UInt32})
    )
SELECT
    m.business_date AS business_date,
    m.business_date < r.valid_to AS is_known,
    if(is_known, r.institution_id, 'UNKNOWN') AS institution_id,
    if(is_known, r.institution_name, '') AS institution_name,
    if(is_known, r.sector, '') AS sector,
    if(is_known, r.institution_type, '') AS institution_type,
    if(is_known, r.ownership, '') AS ownership,
    if(is_known, r.unit_code, '') AS unit_code,
    if(is_known, r.unit_name, '') AS unit_name,
    if(is_known, r.care_tier, '') AS care_tier,
    if(is_known, r.scope, '') AS scope,
    if(is_known, r.parent_id, '') AS parent_id,
    m.source AS source,
    m.method AS method,
    classes[((((1 + (toUInt16(m.kind) * 28)) + ((m.method = 'COUNTER_CASH') * 14)) + (if(is_known, toUInt8(r.purpose), 0) * 2)) + (m.evidence != 0)) AS place] AS class,
    are_counted[place] AS counted,
    m.n AS n,
    m.gross_dong AS gross_dong,
    m.refunds_n AS refunds_n,
    m.refunds_dong AS refunds_dong,
    m.refunds_excluded_n AS refunds_excluded_n,
    m.refunds_excluded_dong AS refunds_excluded_dong,
    (m.gross_dong - m.refunds_dong) * counted AS net_dong,
    m.merged_n AS merged_n,
    m.merged_dong AS merged_dong,
    m.voided_n AS voided_n,
    m.voided_dong AS voided_dong,
    m.payer_name_n AS payer_name_n,
    m.beneficiary_name_n AS beneficiary_name_n,
    m.reason_n AS reason_n,
    m.invoice_ref_n AS invoice_ref_n,
    m.all_fields_n AS all_fields_n,
    m.without_beneficiary_n AS without_beneficiary_n
FROM movements AS m
ASOF LEFT JOIN resolved AS r ON (m.identifier = r.identifier) AND (m.business_date >= r.valid_from)
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE VIEW institution_daily_parts
(
    `business_date` Date COMMENT 'Local day on which the money arrived (ngày giao dịch)',
    `part` Enum8('counted' = 1, 'unknown_account' = 2, 'unknown_class' = 3) COMMENT 'counted = fee_payment and deposit; unknown_account = no institution is known for the account on that day; unknown_class = nothing says that it is a fee',
    `institution_id` LowCardinality(String) COMMENT 'Institution (cơ sở), or UNKNOWN',
    `institution_name` LowCardinality(String) COMMENT 'Its name on that day',
    `sector` LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    `institution_type` LowCardinality(String) COMMENT 'Type (loại hình), or UNKNOWN',
    `ownership` LowCardinality(String) COMMENT 'public (công lập), private (ngoài công lập) or UNKNOWN',
    `unit_code` LowCardinality(String) COMMENT 'Administrative unit of the institution on that day, or UNKNOWN',
    `unit_name` LowCardinality(String) COMMENT 'Its name as the institution\'s row has it',
    `source` LowCardinality(String) COMMENT 'Who reported it (tổ chức cung ứng)',
    `method` Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid (phương thức)',
    `n` Int64 COMMENT 'Payments (số giao dịch)',
    `gross_dong` Int128 COMMENT 'Their dong (giá trị)',
    `refunds_n` Int64 COMMENT 'Refunds that lower value on this day (hoàn tiền)',
    `refunds_dong` Int128 COMMENT 'Their dong, positive',
    `net_dong` Int128 COMMENT 'Gross less refunds of what is counted; 0 in the other parts',
    `merged_n` Int64 COMMENT 'Records of other sources of the same payments (trùng)',
    `merged_dong` Int128 COMMENT 'Their dong',
    `voided_n` Int64 COMMENT 'Payments taken back by their provider',
    `all_fields_n` Int64 COMMENT 'Payments of n that carried all four minimum fields',
    `without_beneficiary_n` Int64 COMMENT 'Payments of n that carried all but possibly the beneficiary\'s name'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'institution_daily without money that is never a payer\'s fee. Sum over part = counted for figures; the other parts are shown beside them and are in no ratio'
AS SELECT
    business_date,
    CAST(if(counted, 1, if(is_known, 3, 2)), 'Enum8(\'counted\' = 1, \'unknown_account\' = 2, \'unknown_class\' = 3)') AS part,
    institution_id,
    institution_name,
    if(is_known, sector, 'UNKNOWN') AS sector,
    if(is_known, institution_type, 'UNKNOWN') AS institution_type,
    if(is_known, ownership, 'UNKNOWN') AS ownership,
    if(is_known, unit_code, 'UNKNOWN') AS unit_code,
    if(is_known, unit_name, 'UNKNOWN') AS unit_name,
    source,
    method,
    n,
    gross_dong,
    refunds_n,
    refunds_dong,
    net_dong,
    merged_n,
    merged_dong,
    voided_n,
    all_fields_n,
    without_beneficiary_n
FROM institution_daily
WHERE counted OR (class IN ('UNKNOWN', 'unknown'));

CREATE VIEW institution_month
(
    `month` Date COMMENT 'First day of the month',
    `institution_id` String COMMENT 'Institution (cơ sở), or UNKNOWN',
    `institution_name` String COMMENT 'Its name on the day of payment',
    `sector` String COMMENT 'education or health; empty where the institution is not known',
    `institution_type` String COMMENT 'Type',
    `ownership` String COMMENT 'public or private',
    `unit_code` String COMMENT 'Administrative unit of the institution on the day of payment',
    `unit_name` String COMMENT 'Name of the administrative unit',
    `care_tier` String COMMENT 'Level of care (tuyến), health only',
    `scope` String COMMENT 'core or extended; verdicts are on core',
    `parent_id` String COMMENT 'The institution it belongs to, or empty',
    `method` Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid (phương thức)',
    `class` String COMMENT 'Class by the rules, as in institution_daily',
    `counted` UInt8 COMMENT '1 = fee_payment or deposit',
    `n` Int64 COMMENT 'Payments (số giao dịch)',
    `gross_dong` Int128 COMMENT 'Their dong (giá trị)',
    `refunds_n` Int64 COMMENT 'Refunds that lower value in this month (hoàn tiền)',
    `refunds_dong` Int128 COMMENT 'Their dong, positive',
    `refunds_excluded_n` UInt64 COMMENT 'Refunds that lower nothing, since what they return never counted',
    `refunds_excluded_dong` Int128 COMMENT 'Their dong',
    `net_dong` Int128 COMMENT 'Gross less refunds of what is counted; 0 of the rest',
    `merged_n` Int64 COMMENT 'Records of other sources of the same payments (trùng)',
    `merged_dong` Int128 COMMENT 'Their dong',
    `voided_n` Int64 COMMENT 'Payments taken back by their provider',
    `voided_dong` Int128 COMMENT 'Their dong',
    `payer_name_n` Int64 COMMENT 'Payments of n that carried the payer\'s name',
    `beneficiary_name_n` Int64 COMMENT 'Payments of n that carried the beneficiary\'s name',
    `reason_n` Int64 COMMENT 'Payments of n that carried a reason',
    `invoice_ref_n` Int64 COMMENT 'Payments of n that carried an invoice reference',
    `all_fields_n` Int64 COMMENT 'Payments of n that carried all four minimum fields',
    `without_beneficiary_n` Int64 COMMENT 'Payments of n that carried all but possibly the beneficiary\'s name'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'institution_daily by month, over all sources'
AS SELECT
    m.month AS month,
    if(m.description = 0, 'UNKNOWN', d.institution_id) AS institution_id,
    d.institution_name AS institution_name,
    d.sector AS sector,
    d.institution_type AS institution_type,
    d.ownership AS ownership,
    d.unit_code AS unit_code,
    d.unit_name AS unit_name,
    d.care_tier AS care_tier,
    d.scope AS scope,
    d.parent_id AS parent_id,
    m.method AS method,
    m.class AS class,
    m.counted AS counted,
    m.n AS n,
    m.gross_dong AS gross_dong,
    m.refunds_n AS refunds_n,
    m.refunds_dong AS refunds_dong,
    m.refunds_excluded_n AS refunds_excluded_n,
    m.refunds_excluded_dong AS refunds_excluded_dong,
    m.net_dong AS net_dong,
    m.merged_n AS merged_n,
    m.merged_dong AS merged_dong,
    m.voided_n AS voided_n,
    m.voided_dong AS voided_dong,
    m.payer_name_n AS payer_name_n,
    m.beneficiary_name_n AS beneficiary_name_n,
    m.reason_n AS reason_n,
    m.invoice_ref_n AS invoice_ref_n,
    m.all_fields_n AS all_fields_n,
    m.without_beneficiary_n AS without_beneficiary_n
FROM
(
    SELECT
        a.month AS month,
        a.description AS description,
        a.method AS method,
        a.class AS class,
        a.counted AS counted,
        sum(a.n) AS n,
        sum(a.gross_dong) AS gross_dong,
        sum(a.refunds_n) AS refunds_n,
        sum(a.refunds_dong) AS refunds_dong,
        sum(a.refunds_excluded_n) AS refunds_excluded_n,
        sum(a.refunds_excluded_dong) AS refunds_excluded_dong,
        sum(a.net_dong) AS net_dong,
        sum(a.merged_n) AS merged_n,
        sum(a.merged_dong) AS merged_dong,
        sum(a.voided_n) AS voided_n,
        sum(a.voided_dong) AS voided_dong,
        sum(a.payer_name_n) AS payer_name_n,
        sum(a.beneficiary_name_n) AS beneficiary_name_n,
        sum(a.reason_n) AS reason_n,
        sum(a.invoice_ref_n) AS invoice_ref_n,
        sum(a.all_fields_n) AS all_fields_n,
        sum(a.without_beneficiary_n) AS without_beneficiary_n
    FROM institution_month_as_of(registry_version = 4294967295, by = 'method') AS a
    GROUP BY
        month,
        description,
        method,
        class,
        counted
) AS m
ANY LEFT JOIN resolved_identifiers_as_of(registry_version = 4294967295) AS d ON d.description = m.description;

CREATE VIEW institution_month_as_of
(
    `month` Date COMMENT 'First day of the month',
    `day` Date COMMENT 'A day of the month; registry and units are the same on all days of the row as on this one',
    `is_known` UInt8 COMMENT '1 = the registry knows whose account it is',
    `institution_id` LowCardinality(String) COMMENT 'Institution (cơ sở), or UNKNOWN',
    `institution_name` LowCardinality(String) COMMENT 'Its name on that day',
    `sector` LowCardinality(String) COMMENT 'education or health',
    `institution_type` LowCardinality(String) COMMENT 'Type (loại hình)',
    `ownership` LowCardinality(String) COMMENT 'public (công lập) or private (ngoài công lập)',
    `unit_code` LowCardinality(String) COMMENT 'Administrative unit of the institution on that day',
    `unit_name` LowCardinality(String) COMMENT 'Its name as the institution\'s row has it',
    `care_tier` LowCardinality(String) COMMENT 'Level of care (tuyến), health only',
    `scope` LowCardinality(String) COMMENT 'core or extended',
    `parent_id` LowCardinality(String) COMMENT 'The institution it belongs to, or empty',
    `description` UInt64 COMMENT 'Digest of the institution and its attributes above, as in resolved_identifiers_as_of; 0 where it is not known',
    `source` LowCardinality(String) COMMENT 'Who reported it; empty unless by = \'provider\'',
    `method` Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid (phương thức); UNKNOWN unless by = \'method\'',
    `class` LowCardinality(String) COMMENT 'As in institution_daily',
    `counted` UInt8 COMMENT '1 = fee_payment or deposit',
    `n` Int64 COMMENT 'Payments (số giao dịch)',
    `gross_dong` Int128 COMMENT 'Their dong (giá trị)',
    `no_method_n` Int64 COMMENT 'Payments of n of which nobody said how they were paid',
    `no_method_dong` Int128 COMMENT 'Their dong',
    `refunds_n` Int64 COMMENT 'Refunds that lower value in this month (hoàn tiền)',
    `refunds_dong` Int128 COMMENT 'Their dong, positive',
    `refunds_excluded_n` Int64 COMMENT 'Refunds that lower nothing, since what they return never counted',
    `refunds_excluded_dong` Int128 COMMENT 'Their dong',
    `net_dong` Int128 COMMENT 'Gross less refunds of what is counted; 0 of the rest',
    `merged_n` Int64 COMMENT 'Records of other sources of the same payments (trùng)',
    `merged_dong` Int128 COMMENT 'Their dong',
    `voided_n` Int64 COMMENT 'Payments taken back by their provider',
    `voided_dong` Int128 COMMENT 'Their dong',
    `payer_name_n` Int64 COMMENT 'Payments of n that carried the payer\'s name',
    `beneficiary_name_n` Int64 COMMENT 'Payments of n that carried the beneficiary\'s name',
    `reason_n` Int64 COMMENT 'Payments of n that carried a reason',
    `invoice_ref_n` Int64 COMMENT 'Payments of n that carried an invoice reference',
    `all_fields_n` Int64 COMMENT 'Payments of n that carried all four minimum fields',
    `without_beneficiary_n` Int64 COMMENT 'Payments of n that carried all but possibly the beneficiary\'s name'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'institution_daily_as_of by month, several rows of an institution: institution_month_as_of(registry_version = N, by = \'method\'). Sources are kept apart by provider, methods by method, neither by anything else'
AS WITH
    (
        SELECT groupArray(class)
        FROM
        (
            SELECT
                arrayJoin(places) AS place,
                argMin(class, position) AS class
            FROM class_rules
            FINAL
            WHERE (registry_version, digest) = (
                SELECT max((registry_version, digest))
                FROM class_rules
                WHERE (registry_version = 0) OR ((registry_version, digest) IN (
                    SELECT
                        registry_version,
                        digest
                    FROM registry_versions
                    FINAL
                    WHERE registry_version <= {registry_version:UInt32}
                ))
            )
            GROUP BY place
            ORDER BY place ASC
        )
    ) AS classes,
    arrayMap(class -> (class IN ('fee_payment', 'deposit')), classes) AS are_counted,
    resolved AS
    (
        SELECT *
        FROM resolved_identifiers_as_of(registry_version = {registry_version:UInt32})
    ),
    changes AS
    (
        SELECT DISTINCT
            identifier,
            toStartOfMonth(edge) AS month
        FROM
        (
            SELECT
                identifier,
                arrayJoin([valid_from, valid_to]) AS edge
            FROM identifiers
            UNION ALL
            SELECT
                d.identifier,
                arrayJoin([i.valid_from, i.valid_to])
            FROM identifiers AS d
            INNER JOIN institutions AS i ON i.institution_id = d.institution_id
        )
        WHERE (edge != month) AND (edge != '2149-06-06')
    ),
    unit_changes AS
    (
        SELECT toStartOfMonth(edge) AS month
        FROM units
        ARRAY JOIN [valid_from, valid_to] AS edge
        WHERE edge != month
    ),
    cells AS
    (
        SELECT
            toStartOfMonth(business_date) AS month,
            if(((identifier, month) IN (
                SELECT
                    identifier,
                    month
                FROM changes
            )) OR (month IN (
                SELECT month
                FROM unit_changes
            )), business_date, month) AS day,
            if({by:String} = 'provider', source, toLowCardinality('')) AS of_source,
            if({by:String} = 'method', toInt8(method), 0) AS method_number,
            method = 'COUNTER_CASH' AS is_counter_cash,
            evidence != 0 AS has_evidence,
            *
        FROM account_daily
        FINAL
    ),
    movements AS
    (
        SELECT
            month,
            day,
            identifier,
            of_source,
            method_number,
            is_counter_cash,
            kind,
            has_evidence,
            sum(c.n) AS n,
            sum(c.gross_dong) AS gross_dong,
            sumIf(c.n, c.method = 'UNKNOWN') AS no_method_n,
            sumIf(c.gross_dong, c.method = 'UNKNOWN') AS no_method_dong,
            sum(c.refunds_n) AS refunds_n,
            sum(c.refunds_dong) AS refunds_dong,
            0 AS refunds_excluded_n,
            toInt128(0) AS refunds_excluded_dong,
            sum(c.merged_n) AS merged_n,
            sum(c.merged_dong) AS merged_dong,
            sum(c.voided_n) AS voided_n,
            sum(c.voided_dong) AS voided_dong,
            sum(c.payer_name_n) AS payer_name_n,
            sum(c.beneficiary_name_n) AS beneficiary_name_n,
            sum(c.reason_n) AS reason_n,
            sum(c.invoice_ref_n) AS invoice_ref_n,
            sum(c.all_fields_n) AS all_fields_n,
            sum(c.without_beneficiary_n) AS without_beneficiary_n
        FROM cells AS c
        GROUP BY
            month,
            day,
            identifier,
            of_source,
            method_number,
            is_counter_cash,
            kind,
            has_evidence
        UNION ALL
        SELECT
            toStartOfMonth(business_date),
            business_date,
            identifier,
            if({by:String} = 'provider', source, toLowCardinality('')),
            if({by:String} = 'method', toInt8(method), 0),
            method = 'COUNTER_CASH',
            kind,
            evidence != 0,
            0,
            toInt128(0),
            0,
            toInt128(0),
            -1,
            -toInt128(amount_dong),
            1,
            toInt128(amount_dong),
            0,
            toInt128(0),
            0,
            toInt128(0),
            0,
            0,
            0,
            0,
            0,
            0
        FROM excluded_refunds_as_of(registry_version = {registry_version:UInt32})
    )
SELECT
    m.month AS month,
    m.day AS day,
    m.day < r.valid_to AS is_known,
    if(is_known, r.institution_id, 'UNKNOWN') AS institution_id,
    if(is_known, r.institution_name, '') AS institution_name,
    if(is_known, r.sector, '') AS sector,
    if(is_known, r.institution_type, '') AS institution_type,
    if(is_known, r.ownership, '') AS ownership,
    if(is_known, r.unit_code, '') AS unit_code,
    if(is_known, r.unit_name, '') AS unit_name,
    if(is_known, r.care_tier, '') AS care_tier,
    if(is_known, r.scope, '') AS scope,
    if(is_known, r.parent_id, '') AS parent_id,
    if(is_known, r.description, 0) AS description,
    m.of_source AS source,
    CAST(m.method_number, 'Enum8(\'UNKNOWN\' = 0, \'QR_TRANSFER\' = 1, \'QR_PAYMENT\' = 2, \'WEB_TRANSFER\' = 3, \'WEB_PAYMENT\' = 4, \'MOBILE_MONEY\' = 5, \'CARD_POS\' = 6, \'OTHER\' = 7, \'COUNTER_CASH\' = 8)') AS method,
    classes[((((1 + (toUInt16(m.kind) * 28)) + (m.is_counter_cash * 14)) + (if(is_known, toUInt8(r.purpose), 0) * 2)) + m.has_evidence) AS place] AS class,
    are_counted[place] AS counted,
    m.n AS n,
    m.gross_dong AS gross_dong,
    m.no_method_n AS no_method_n,
    m.no_method_dong AS no_method_dong,
    m.refunds_n AS refunds_n,
    m.refunds_dong AS refunds_dong,
    m.refunds_excluded_n AS refunds_excluded_n,
    m.refunds_excluded_dong AS refunds_excluded_dong,
    (m.gross_dong - m.refunds_dong) * counted AS net_dong,
    m.merged_n AS merged_n,
    m.merged_dong AS merged_dong,
    m.voided_n AS voided_n,
    m.voided_dong AS voided_dong,
    m.payer_name_n AS payer_name_n,
    m.beneficiary_name_n AS beneficiary_name_n,
    m.reason_n AS reason_n,
    m.invoice_ref_n AS invoice_ref_n,
    m.all_fields_n AS all_fields_n,
    m.without_beneficiary_n AS without_beneficiary_n
FROM movements AS m
ASOF LEFT JOIN resolved AS r ON (m.identifier = r.identifier) AND (m.day >= r.valid_from)
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE VIEW institution_month_parts
(
    `month` Date COMMENT 'First day of the month',
    `day` Date COMMENT 'A day of the month; registry and units are the same on all days of the row as on this one',
    `part` Enum8('counted' = 1, 'unknown_account' = 2, 'unknown_class' = 3) COMMENT 'counted = fee_payment and deposit; unknown_account = no institution is known for the account on that day; unknown_class = nothing says that it is a fee',
    `institution_id` LowCardinality(String) COMMENT 'Institution (cơ sở), or UNKNOWN',
    `institution_name` LowCardinality(String) COMMENT 'Its name on that day',
    `sector` LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    `institution_type` LowCardinality(String) COMMENT 'Type (loại hình), or UNKNOWN',
    `ownership` LowCardinality(String) COMMENT 'public (công lập), private (ngoài công lập) or UNKNOWN',
    `unit_code` LowCardinality(String) COMMENT 'Administrative unit of the institution on that day, or UNKNOWN',
    `unit_name` LowCardinality(String) COMMENT 'Its name as the institution\'s row has it',
    `source` LowCardinality(String) COMMENT 'Who reported it (tổ chức cung ứng); empty unless by = \'provider\'',
    `method` Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid (phương thức); UNKNOWN unless by = \'method\'',
    `n` Int64 COMMENT 'Payments (số giao dịch)',
    `gross_dong` Int128 COMMENT 'Their dong (giá trị)',
    `no_method_n` Int64 COMMENT 'Payments of n of which nobody said how they were paid',
    `no_method_dong` Int128 COMMENT 'Their dong',
    `refunds_n` Int64 COMMENT 'Refunds that lower value in this month (hoàn tiền)',
    `refunds_dong` Int128 COMMENT 'Their dong, positive',
    `net_dong` Int128 COMMENT 'Gross less refunds of what is counted; 0 in the other parts',
    `merged_n` Int64 COMMENT 'Records of other sources of the same payments (trùng)',
    `merged_dong` Int128 COMMENT 'Their dong',
    `voided_n` Int64 COMMENT 'Payments taken back by their provider',
    `all_fields_n` Int64 COMMENT 'Payments of n that carried all four minimum fields',
    `without_beneficiary_n` Int64 COMMENT 'Payments of n that carried all but possibly the beneficiary\'s name'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'institution_daily_parts by month, several rows of an institution: institution_month_parts(by = \'method\'). Sources are kept apart by provider, methods by method, neither by anything else'
AS SELECT
    month,
    day,
    CAST(if(counted, 1, if(is_known, 3, 2)), 'Enum8(\'counted\' = 1, \'unknown_account\' = 2, \'unknown_class\' = 3)') AS part,
    institution_id,
    institution_name,
    if(is_known, sector, 'UNKNOWN') AS sector,
    if(is_known, institution_type, 'UNKNOWN') AS institution_type,
    if(is_known, ownership, 'UNKNOWN') AS ownership,
    if(is_known, unit_code, 'UNKNOWN') AS unit_code,
    if(is_known, unit_name, 'UNKNOWN') AS unit_name,
    source,
    method,
    n,
    gross_dong,
    no_method_n,
    no_method_dong,
    refunds_n,
    refunds_dong,
    net_dong,
    merged_n,
    merged_dong,
    voided_n,
    all_fields_n,
    without_beneficiary_n
FROM institution_month_as_of(registry_version = 4294967295, by = {by:String})
WHERE counted OR (class IN ('UNKNOWN', 'unknown'));

CREATE VIEW institution_trend
(
    `plan_id` LowCardinality(String) COMMENT 'The plan',
    `institution_id` String COMMENT 'The institution',
    `institution_name` String COMMENT 'Its name',
    `sector` LowCardinality(String) COMMENT 'education or health',
    `institution_type` LowCardinality(String) COMMENT 'Type',
    `size_band` LowCardinality(String) COMMENT 'Band of size within which it is ranked',
    `rank` UInt32 COMMENT 'Its rank in that band now; 0 = not ranked',
    `half_year` Date COMMENT 'First day of the half-year (6 tháng đầu năm, 6 tháng cuối năm)',
    `months_n` UInt16 COMMENT 'Its months that have ended or are declared; a share is of these alone',
    `count_n` Int64 COMMENT 'Their counted payments',
    `count_cash_n` Nullable(Int64) COMMENT 'Their cash receipts (phiếu thu), where none are declared as the lower bound takes them; NULL = no bound',
    `count_share` Nullable(Float64) COMMENT 'Share in number (tỷ lệ số lượng), for drawing; NULL = no bound',
    `count_share_change` Nullable(Float64) COMMENT 'Less that of the half-year before (tăng, giảm); NULL = one of the two is not known',
    `value_net_dong` Int128 COMMENT 'Dong of their payments less refunds',
    `value_cash_dong` Nullable(Int128) COMMENT 'Their cash less cash refunds, likewise',
    `value_share` Nullable(Float64) COMMENT 'Share in value (tỷ lệ giá trị), likewise',
    `value_share_change` Nullable(Float64) COMMENT 'Less that of the half-year before'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Shown apart from the rank (xếp hạng), which is of the whole target year. Cash of missing months is imputed as for lower bounds; possible double reports are left in'
AS WITH
    months AS
    (
        SELECT
            plan_id,
            institution_id,
            n,
            net_dong,
            makeDate(toYear(month), if(toMonth(month) <= 6, 1, 7), 1) AS half_year,
            has(states, 'outside') AS is_outside,
            coalesce(cash_n, imputed_low_n, if(is_outside, toInt64(0), NULL)) AS low_cash_n,
            coalesce(cash_dong, imputed_low_dong, if(is_outside, toInt128(0), NULL)) AS low_cash_dong
        FROM institution_months
        FINAL
        WHERE (cash_dong IS NOT NULL) OR (NOT has(states, 'running'))
    ),
    shares AS
    (
        SELECT
            m.plan_id AS plan_id,
            m.institution_id AS institution_id,
            m.half_year AS half_year,
            toUInt16(count()) AS months_n,
            sum(m.n) AS count_n,
            if(countIf(m.low_cash_n IS NULL) > 0, NULL, sum(m.low_cash_n)) AS count_cash_n,
            if((count_n + count_cash_n) > 0, count_n / (count_n + count_cash_n), NULL) AS count_share,
            sum(m.net_dong) AS value_net_dong,
            if(countIf(m.low_cash_dong IS NULL) > 0, NULL, sum(m.low_cash_dong)) AS value_cash_dong,
            if((value_net_dong + value_cash_dong) > 0, toFloat64(value_net_dong) / toFloat64(value_net_dong + value_cash_dong), NULL) AS value_share
        FROM months AS m
        GROUP BY
            plan_id,
            institution_id,
            half_year
    )
SELECT
    s.plan_id AS plan_id,
    s.institution_id AS institution_id,
    r.institution_name AS institution_name,
    r.sector AS sector,
    r.institution_type AS institution_type,
    r.size_band AS size_band,
    r.rank AS rank,
    s.half_year AS half_year,
    s.months_n AS months_n,
    s.count_n AS count_n,
    s.count_cash_n AS count_cash_n,
    s.count_share AS count_share,
    if(lagInFrame(s.half_year) OVER by_half_year = addMonths(s.half_year, -6), s.count_share - lagInFrame(s.count_share) OVER by_half_year, NULL) AS count_share_change,
    s.value_net_dong AS value_net_dong,
    s.value_cash_dong AS value_cash_dong,
    s.value_share AS value_share,
    if(lagInFrame(s.half_year) OVER by_half_year = addMonths(s.half_year, -6), s.value_share - lagInFrame(s.value_share) OVER by_half_year, NULL) AS value_share_change
FROM shares AS s
LEFT JOIN ranking AS r ON (r.plan_id = s.plan_id) AND (r.institution_id = s.institution_id)
WINDOW by_half_year AS (PARTITION BY s.plan_id, s.institution_id ORDER BY s.half_year ASC ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);

CREATE VIEW late_month
(
    `month` Date COMMENT 'First day of the month in which the money arrived',
    `source` LowCardinality(String) COMMENT 'Bank or intermediary (tổ chức cung ứng)',
    `late_n` UInt64 COMMENT 'Counted or excluded payments received later than view_settings.late_after_seconds (đến muộn)',
    `late_dong` Int128 COMMENT 'Their dong',
    `latest_after_seconds` Int64 COMMENT 'The longest time from the money\'s arrival to ours'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'PL05, đến muộn. Beside provider_month, from the facts: the cells know no times'
AS WITH
    (
        SELECT late_after_seconds
        FROM view_settings
    ) AS late_after_seconds,
    late AS
    (
        SELECT record
        FROM payments
        PREWHERE received_after_micros > (toInt64(late_after_seconds) * 1000000)
        WHERE fate IN ('counted', 'excluded')
    ),
    newest AS
    (
        SELECT argMax((business_date, source, fate, amount_dong, received_after_micros), version) AS row
        FROM payments
        PREWHERE record IN (
            SELECT record
            FROM late
        )
        GROUP BY
            anchor,
            account,
            record
    )
SELECT
    toStartOfMonth(row.1) AS month,
    row.2 AS source,
    count() AS late_n,
    sum(toInt128(row.4)) AS late_dong,
    max(intDiv(row.5, 1000000)) AS latest_after_seconds
FROM newest
WHERE ((row.3) IN ('counted', 'excluded')) AND ((row.5) > (toInt64(late_after_seconds) * 1000000))
GROUP BY
    month,
    source;

CREATE VIEW ledger_totals
(
    `source` LowCardinality(String) COMMENT 'Who reports it',
    `events_applied` UInt64 COMMENT 'Events that changed a record',
    `events_repeated` UInt64 COMMENT 'Events that said what was known',
    `events_no_money` UInt64 COMMENT 'Events that move no money',
    `events_dead_lettered` UInt64 COMMENT 'Log records that could not be decoded, under the source undecodable. What the collector could not use is not in the log',
    `counted_n` Int64 COMMENT 'Payments counted',
    `counted_dong` Int128 COMMENT 'Their dong',
    `refunded_n` Int64 COMMENT 'Refunds and lost chargebacks',
    `refunded_dong` Int128 COMMENT 'Their dong',
    `merged_n` Int64 COMMENT 'Records that another record of the same payment counts for',
    `merged_dong` Int128 COMMENT 'Their dong',
    `voided_n` Int64 COMMENT 'Payments taken back by their provider',
    `voided_dong` Int128 COMMENT 'Their dong',
    `excluded_n` Int64 COMMENT 'Money of a kind that is never a payer\'s fee',
    `excluded_dong` Int128 COMMENT 'Their dong',
    `unsettled_n` Int64 COMMENT 'Records without settled money',
    `unsettled_dong` Int128 COMMENT 'Their dong'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Events and records by fate, over all partitions: the fates add up to the log. What the collector refused, or kept as a dead letter, is in its metrics and in the topic dead-letters only'
AS SELECT
    source,
    sum(l.events_applied) AS events_applied,
    sum(l.events_repeated) AS events_repeated,
    sum(l.events_no_money) AS events_no_money,
    sum(l.events_dead_lettered) AS events_dead_lettered,
    sum(l.counted_n) AS counted_n,
    sum(l.counted_dong) AS counted_dong,
    sum(l.refunded_n) AS refunded_n,
    sum(l.refunded_dong) AS refunded_dong,
    sum(l.merged_n) AS merged_n,
    sum(l.merged_dong) AS merged_dong,
    sum(l.voided_n) AS voided_n,
    sum(l.voided_dong) AS voided_dong,
    sum(l.excluded_n) AS excluded_n,
    sum(l.excluded_dong) AS excluded_dong,
    sum(l.unsettled_n) AS unsettled_n,
    sum(l.unsettled_dong) AS unsettled_dong
FROM ledger AS l
FINAL
GROUP BY source;

CREATE VIEW lookalikes_as_of
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'A row per bank record and candidate: lookalikes_as_of(registry_version = N, from_day = D, to_day = D). One candidate is merged, several are not'
AS WITH
    signs AS
    (
        SELECT
            anchor,
            account,
            payment,
            source_class,
            arrayJoin(arrayConcat(arrayMap(shift -> cityHash64(amount_dong, 'reference', reference, account, toInt32(anchor) + shift), multiIf(NOT bitTest(present, 10), [], source_class = 'bank', [-1, 1], [0])), if(bitTest(present, 4), [cityHash64(amount_dong, 'invoice', invoice)], []), if(bitTest(present, 5), [cityHash64(amount_dong, 'invoice', invoice_other_year)], []), arrayMap(shift -> cityHash64(amount_dong, 'minutes', intDiv(toUnixTimestamp(settled_at), 600) + shift, account), if(source_class = 'bank', [-1, 0, 1], [0])))) AS sign
        FROM payments
        PREWHERE (anchor = '1970-01-01') OR ((anchor >= ({from_day:Date} - 10)) AND (anchor <= ({to_day:Date} + 10)))
        WHERE bitTest(present, 0) AND (source_class IN ('bank', 'intermediary')) AND ((toDate(settled_at, 'Asia/Ho_Chi_Minh') >= ({from_day:Date} - 3)) AND (toDate(settled_at, 'Asia/Ho_Chi_Minh') <= ({to_day:Date} + 3)))
    ),
    meeting AS
    (
        SELECT
            anchor,
            account,
            payment
        FROM signs
        WHERE sign IN (
            SELECT sign
            FROM signs
            GROUP BY sign
            HAVING groupBitOr(if(source_class = 'bank', 1, 2)) = 3
        )
    ),
    returned AS
    (
        SELECT
            anchor,
            account,
            payment,
            record,
            decided_at
        FROM decision_log
        FINAL
        WHERE returns_to_rules
    ),
    records AS
    (
        SELECT
            anchor,
            account,
            payment,
            record,
            source,
            source_class,
            amount_dong,
            settled_at,
            identifier,
            counted_method,
            counted_kind,
            kind,
            groupBitOr(evidence) OVER same_amount AS unit_evidence,
            groupBitOr(fields) OVER same_amount AS unit_fields,
            toDate(settled_at, 'Asia/Ho_Chi_Minh') AS day,
            toUInt64(intDiv(toUnixTimestamp(settled_at), 600)) + 1 AS ten_minutes,
            arrayDistinct(arrayConcat(if(bitTest(present, 4), [invoice], []), if(bitTest(present, 5), [invoice_other_year], []))) AS invoices,
            reference,
            bitTest(present, 10) AS has_reference,
            (status = 'settled') AND (kind NOT IN ('refund', 'chargeback', 'outflow', 'settlement')) AND (source_class != 'institution') AND ((anchor = '1970-01-01') OR (abs(dateDiff('day', anchor, day)) <= 7)) AS is_open,
            countIf(source_class != 'institution') OVER same_amount AS lone_n,
            (decided_by = 'person') AND ((anchor, account, payment, record, decided_at) IN (
                SELECT *
                FROM returned
            )) AS is_returned,
            max(((decided_by = 'person') AND (NOT is_returned)) OR (status = 'voided')) OVER same_payment AS is_closed
        FROM payments
        FINAL
        PREWHERE (anchor, account, payment) IN (
            SELECT
                anchor,
                account,
                payment
            FROM meeting
        )
        WHERE bitTest(present, 0)
        WINDOW
            same_amount AS (PARTITION BY anchor, account, payment, amount_dong),
            same_payment AS (PARTITION BY anchor, account, payment)
    ),
    owned AS
    (
        SELECT
            l.*,
            if(l.day < r.valid_to, r.institution_id, 'UNKNOWN') AS institution_id,
            if(l.day < r.valid_to, toString(r.purpose), 'none') AS purpose,
            if(l.day < r.valid_to, r.institution_id, concat('identifier ', l.identifier)) AS owner
        FROM
        (
            SELECT *
            FROM records
            WHERE is_open AND (lone_n = 1) AND (NOT is_closed) AND ((day >= ({from_day:Date} - 3)) AND (day <= ({to_day:Date} + 3)))
        ) AS l
        ASOF LEFT JOIN
        (
            SELECT
                identifier,
                valid_from,
                valid_to,
                institution_id,
                purpose
            FROM resolved_identifiers_as_of(registry_version = {registry_version:UInt32})
        ) AS r ON (l.identifier = r.identifier) AND (l.day >= r.valid_from)
    ),
    shared AS
    (
        SELECT
            *,
            arrayJoin(arrayConcat(arrayMap(shift -> (1, cityHash64(reference, toInt32(anchor) + shift), account), multiIf(NOT has_reference, [], source_class = 'bank', [-1, 1], [0])), arrayMap(invoice -> (2, invoice, toFixedString('', 16)), invoices), arrayMap(shift -> (3, toUInt64(ten_minutes + shift), account), multiIf((kind NOT IN ('payment', 'deposit')), [], source_class = 'bank', [-1, 0, 1], [0])))) AS sign
        FROM owned
    ),
    meetings AS
    (
        SELECT
            CAST(sign.1, 'Enum8(\'reference\' = 1, \'invoice\' = 2, \'minutes\' = 3)') AS rule,
            amount_dong,
            groupArrayIf((anchor, account, payment, record, source, settled_at, day, institution_id, purpose, counted_method, counted_kind, unit_evidence, is_returned, unit_fields), source_class = 'bank') AS banks,
            groupArrayIf((anchor, account, payment, record, source, settled_at, kind, unit_evidence, unit_fields), source_class = 'intermediary') AS others
        FROM shared
        GROUP BY
            owner,
            amount_dong,
            sign
        HAVING notEmpty(banks) AND notEmpty(others)
    ),
    pairs AS
    (
        SELECT DISTINCT
            rule,
            amount_dong,
            arrayJoin(banks) AS bank,
            arrayJoin(others) AS other
        FROM meetings
        WHERE (rule = 'reference') OR (abs(dateDiff('microsecond', bank.6, other.6)) <= if(rule = 'invoice', 86400000000, 600000000))
    ),
    candidates AS
    (
        SELECT
            rule,
            amount_dong,
            bank.1 AS anchor,
            bank.2 AS account,
            bank.3 AS payment,
            bank.4 AS record,
            bank.5 AS source,
            bank.6 AS settled_at,
            bank.7 AS day,
            bank.8 AS institution_id,
            bank.9 AS purpose,
            bank.10 AS counted_method,
            bank.11 AS counted_kind,
            bank.12 AS evidence,
            bank.13 AS is_returned,
            bank.14 AS fields,
            other.1 AS other_anchor,
            other.2 AS other_account,
            other.3 AS other_payment,
            other.4 AS other_record,
            other.5 AS other_source,
            other.6 AS other_settled_at,
            other.7 AS other_kind,
            other.8 AS other_evidence,
            other.9 AS other_fields
        FROM pairs
        QUALIFY rule = min(rule) OVER (PARTITION BY anchor, account, payment, record)
    ),
    counted AS
    (
        SELECT
            *,
            count() OVER (PARTITION BY anchor, account, payment, record) AS candidates_n
        FROM candidates
    )
SELECT
    rule,
    institution_id,
    day,
    anchor,
    account,
    payment,
    record,
    source,
    settled_at,
    other_anchor,
    other_account,
    other_payment,
    other_record,
    other_source,
    other_settled_at,
    other_kind,
    other_evidence,
    other_fields,
    amount_dong,
    purpose,
    counted_method AS method,
    counted_kind AS kind,
    evidence,
    fields,
    candidates_n,
    is_returned,
    (candidates_n = 1) AND (NOT is_returned) AND (row_number() OVER (PARTITION BY other_anchor, other_account, other_payment, other_record, (candidates_n = 1) ORDER BY rule ASC, abs(dateDiff('microsecond', settled_at, other_settled_at)) ASC, source ASC, record ASC) = 1) AS is_merged
FROM counted
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE VIEW method_month
(
    `month` Date COMMENT 'First day of the month',
    `sector` LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    `method_family` Enum8('qr' = 1, 'website' = 2, 'mobile_money' = 3, 'pos' = 4, 'other' = 5, 'UNKNOWN' = 6) COMMENT 'QR, website, Mobile Money, POS (quẹt thẻ), other (khác); UNKNOWN where nobody said',
    `part` Enum8('counted' = 1, 'unknown_account' = 2, 'unknown_class' = 3) COMMENT 'As in institution_daily_parts; figures are of counted',
    `n` Int64 COMMENT 'Payments (số giao dịch)',
    `gross_dong` Int128 COMMENT 'Their dong (giá trị)',
    `average_dong` Nullable(Int128) COMMENT 'Dong of a payment (bình quân/giao dịch), rounded down; NULL without payments',
    `refunds_n` Int64 COMMENT 'Refunds (hoàn tiền)',
    `refunds_dong` Int128 COMMENT 'Their dong',
    `net_dong` Int128 COMMENT 'Gross less refunds of what is counted'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'PL04. The single methods are in institution_month'
AS SELECT
    d.month AS month,
    d.sector AS sector,
    CAST(transform(toInt8(d.method), [1, 2, 3, 4, 5, 6, 7], [1, 1, 2, 2, 3, 4, 5], 6), 'Enum8(\'qr\' = 1, \'website\' = 2, \'mobile_money\' = 3, \'pos\' = 4, \'other\' = 5, \'UNKNOWN\' = 6)') AS method_family,
    d.part AS part,
    sum(d.n) AS n,
    sum(d.gross_dong) AS gross_dong,
    if(n = 0, NULL, intDiv(gross_dong, n)) AS average_dong,
    sum(d.refunds_n) AS refunds_n,
    sum(d.refunds_dong) AS refunds_dong,
    sum(d.net_dong) AS net_dong
FROM institution_month_parts(by = 'method') AS d
GROUP BY
    month,
    sector,
    method_family,
    part;

CREATE VIEW orphan_refunds
(
    `business_date` Date COMMENT 'Local day on which the money went back',
    `source` LowCardinality(String) COMMENT 'Who reported it',
    `account` String COMMENT 'Receiving account, keyed digest, hexadecimal',
    `identifier` String COMMENT 'What the registry resolves to an institution, keyed digest, hexadecimal',
    `record` String COMMENT 'The refund\'s record, hexadecimal',
    `original` String COMMENT 'The record it returns, hexadecimal',
    `amount_dong` Int64 COMMENT 'Its dong'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'They lower value on their own date all the same'
AS SELECT
    business_date,
    source,
    lower(hex(o.account)) AS account,
    lower(hex(o.identifier)) AS identifier,
    lower(hex(o.record)) AS record,
    lower(hex(o.original)) AS original,
    amount_dong
FROM refunds_and_originals AS o
WHERE originals_n = 0;

CREATE VIEW payments_to_check
(
    `issue` LowCardinality(String) COMMENT 'Kind of trouble',
    `title_vi` String COMMENT 'The same in Vietnamese',
    `province_code` LowCardinality(String) COMMENT 'Province (tỉnh), or UNKNOWN',
    `province_name` LowCardinality(String) COMMENT 'Its name',
    `sector` LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    `source` LowCardinality(String) COMMENT 'The bank or intermediary that reports them',
    `n` Int64 COMMENT 'How many payments or refunds',
    `dong` Int128 COMMENT 'Their dong',
    `to_do_vi` String COMMENT 'What to do (việc cần làm)'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Beside data_quality, from single payments: a row per kind of trouble, place and source; no row = no such trouble. Double payments of the last 31 days'
AS WITH
    (
        SELECT max(business_date)
        FROM account_daily
    ) AS newest_day,
    decided AS
    (
        SELECT
            business_date,
            identifier,
            source,
            record,
            amount_dong,
            status,
            received_at,
            merged_into,
            decided_at,
            bitTest(present, 7) AS is_merged,
            (decided_kind != 'none') OR bitTest(present, 8) AS is_told_otherwise
        FROM payments
        FINAL
        PREWHERE decided_by = 'person'
    ),
    found_of_identifiers AS
    (
        SELECT
            'orphan_refund' AS issue,
            business_date,
            toFixedString(unhex(identifier), 16) AS identifier,
            source,
            toInt64(1) AS n,
            toInt128(amount_dong) AS dong
        FROM orphan_refunds
        UNION ALL
        SELECT
            'possible_double_payment',
            business_date,
            toFixedString(unhex(identifier), 16),
            source,
            toInt64(n),
            dong
        FROM possible_double_payments
        WHERE business_date > (newest_day - 31)
        UNION ALL
        SELECT
            'changed_after_decision',
            business_date,
            identifier,
            toString(source),
            toInt64(1),
            toInt128(amount_dong)
        FROM decided
        WHERE (is_merged OR (record IN (
            SELECT merged_into
            FROM decided
            WHERE is_merged
        )) OR is_told_otherwise) AND ((status = 'voided') OR (received_at > decided_at))
    ),
    found_of_institutions AS
    (
        SELECT
            f.issue AS issue,
            f.business_date AS business_date,
            f.source AS source,
            f.n AS n,
            f.dong AS dong,
            if(f.business_date < r.valid_to, toString(r.sector), 'UNKNOWN') AS sector,
            if(f.business_date < r.valid_to, toString(r.unit_code), '') AS unit_code
        FROM found_of_identifiers AS f
        ASOF LEFT JOIN
        (
            SELECT
                identifier,
                valid_from,
                valid_to,
                sector,
                unit_code
            FROM resolved_identifiers_as_of(registry_version = 4294967295)
        ) AS r ON (r.identifier = f.identifier) AND (f.business_date >= r.valid_from)
        UNION ALL
        SELECT
            'ambiguous_duplicate',
            w.business_date,
            w.source,
            toInt64(1),
            toInt128(w.amount_dong),
            if(w.business_date < i.valid_to, toString(i.sector), 'UNKNOWN'),
            if(w.business_date < i.valid_to, toString(i.unit_code), '')
        FROM
        (
            SELECT
                business_date,
                toString(institution_id) AS institution_id,
                source,
                amount_dong
            FROM weak_candidates
            WHERE counted
        ) AS w
        ASOF LEFT JOIN
        (
            SELECT
                institution_id,
                valid_from,
                valid_to,
                sector,
                unit_code
            FROM institutions
            FINAL
            WHERE (registry_version, digest) IN (
                SELECT
                    registry_version,
                    digest
                FROM registry_versions
                FINAL
            )
            QUALIFY registry_version = max(registry_version) OVER (PARTITION BY institution_id)
        ) AS i ON (i.institution_id = w.institution_id) AND (w.business_date >= i.valid_from)
    ),
    [('orphan_refund', 'Hoàn tiền không thấy giao dịch gốc', 'Yêu cầu tổ chức cung ứng gửi giao dịch gốc'), ('possible_double_payment', 'Có thể thanh toán hai lần (31 ngày gần nhất)', 'Báo cơ sở kiểm tra và hoàn tiền nếu đúng'), ('changed_after_decision', 'Giao dịch được báo thay đổi sau khi đã có người quyết định', 'Xem standing_decisions; lấy lại bằng cashless decisions undo rồi quyết định lại'), ('ambiguous_duplicate', 'Giao dịch có thể được báo hai lần, chưa rõ trùng với giao dịch nào', 'Xem weak_candidates; xác định bằng cashless decisions hoặc yêu cầu gửi mã tham chiếu')] AS words
SELECT
    f.issue AS issue,
    (arrayFirst(word -> ((word.1) = issue), words)).2 AS title_vi,
    if(f.business_date < u.valid_to, toString(u.province_code), 'UNKNOWN') AS province_code,
    if(f.business_date < u.valid_to, toString(u.province_name), 'UNKNOWN') AS province_name,
    f.sector AS sector,
    f.source AS source,
    sum(f.n) AS n,
    sum(f.dong) AS dong,
    (arrayFirst(word -> ((word.1) = issue), words)).3 AS to_do_vi
FROM found_of_institutions AS f
ASOF LEFT JOIN unit_days AS u ON (u.code = f.unit_code) AND (f.business_date >= u.valid_from)
GROUP BY
    issue,
    province_code,
    province_name,
    sector,
    source
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE VIEW possible_double_payments
(
    `business_date` Date COMMENT 'Local day; ask with a range of days, or all payments are compared',
    `source` LowCardinality(String) COMMENT 'Who reported it',
    `identifier` String COMMENT 'Keyed digest of the account or merchant, hexadecimal',
    `method` Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid',
    `n` UInt64 COMMENT 'Payments that follow an equal one of the same payer within view_settings.double_within_seconds',
    `dong` Int128 COMMENT 'Their dong'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'One payer, account, method, amount and source, on one day. They count: a bank\'s second transfer is money, until it is refunded'
AS WITH
    (
        SELECT double_within_seconds
        FROM view_settings
    ) AS within_seconds,
    payments_of_payers AS
    (
        SELECT
            business_date,
            source,
            identifier,
            counted_method,
            amount_dong,
            arraySort(groupArray(toUnixTimestamp64Micro(settled_at))) AS times
        FROM payments
        FINAL
        WHERE (fate = 'counted') AND (bitAnd(present, 4) != 0)
        GROUP BY
            business_date,
            source,
            identifier,
            counted_method,
            amount_dong,
            payer
        HAVING count() > 1
    )
SELECT
    business_date,
    source,
    lower(hex(identifier)) AS identifier,
    counted_method AS method,
    sum(arrayCount((later, earlier) -> ((later - earlier) <= (toInt64(within_seconds) * 1000000)), arrayPopFront(times), arrayPopBack(times))) AS n,
    sum(toInt128(amount_dong) * arrayCount((later, earlier) -> ((later - earlier) <= (toInt64(within_seconds) * 1000000)), arrayPopFront(times), arrayPopBack(times))) AS dong
FROM payments_of_payers
GROUP BY
    business_date,
    source,
    identifier,
    method
HAVING n > 0
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE VIEW provider_month
(
    `month` Date COMMENT 'First day of the month',
    `source` LowCardinality(String) COMMENT 'Bank or intermediary (tổ chức cung ứng)',
    `sector` LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    `part` Enum8('counted' = 1, 'unknown_account' = 2, 'unknown_class' = 3) COMMENT 'As in institution_daily_parts; figures are of counted',
    `n` Int64 COMMENT 'Payments (số giao dịch) that count under this source',
    `gross_dong` Int128 COMMENT 'Their dong (giá trị)',
    `refunds_n` Int64 COMMENT 'Refunds (hoàn tiền)',
    `refunds_dong` Int128 COMMENT 'Their dong',
    `net_dong` Int128 COMMENT 'Gross less refunds of what is counted',
    `all_fields_n` Int64 COMMENT 'Payments with all four minimum fields (đủ trường thông tin tối thiểu)',
    `without_beneficiary_n` Int64 COMMENT 'Payments with all but possibly the beneficiary\'s name: enough in health',
    `all_fields_share` Nullable(Float64) COMMENT 'all_fields_n of n, for drawing; NULL without payments',
    `merged_n` Int64 COMMENT 'Its records of payments that count under another source (trùng)',
    `merged_dong` Int128 COMMENT 'Their dong',
    `voided_n` Int64 COMMENT 'Payments it took back'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'PL05. Late arrivals are in late_month. Dead letters have no day and no sector: data_quality and ledger_totals count records of the log that cannot be read, metrics the rest'
AS SELECT
    d.month AS month,
    d.source AS source,
    d.sector AS sector,
    d.part AS part,
    sum(d.n) AS n,
    sum(d.gross_dong) AS gross_dong,
    sum(d.refunds_n) AS refunds_n,
    sum(d.refunds_dong) AS refunds_dong,
    sum(d.net_dong) AS net_dong,
    sum(d.all_fields_n) AS all_fields_n,
    sum(d.without_beneficiary_n) AS without_beneficiary_n,
    all_fields_n / nullIf(n, 0) AS all_fields_share,
    sum(d.merged_n) AS merged_n,
    sum(d.merged_dong) AS merged_dong,
    sum(d.voided_n) AS voided_n
FROM institution_month_parts(by = 'provider') AS d
GROUP BY
    month,
    source,
    sector,
    part;

CREATE VIEW published_month
(
    `breakdown` LowCardinality(String) COMMENT 'sector, unit, type, method or provider, as asked for',
    `month` Date COMMENT 'First day of the month',
    `sector` LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    `part` Enum8('counted' = 1, 'unknown_account' = 2, 'unknown_class' = 3) COMMENT 'As in institution_daily_parts; figures are of counted',
    `cell` String COMMENT 'Which unit (province/unit), type (type/ownership), family of methods or source; empty for the sector',
    `cell_name` String COMMENT 'Its name, where it has one',
    `n` Nullable(Int64) COMMENT 'Payments (số giao dịch); NULL = masked',
    `gross_dong` Nullable(Int128) COMMENT 'Their dong (giá trị); NULL = masked',
    `refunds_dong` Nullable(Int128) COMMENT 'Dong of refunds (hoàn tiền); NULL = masked',
    `net_dong` Nullable(Int128) COMMENT 'Gross less refunds of what is counted; NULL = masked',
    `masked` Enum8('no' = 0, 'small' = 1, 'complement' = 2) COMMENT 'small = fewer payments than view_settings.payments_min; complement = masked so that a small one cannot be computed from the total'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'For export, published_month(breakdown = \'unit\'): small cells are NULL, and within a breakdown, month, sector and part no small one can be computed from the total. Tables that cross breakdowns are not covered. Totals of an institution may be shown as they are'
AS WITH
    (
        SELECT payments_min
        FROM view_settings
    ) AS payments_min,
    cells AS
    (
        SELECT
            p.month AS month,
            p.sector AS sector,
            p.part AS part,
            multiIf({breakdown:String} = 'unit', concat(if(u.valid_to > p.day, u.province_code, 'UNKNOWN'), '/', if(u.valid_to > p.day, u.unit_code, p.unit_code)), {breakdown:String} = 'type', concat(p.institution_type, '/', p.ownership), {breakdown:String} = 'method', transform(toInt8(p.method), [1, 2, 3, 4, 5, 6, 7], ['qr', 'qr', 'website', 'website', 'mobile_money', 'pos', 'other'], 'UNKNOWN'), {breakdown:String} = 'provider', toString(p.source), '') AS cell,
            multiIf({breakdown:String} != 'unit', '', u.valid_to > p.day, toString(u.unit_name), toString(p.unit_name)) AS cell_name,
            multiIf(({breakdown:String} != 'unit') OR (u.valid_to <= p.day), '', concat(u.province_name, '/', u.unit_level)) AS cell_place,
            {breakdown:String} AS breakdown,
            sum(p.n) AS cell_n,
            sum(p.gross_dong) AS cell_gross,
            sum(p.refunds_n) AS cell_refunds_n,
            sum(p.refunds_dong) AS cell_refunds,
            sum(p.net_dong) AS cell_net
        FROM institution_month_parts(by = {breakdown:String}) AS p
        ASOF LEFT JOIN unit_days AS u ON (u.code = p.unit_code) AND (p.day >= u.valid_from)
        WHERE {breakdown:String} IN ('sector', 'unit', 'type', 'method', 'provider')
        GROUP BY
            month,
            sector,
            part,
            cell,
            cell_name,
            cell_place
    ),
    small AS
    (
        SELECT
            *,
            (cell_n < payments_min) AND ((cell_n > 0) OR (cell_refunds_n > 0)) AS is_small
        FROM cells
    ),
    neighbours AS
    (
        SELECT
            *,
            sum(is_small) OVER total AS small_cells,
            sum(cell_n * is_small) OVER total AS small_n,
            row_number() OVER (PARTITION BY breakdown, month, sector, part, is_small ORDER BY cell_n = 0 ASC, cell_n ASC, cell ASC) AS place
        FROM small
        WINDOW total AS (PARTITION BY breakdown, month, sector, part)
    )
SELECT
    breakdown,
    month,
    sector,
    part,
    cell,
    cell_name,
    if(masked = 'no', cell_n, NULL) AS n,
    if(masked = 'no', cell_gross, NULL) AS gross_dong,
    if(masked = 'no', cell_refunds, NULL) AS refunds_dong,
    if(masked = 'no', cell_net, NULL) AS net_dong,
    CAST(multiIf(is_small, 1, (small_cells > 0) AND ((small_cells = 1) OR (small_n < payments_min)) AND (place = 1), 2, 0), 'Enum8(\'no\' = 0, \'small\' = 1, \'complement\' = 2)') AS masked
FROM neighbours;

CREATE VIEW ranking
(
    `plan_id` LowCardinality(String) COMMENT 'The plan',
    `plan_version` UInt32 COMMENT 'Version of the plan',
    `sector` LowCardinality(String) COMMENT 'education or health',
    `institution_type` LowCardinality(String) COMMENT 'Type',
    `size_band` LowCardinality(String) COMMENT 'Band of size within which it is ranked',
    `rank` UInt32 COMMENT 'Rank in its band; 0 = not ranked',
    `institution_id` String COMMENT 'The institution',
    `institution_name` String COMMENT 'Its name',
    `ownership` LowCardinality(String) COMMENT 'public or private',
    `scope` LowCardinality(String) COMMENT 'core or extended; verdicts are on core',
    `care_tier` LowCardinality(String) COMMENT 'Level of care (tuyến), health only',
    `managed_by` LowCardinality(String) COMMENT 'Who runs it: province, ministry, army or police',
    `district_code` LowCardinality(String) COMMENT 'District (huyện) of the unit; empty where there is none, as since July 2025',
    `unit_code` LowCardinality(String) COMMENT 'Code of the administrative unit',
    `unit_name` String COMMENT 'Name of the administrative unit',
    `score_millionths` Int64 COMMENT 'Score in millionths of a point, of 100 points',
    `score` Decimal(18, 6) COMMENT 'Score, from 0 to 100, for drawing',
    `unranked_reason` String COMMENT 'Why it is not ranked; empty = it is',
    `count_display` String COMMENT 'Lower bound of the share in number, in percent; empty = none',
    `value_display` String COMMENT 'Lower bound of the share in value, in percent; empty = none',
    `count_low_numerator` Nullable(Int128) COMMENT 'Lower bound of the share in number, to be summed up over institutions; NULL = unknown',
    `count_low_denominator` Nullable(Int128) COMMENT 'Of so many',
    `value_low_numerator` Nullable(Int128) COMMENT 'The same in value; NULL = unknown',
    `value_low_denominator` Nullable(Int128) COMMENT 'Of so much',
    `count_low_ratio` Nullable(Float64) COMMENT 'Lower bound of the share in number, for drawing; NULL = unknown',
    `value_low_ratio` Nullable(Float64) COMMENT 'Lower bound of the share in value, for drawing; NULL = unknown',
    `methods_ready` UInt8 COMMENT 'Families of methods declared ready, 0 to 4',
    `minfields_numerator` Int64 COMMENT 'Counted payments with all minimum fields',
    `minfields_denominator` Int64 COMMENT 'Counted payments',
    `minfields_ratio` Nullable(Float64) COMMENT 'Share of payments with the minimum fields, for drawing; NULL = unknown',
    `n` Int64 COMMENT 'Counted payments of the target year',
    `net_dong` Int128 COMMENT 'Their dong less refunds',
    `gross_dong` Int128 COMMENT 'Their dong',
    `cash_n` Nullable(Int64) COMMENT 'Declared cash receipts; NULL = none declared',
    `cash_dong` Nullable(Int128) COMMENT 'Their dong less refunds; NULL = none declared',
    `months_used` UInt16 COMMENT 'Months with a counted payment',
    `months_active` UInt16 COMMENT 'Months so far that have ended and in which it was active on the 1st',
    `months_declared_count` UInt16 COMMENT 'Of these, months with a declared number of cash receipts',
    `months_declared_value` UInt16 COMMENT 'Of these, months with a declared value of cash receipts',
    `uses` Enum8('no' = 0, 'yes' = 1, 'unknown' = 2) COMMENT 'Whether it uses cashless payment (sử dụng)',
    `accepts` UInt8 COMMENT '1 = it accepts cashless payment (chấp nhận)',
    `has_platform` UInt8 COMMENT '1 = it has a digital platform (nền tảng số)',
    `installed` UInt8 COMMENT '1 = at least one method is installed (lắp đặt)',
    `is_active` UInt8 COMMENT '1 = active at the reference date, and so in every figure about a moment',
    `is_open` UInt8 COMMENT '1 = money of it may go unseen: an identifier of a provider that is silent or not connected',
    `evaluated_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the evaluation began to read its data'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Institutions by plan, band and rank, on lower bounds; rank 0 = not ranked, and unranked_reason says why'
AS WITH
    named AS
    (
        SELECT
            institution_id,
            argMax(name, valid_from) AS institution_name,
            argMax(unit_name, valid_from) AS unit_name
        FROM
        (
            SELECT *
            FROM institutions
            FINAL
            WHERE (registry_version, digest) IN (
                SELECT
                    registry_version,
                    digest
                FROM registry_versions
                FINAL
            )
            QUALIFY registry_version = max(registry_version) OVER (PARTITION BY institution_id)
        )
        WHERE removed = 0
        GROUP BY institution_id
    )
SELECT
    s.plan_id AS plan_id,
    s.plan_version AS plan_version,
    s.sector AS sector,
    s.institution_type AS institution_type,
    s.size_band AS size_band,
    s.rank AS rank,
    s.institution_id AS institution_id,
    named.institution_name AS institution_name,
    s.ownership AS ownership,
    s.scope AS scope,
    s.care_tier AS care_tier,
    s.managed_by AS managed_by,
    s.district_code AS district_code,
    s.unit_code AS unit_code,
    named.unit_name AS unit_name,
    s.score_millionths AS score_millionths,
    toDecimal64(s.score_millionths, 6) / 1000000 AS score,
    s.unranked_reason AS unranked_reason,
    s.count_display AS count_display,
    s.value_display AS value_display,
    s.count_low_numerator AS count_low_numerator,
    s.count_low_denominator AS count_low_denominator,
    s.value_low_numerator AS value_low_numerator,
    s.value_low_denominator AS value_low_denominator,
    toFloat64(s.count_low_numerator) / nullIf(toFloat64(s.count_low_denominator), 0) AS count_low_ratio,
    toFloat64(s.value_low_numerator) / nullIf(toFloat64(s.value_low_denominator), 0) AS value_low_ratio,
    s.methods_ready AS methods_ready,
    s.minfields_numerator AS minfields_numerator,
    s.minfields_denominator AS minfields_denominator,
    s.minfields_numerator / nullIf(s.minfields_denominator, 0) AS minfields_ratio,
    s.n AS n,
    s.net_dong AS net_dong,
    s.gross_dong AS gross_dong,
    s.cash_n AS cash_n,
    s.cash_dong AS cash_dong,
    s.months_used AS months_used,
    s.months_active AS months_active,
    s.months_declared_count AS months_declared_count,
    s.months_declared_value AS months_declared_value,
    s.uses AS uses,
    s.accepts AS accepts,
    s.has_platform AS has_platform,
    s.installed AS installed,
    s.is_active AS is_active,
    s.is_open AS is_open,
    s.evaluated_at AS evaluated_at
FROM institution_standing AS s
FINAL
LEFT JOIN named ON named.institution_id = s.institution_id;

CREATE VIEW reason_day
(
    `business_date` Date COMMENT 'Local day; ask with a range of days, or all facts are read',
    `sector` LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    `institution_type` LowCardinality(String) COMMENT 'Type (loại hình), or UNKNOWN',
    `reason` LowCardinality(String) COMMENT 'Reason (lý do thanh toán). Of education: tuition, meals, insurance, services, exam, other; elsewhere only fee, deposit, settlement, medicine, other, since more would tell of a patient\'s health; UNKNOWN where none was sent',
    `part` Enum8('counted' = 1, 'unknown_account' = 2, 'unknown_class' = 3) COMMENT 'As in institution_daily_parts; figures are of counted',
    `n` Int64 COMMENT 'Payments (số giao dịch)',
    `gross_dong` Int128 COMMENT 'Their dong (giá trị)'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Payments by reason, from the facts. Refunds are in no row: they give no reason of their own'
AS WITH
    (
        SELECT groupArray(class)
        FROM
        (
            SELECT
                arrayJoin(places) AS place,
                argMin(class, position) AS class
            FROM class_rules
            FINAL
            WHERE (registry_version, digest) = (
                SELECT max((registry_version, digest))
                FROM class_rules
                WHERE (registry_version = 0) OR ((registry_version, digest) IN (
                    SELECT
                        registry_version,
                        digest
                    FROM registry_versions
                    FINAL
                ))
            )
            GROUP BY place
            ORDER BY place ASC
        )
    ) AS classes,
    resolved AS
    (
        SELECT
            identifier,
            valid_from,
            valid_to,
            purpose,
            sector,
            institution_type
        FROM resolved_identifiers_as_of(registry_version = 4294967295)
    ),
    movements AS
    (
        SELECT
            business_date,
            identifier,
            counted_kind AS kind,
            counted_method = 'COUNTER_CASH' AS is_counter_cash,
            counted_evidence != 0 AS has_evidence,
            reason AS told,
            count() AS payments_n,
            sum(toInt128(amount_dong)) AS payments_dong
        FROM payments
        FINAL
        WHERE fate = 'counted'
        GROUP BY
            business_date,
            identifier,
            kind,
            is_counter_cash,
            has_evidence,
            told
    ),
    classed AS
    (
        SELECT
            m.business_date AS business_date,
            m.told AS told,
            m.payments_n AS payments_n,
            m.payments_dong AS payments_dong,
            m.business_date < r.valid_to AS is_known,
            if(is_known, toString(r.sector), 'UNKNOWN') AS sector,
            if(is_known, toString(r.institution_type), 'UNKNOWN') AS institution_type,
            classes[(((1 + (toUInt16(m.kind) * 28)) + (m.is_counter_cash * 14)) + (if(is_known, toUInt8(r.purpose), 0) * 2)) + m.has_evidence] AS class
        FROM movements AS m
        ASOF LEFT JOIN resolved AS r ON (m.identifier = r.identifier) AND (m.business_date >= r.valid_from)
    )
SELECT
    business_date,
    sector,
    institution_type,
    multiIf(told = 'unknown', 'UNKNOWN', (sector = 'education') AND (told NOT IN ('inpatient_deposit', 'inpatient_settlement', 'medicine')), toString(told), sector = 'education', 'other', told = 'inpatient_deposit', 'deposit', told = 'inpatient_settlement', 'settlement', told = 'medicine', 'medicine', (told IN ('other', 'insurance')), 'other', 'fee') AS reason,
    CAST(multiIf((class IN ('fee_payment', 'deposit')), 1, class = 'UNKNOWN', 2, 3), 'Enum8(\'counted\' = 1, \'unknown_account\' = 2, \'unknown_class\' = 3)') AS part,
    sum(payments_n) AS n,
    sum(payments_dong) AS gross_dong
FROM classed
WHERE class IN ('fee_payment', 'deposit', 'UNKNOWN', 'unknown')
GROUP BY
    business_date,
    sector,
    institution_type,
    reason,
    part
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE VIEW refunds_and_originals
(
    `anchor` Date COMMENT 'The refund\'s anchor',
    `account` FixedString(16) COMMENT 'Receiving account, keyed digest',
    `record` UInt64 COMMENT 'The refund\'s record',
    `business_date` Date COMMENT 'Local day on which the money went back',
    `identifier` FixedString(16) COMMENT 'What the registry resolves to an institution, keyed digest',
    `source` LowCardinality(String) COMMENT 'Who reported it',
    `method` Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How the refund was paid',
    `kind` Enum8('payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) COMMENT 'refund or chargeback, or what was decided',
    `evidence` UInt8 COMMENT 'What ties it to a service, as bits: 1 invoice, 2 person',
    `amount_dong` Int64 COMMENT 'Its dong',
    `original` UInt64 COMMENT 'The record that it returns: of the same account, or, if that has none, of whichever account',
    `originals_n` UInt64 COMMENT 'How many rows that record has: none if it was never seen, several if the id was used on several days; a row of this view each',
    `original_fate` LowCardinality(String) COMMENT 'What the unit of the original is in the figures; merged = it counts in another payment',
    `original_place` UInt16 COMMENT 'Its place in classes_as_of without owner',
    `original_business_date` Date COMMENT 'Its local day',
    `original_identifier` FixedString(16) COMMENT 'Its identifier, keyed digest'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'A row per refund that names an original and row of the original'
AS WITH
    links AS
    (
        SELECT
            anchor,
            arrayJoin(groupArrayIf((account, record, original, business_date, identifier, source, counted_method, counted_kind, counted_evidence, amount_dong, version), (fate = 'refunded') AND (bitAnd(present, 64) != 0))) AS refund
        FROM payments
        GROUP BY anchor
    ),
    ends AS
    (
        SELECT
            account,
            told,
            arrayJoin([(record, 1), (told.1, 0)]) AS end
        FROM
        (
            SELECT
                anchor,
                refund.1 AS account,
                refund.2 AS record,
                argMax((refund.3, anchor, refund.4, refund.5, refund.6, refund.7, refund.8, refund.9, refund.10), refund.11) AS told
            FROM links
            GROUP BY
                anchor,
                account,
                record
        )
    ),
    found AS
    (
        SELECT
            e.account AS account,
            e.told.1 AS original,
            groupArrayIf((o.record, e.told), (e.end.2) AND (o.account = e.account) AND (o.anchor = (e.told.2)) AND bitTest(o.as_original, 12)) AS refunds,
            groupUniqArrayIf((o.anchor, o.as_original, o.business_date, o.identifier, o.account = e.account), NOT (e.end.2)) AS told_anywhere,
            arrayFilter(told -> (told.5), told_anywhere) AS told_here,
            if(notEmpty(told_here), told_here, told_anywhere) AS originals
        FROM
        (
            SELECT
                anchor,
                account,
                record,
                business_date,
                identifier,
                as_original
            FROM payments
            FINAL
            PREWHERE identity(record) IN (
                SELECT arrayJoin([refund.2, refund.3])
                FROM links
            )
        ) AS o
        INNER JOIN ends AS e ON o.record = (e.end.1)
        GROUP BY
            account,
            original
        HAVING notEmpty(refunds)
    )
SELECT
    (refund.2).2 AS anchor,
    account,
    refund.1 AS record,
    (refund.2).3 AS business_date,
    (refund.2).4 AS identifier,
    (refund.2).5 AS source,
    (refund.2).6 AS method,
    (refund.2).7 AS kind,
    (refund.2).8 AS evidence,
    (refund.2).9 AS amount_dong,
    original,
    originals_n,
    ['counted', 'refunded', 'merged', 'voided', 'excluded', 'unsettled'][intDiv(o.2, 512) % 8] AS original_fate,
    1 + ((o.2) % 512) AS original_place,
    o.3 AS original_business_date,
    o.4 AS original_identifier
FROM
(
    SELECT
        account,
        original,
        originals,
        length(originals) AS originals_n,
        arrayJoin(refunds) AS refund
    FROM found
)
LEFT ARRAY JOIN originals AS o
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE VIEW resolved_identifiers_as_of
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Identifiers resolved to institutions by day, valid_to exclusive: resolved_identifiers_as_of(registry_version = N)'
AS WITH
    visible AS
    (
        SELECT
            registry_version,
            digest
        FROM registry_versions
        FINAL
        WHERE registry_version <= {registry_version:UInt32}
    ),
    identifier_rows AS
    (
        SELECT
            identifier,
            valid_from,
            valid_to,
            removed,
            institution_id,
            purpose
        FROM identifiers
        FINAL
        WHERE (registry_version, digest) IN (
            SELECT
                registry_version,
                digest
            FROM visible
        )
        QUALIFY registry_version = max(registry_version) OVER (PARTITION BY identifier)
    ),
    institution_rows AS
    (
        SELECT
            institution_id,
            valid_from,
            valid_to,
            removed,
            name,
            sector,
            institution_type,
            ownership,
            unit_code,
            unit_name,
            care_tier,
            scope,
            parent_id
        FROM institutions
        FINAL
        WHERE (registry_version, digest) IN (
            SELECT
                registry_version,
                digest
            FROM visible
        )
        QUALIFY registry_version = max(registry_version) OVER (PARTITION BY institution_id)
    ),
    edges AS
    (
        SELECT
            institution_id,
            groupUniqArrayArray([valid_from, valid_to]) AS days
        FROM institution_rows
        WHERE removed = 0
        GROUP BY institution_id
    ),
    pieces AS
    (
        SELECT
            identifier_rows.identifier AS identifier,
            arrayJoin(arrayConcat([identifier_rows.valid_from], arrayFilter(day -> ((day > identifier_rows.valid_from) AND (day < identifier_rows.valid_to)), edges.days))) AS piece_from,
            identifier_rows.valid_to AS valid_to,
            identifier_rows.institution_id AS institution_id,
            identifier_rows.purpose AS purpose
        FROM identifier_rows
        LEFT JOIN edges ON edges.institution_id = identifier_rows.institution_id
        WHERE identifier_rows.removed = 0
    )
SELECT
    pieces.identifier AS identifier,
    pieces.piece_from AS valid_from,
    pieces.valid_to AS valid_to,
    toLowCardinality(pieces.institution_id) AS institution_id,
    pieces.purpose AS purpose,
    toLowCardinality(i.name) AS institution_name,
    toLowCardinality(i.sector) AS sector,
    toLowCardinality(i.institution_type) AS institution_type,
    toLowCardinality(i.ownership) AS ownership,
    toLowCardinality(i.unit_code) AS unit_code,
    toLowCardinality(i.unit_name) AS unit_name,
    toLowCardinality(i.care_tier) AS care_tier,
    toLowCardinality(i.scope) AS scope,
    toLowCardinality(i.parent_id) AS parent_id,
    cityHash64(institution_id, institution_name, sector, institution_type, ownership, unit_code, unit_name, care_tier, scope, parent_id) AS description
FROM pieces
ASOF LEFT JOIN
(
    SELECT
        * EXCEPT valid_from,
        if(valid_from = min(valid_from) OVER (PARTITION BY institution_id), toDate(0), valid_from) AS described_from
    FROM institution_rows
    WHERE removed = 0
) AS i ON (i.institution_id = pieces.institution_id) AND (pieces.piece_from >= i.described_from);

CREATE VIEW sector_month
(
    `month` Date COMMENT 'First day of the month',
    `sector` LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    `n` Int64 COMMENT 'Counted cashless payments of all institutions',
    `gross_dong` Int128 COMMENT 'Their dong',
    `net_dong` Int128 COMMENT 'Their dong less refunds',
    `cash_n` Int64 COMMENT 'Declared cash receipts (tiền mặt) of the months that are declared',
    `cash_dong` Int128 COMMENT 'Their dong less cash refunds',
    `covered_n` Int64 COMMENT 'Cashless payments of the institutions whose number of cash receipts is declared for the month',
    `covered_net_dong` Int128 COMMENT 'Cashless net dong of the institutions whose value of cash is known for the month',
    `count_share` Nullable(Float64) COMMENT 'Observed share in number (tỷ lệ số lượng): covered_n of covered_n + cash_n, for drawing; NULL = no data',
    `value_share` Nullable(Float64) COMMENT 'Observed share in value (tỷ lệ giá trị), likewise',
    `institutions_n` UInt64 COMMENT 'Institutions that were active, paid or declared',
    `declared_n` UInt64 COMMENT 'Of these, with a declared number of cash receipts (đã kê khai)',
    `n_of_year` Int64 COMMENT 'n since January (lũy kế)',
    `net_dong_of_year` Int128 COMMENT 'net_dong since January',
    `cash_n_of_year` Int64 COMMENT 'cash_n since January',
    `cash_dong_of_year` Int128 COMMENT 'cash_dong since January',
    `count_share_of_year` Nullable(Float64) COMMENT 'Observed share in number since January',
    `value_share_of_year` Nullable(Float64) COMMENT 'Observed share in value since January'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'PL06. Shares take cashless and cash of the same institutions and months, so a missing declaration flatters nobody. Sector by the first of the month; all of the registry, whatever a plan covers'
AS WITH
    months AS
    (
        SELECT
            c.month AS month,
            c.sector AS sector,
            sum(c.n) AS n,
            sum(c.gross_dong) AS gross_dong,
            sum(c.net_dong) AS net_dong,
            sum(ifNull(c.cash_n, toInt64(0))) AS cash_n,
            sum(ifNull(c.cash_dong, toInt128(0))) AS cash_dong,
            sumIf(c.n, c.cash_n IS NOT NULL) AS covered_n,
            sumIf(c.net_dong, c.cash_dong IS NOT NULL) AS covered_net_dong,
            countIf(c.institution_id != 'UNKNOWN') AS institutions_n,
            countIf(c.cash_n IS NOT NULL) AS declared_n
        FROM institution_cash_month AS c
        GROUP BY
            month,
            sector
    )
SELECT
    month,
    sector,
    n,
    gross_dong,
    net_dong,
    cash_n,
    cash_dong,
    covered_n,
    covered_net_dong,
    if((covered_n + cash_n) > 0, covered_n / (covered_n + cash_n), NULL) AS count_share,
    if((covered_net_dong + cash_dong) > 0, toFloat64(covered_net_dong) / toFloat64(covered_net_dong + cash_dong), NULL) AS value_share,
    institutions_n,
    declared_n,
    sum(n) OVER of_year AS n_of_year,
    sum(net_dong) OVER of_year AS net_dong_of_year,
    sum(cash_n) OVER of_year AS cash_n_of_year,
    sum(cash_dong) OVER of_year AS cash_dong_of_year,
    if(sum(covered_n + cash_n) OVER of_year > 0, (sum(covered_n) OVER of_year) / (sum(covered_n + cash_n) OVER of_year), NULL) AS count_share_of_year,
    if(sum(covered_net_dong + cash_dong) OVER of_year > 0, toFloat64(sum(covered_net_dong) OVER of_year) / toFloat64(sum(covered_net_dong + cash_dong) OVER of_year), NULL) AS value_share_of_year
FROM months
WINDOW of_year AS (PARTITION BY sector, toYear(month) ORDER BY month ASC);

CREATE VIEW share_trend
(
    `month` Date COMMENT 'First day of the month',
    `province_code` LowCardinality(String) COMMENT 'Province (tỉnh) of the institutions on that day, or UNKNOWN',
    `province_name` LowCardinality(String) COMMENT 'Its name',
    `sector` LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    `covered_n` Int64 COMMENT 'Cashless payments of the institutions whose number of cash receipts is declared for the month',
    `cash_n` Int64 COMMENT 'Their declared cash receipts (tiền mặt)',
    `count_share` Nullable(Float64) COMMENT 'Observed share in number (tỷ lệ số lượng), for drawing; NULL = no data',
    `count_share_change` Nullable(Float64) COMMENT 'Less that of the month before (tăng, giảm); NULL = one of the two has no data',
    `covered_net_dong` Int128 COMMENT 'Cashless net dong of the institutions whose value of cash is known for the month',
    `cash_dong` Int128 COMMENT 'Their declared cash less cash refunds',
    `value_share` Nullable(Float64) COMMENT 'Observed share in value (tỷ lệ giá trị), likewise',
    `value_share_change` Nullable(Float64) COMMENT 'Less that of the month before'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Shares take cashless and cash of the same institutions and months. A trend has no threshold and no verdict'
AS WITH
    months AS
    (
        SELECT
            c.month AS month,
            c.province_code AS province_code,
            any(c.province_name) AS province_name,
            c.sector AS sector,
            sumIf(c.n, c.cash_n IS NOT NULL) AS covered_n,
            sum(ifNull(c.cash_n, toInt64(0))) AS cash_n,
            sumIf(c.net_dong, c.cash_dong IS NOT NULL) AS covered_net_dong,
            sum(ifNull(c.cash_dong, toInt128(0))) AS cash_dong,
            if((covered_n + cash_n) > 0, covered_n / (covered_n + cash_n), NULL) AS count_share,
            if((covered_net_dong + cash_dong) > 0, toFloat64(covered_net_dong) / toFloat64(covered_net_dong + cash_dong), NULL) AS value_share
        FROM institution_cash_month AS c
        GROUP BY
            month,
            province_code,
            sector
    )
SELECT
    month,
    province_code,
    province_name,
    sector,
    covered_n,
    cash_n,
    count_share,
    if(lagInFrame(month) OVER by_month = addMonths(month, -1), count_share - lagInFrame(count_share) OVER by_month, NULL) AS count_share_change,
    covered_net_dong,
    cash_dong,
    value_share,
    if(lagInFrame(month) OVER by_month = addMonths(month, -1), value_share - lagInFrame(value_share) OVER by_month, NULL) AS value_share_change
FROM months
WINDOW by_month AS (PARTITION BY province_code, sector ORDER BY month ASC ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);

CREATE VIEW standing_decisions
(
    `business_date` Date COMMENT 'Day on which the record is counted, or was before it was merged',
    `institution_id` LowCardinality(String) COMMENT 'Institution (cơ sở) on that day, by the registry as it is now, or UNKNOWN',
    `institution_name` LowCardinality(String) COMMENT 'Its name',
    `source` LowCardinality(String) COMMENT 'Who reports the record',
    `record` String COMMENT 'The record, 16 hexadecimal digits, as `cashless decisions make` takes it',
    `address` String COMMENT 'The same with day and account, where the record alone is not unique',
    `amount_dong` Int64 COMMENT 'Its dong',
    `fate` LowCardinality(String) COMMENT 'What it is in the figures',
    `kind` LowCardinality(String) COMMENT 'What it is taken for',
    `decided_by` LowCardinality(String) COMMENT 'rule or person; a person\'s word outranks a rule\'s',
    `effect` LowCardinality(String) COMMENT 'merged = another record counts instead, kind = it is something else, moved = its money arrived at another time, maybe on another day, completed = it has what a record merged into it told, none = it stands as its source told it',
    `merged_into` String COMMENT 'The record that counts instead of it, or empty',
    `decided_kind` LowCardinality(String) COMMENT 'What it is decided to be, or none',
    `decided_settled_at` Nullable(DateTime64(6, 'Asia/Ho_Chi_Minh')) COMMENT 'When the money is decided to have arrived',
    `added` Array(String) COMMENT 'What it has from a record merged into it: invoice and person tie it to a service, the others are minimum fields',
    `decided_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was decided',
    `decision_id` String COMMENT 'A person\'s decision, as `cashless decisions undo` takes it; empty of a rule\'s',
    `who` String COMMENT 'Who decided; empty of a rule',
    `why` String COMMENT 'Why; empty of a rule'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'A row per record that something is decided about. effect none: a person says that it stands alone, or a decision was taken back'
AS SELECT
    p.business_date AS business_date,
    if(p.business_date < r.valid_to, r.institution_id, 'UNKNOWN') AS institution_id,
    if(p.business_date < r.valid_to, r.institution_name, '') AS institution_name,
    p.source AS source,
    lower(leftPad(hex(p.record), 16, '0')) AS record,
    concat(toString(p.anchor), '/', lower(hex(p.account)), '/', record) AS address,
    p.amount_dong AS amount_dong,
    toString(p.fate) AS fate,
    toString(p.counted_kind) AS kind,
    toString(p.decided_by) AS decided_by,
    multiIf(bitTest(p.present, 7), 'merged', p.decided_kind != 'none', 'kind', bitTest(p.present, 8), 'moved', notEmpty(added), 'completed', 'none') AS effect,
    if(bitTest(p.present, 7), lower(leftPad(hex(p.merged_into), 16, '0')), '') AS merged_into,
    toString(p.decided_kind) AS decided_kind,
    if(bitTest(p.present, 8), p.decided_settled_at, NULL) AS decided_settled_at,
    arrayFilter(word -> (word != ''), [if(bitTest(p.added_evidence, 0), 'invoice', ''), if(bitTest(p.added_evidence, 1), 'person', ''), if(bitTest(p.added_fields, 0), 'payer_name', ''), if(bitTest(p.added_fields, 1), 'beneficiary_name', ''), if(bitTest(p.added_fields, 2), 'reason', ''), if(bitTest(p.added_fields, 3), 'invoice_ref', '')]) AS added,
    p.decided_at AS decided_at,
    if(l.decision_id = 0, '', lower(leftPad(hex(l.decision_id), 16, '0'))) AS decision_id,
    l.who AS who,
    l.why AS why
FROM
(
    SELECT *
    FROM payments
    FINAL
    PREWHERE decided_by != 'none'
) AS p
ASOF LEFT JOIN
(
    SELECT
        identifier,
        valid_from,
        valid_to,
        institution_id,
        institution_name
    FROM resolved_identifiers_as_of(registry_version = 4294967295)
) AS r ON (p.identifier = r.identifier) AND (p.business_date >= r.valid_from)
LEFT JOIN
(
    SELECT *
    FROM decision_log
    FINAL
) AS l ON (l.anchor = p.anchor) AND (l.account = p.account) AND (l.payment = p.payment) AND (l.record = p.record) AND (l.decided_at = p.decided_at) AND (toString(p.decided_by) = 'person')
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE VIEW target_progress_daily
(
    `evaluated_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the evaluation began to read its data',
    `plan_id` LowCardinality(String) COMMENT 'The plan',
    `plan_version` UInt32 COMMENT 'Version of the plan',
    `target_id` LowCardinality(String) COMMENT 'The target, the pair of targets, or the variant',
    `row_kind` Enum8('target' = 1, 'pair' = 2, 'variant' = 3) COMMENT 'pair = targets that have to be met together; variant = shown beside a target, without a say in its verdict',
    `sector` LowCardinality(String) COMMENT 'education or health',
    `metric` LowCardinality(String) COMMENT 'What is measured, as in the plan: count_share, value_share, use_share, …',
    `title_vi` String COMMENT 'The target in the words of the plan',
    `comparator` Enum8('>=' = 1, '>' = 2) COMMENT 'How the ratio is compared with the threshold',
    `threshold_numerator` Int64 COMMENT 'Threshold of the plan, numerator',
    `threshold_denominator` Int64 COMMENT 'Threshold of the plan, denominator',
    `numerator` Nullable(Int128) COMMENT 'Observed: only where the denominator is known; NULL = no data',
    `denominator` Nullable(Int128) COMMENT 'Observed: only where it is known; NULL = no data',
    `low_numerator` Nullable(Int128) COMMENT 'Lower bound; NULL = none',
    `low_denominator` Nullable(Int128) COMMENT 'Lower bound; NULL = none',
    `high_numerator` Nullable(Int128) COMMENT 'Upper bound; NULL = none',
    `high_denominator` Nullable(Int128) COMMENT 'Upper bound; NULL = none',
    `display` String COMMENT 'Observed in percent, truncated, as people read it; empty = no data',
    `low_display` String COMMENT 'Lower bound in percent; empty = none',
    `high_display` String COMMENT 'Upper bound in percent; empty = none',
    `verdict` Enum8('achieved' = 1, 'missed' = 2, 'undetermined' = 3) COMMENT 'From the bounds: đạt, không đạt, chưa đủ số liệu',
    `reason` LowCardinality(String) COMMENT 'Why the verdict is what it is',
    `high_is_open` UInt8 COMMENT '1 = money may be missing, so the upper bound bounds nothing',
    `coverage_n` UInt32 COMMENT 'Institutions whose denominators are all known',
    `coverage_of` UInt32 COMMENT 'Institutions of the population',
    `coverage_weight` UInt64 COMMENT 'Weight of the institutions whose denominators are all known',
    `coverage_weight_of` UInt64 COMMENT 'Weight of the population',
    `weight_kind` LowCardinality(String) COMMENT 'What is weighed: receipts, learners, visits or institutions',
    `is_preliminary` UInt8 COMMENT '1 = sơ bộ: too little weight is covered',
    `imputed_n` UInt32 COMMENT 'Institution-months whose cash was imputed, for bounds only',
    `months_left` UInt16 COMMENT 'Months of the target year that are still to come',
    `required_display` String COMMENT 'Share in percent that what is still to come needs, rounded up; above 100 = out of reach; empty = nothing is to come, or nothing can be said',
    `required_institutions` Nullable(UInt64) COMMENT 'Of a share of institutions: how many more are needed; NULL = not all of them together would do, or another kind of share',
    `projected_display` String COMMENT 'Projected share in percent at the end of the target year; empty = cannot be said',
    `projection_basis` String COMMENT 'What the projection rests on',
    `payments_watermark` Array(UInt64) COMMENT 'Highest version in the ledger before the data was read, by partition (first = 0); 0 = none. All before it is in the figures, save a batch that was being stored at that moment',
    `received_until` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'Receipt of the newest event in the ledger before the data was read; 1970 = none',
    `registry_version` UInt32 COMMENT 'Registry version that was read',
    `declarations_until` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the newest declaration that was read had been recorded; 1970 = none',
    `evaluator_version` LowCardinality(String) COMMENT 'Release of the evaluator',
    `digest` UInt64 COMMENT 'Digest of the result',
    `day` Date COMMENT 'Local day',
    `verdict_vi` String COMMENT 'The verdict in Vietnamese',
    `ratio` Nullable(Float64) COMMENT 'Numerator of denominator, for drawing; NULL = unknown',
    `low_ratio` Nullable(Float64) COMMENT 'Lower bound, for drawing; NULL = unknown',
    `high_ratio` Nullable(Float64) COMMENT 'Upper bound, for drawing; NULL = unknown',
    `threshold_ratio` Nullable(Float64) COMMENT 'What is to be reached, for drawing',
    `coverage_share` Nullable(Float64) COMMENT 'Share of institutions and months whose cash is known, for drawing',
    `weighted_coverage_share` Nullable(Float64) COMMENT 'The same by weight, for drawing; NULL = no weights'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'The last row of each target on each local day of evaluation. A day without a row changed nothing: the row before it stands'
AS WITH
    newest AS
    (
        SELECT
            plan_id,
            plan_version,
            target_id,
            row_kind,
            max(evaluated_at)
        FROM target_progress_days
        GROUP BY
            plan_id,
            plan_version,
            target_id,
            row_kind,
            day
    )
SELECT
    p.* EXCEPT day,
    p.day AS day,
    transform(toString(verdict), ['achieved', 'missed', 'undetermined'], ['đạt', 'không đạt', 'chưa đủ số liệu'], '') AS verdict_vi,
    toFloat64(numerator) / nullIf(toFloat64(denominator), 0) AS ratio,
    toFloat64(low_numerator) / nullIf(toFloat64(low_denominator), 0) AS low_ratio,
    toFloat64(high_numerator) / nullIf(toFloat64(high_denominator), 0) AS high_ratio,
    toFloat64(threshold_numerator) / nullIf(toFloat64(threshold_denominator), 0) AS threshold_ratio,
    coverage_n / nullIf(coverage_of, 0) AS coverage_share,
    coverage_weight / nullIf(coverage_weight_of, 0) AS weighted_coverage_share
FROM target_progress_days AS p
WHERE (plan_id, plan_version, target_id, row_kind, evaluated_at) IN (
    SELECT *
    FROM newest
)
LIMIT 1 BY
    plan_id,
    plan_version,
    target_id,
    row_kind,
    evaluated_at;

CREATE VIEW target_progress_now
(
    `evaluated_at` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the evaluation began to read its data',
    `plan_id` LowCardinality(String) COMMENT 'The plan',
    `plan_version` UInt32 COMMENT 'Version of the plan',
    `target_id` LowCardinality(String) COMMENT 'The target, the pair of targets, or the variant',
    `row_kind` Enum8('target' = 1, 'pair' = 2, 'variant' = 3) COMMENT 'pair = targets that have to be met together; variant = shown beside a target, without a say in its verdict',
    `sector` LowCardinality(String) COMMENT 'education or health',
    `metric` LowCardinality(String) COMMENT 'What is measured, as in the plan: count_share, value_share, use_share, …',
    `title_vi` String COMMENT 'The target in the words of the plan',
    `comparator` Enum8('>=' = 1, '>' = 2) COMMENT 'How the ratio is compared with the threshold',
    `threshold_numerator` Int64 COMMENT 'Threshold of the plan, numerator',
    `threshold_denominator` Int64 COMMENT 'Threshold of the plan, denominator',
    `numerator` Nullable(Int128) COMMENT 'Observed: only where the denominator is known; NULL = no data',
    `denominator` Nullable(Int128) COMMENT 'Observed: only where it is known; NULL = no data',
    `low_numerator` Nullable(Int128) COMMENT 'Lower bound; NULL = none',
    `low_denominator` Nullable(Int128) COMMENT 'Lower bound; NULL = none',
    `high_numerator` Nullable(Int128) COMMENT 'Upper bound; NULL = none',
    `high_denominator` Nullable(Int128) COMMENT 'Upper bound; NULL = none',
    `display` String COMMENT 'Observed in percent, truncated, as people read it; empty = no data',
    `low_display` String COMMENT 'Lower bound in percent; empty = none',
    `high_display` String COMMENT 'Upper bound in percent; empty = none',
    `verdict` Enum8('achieved' = 1, 'missed' = 2, 'undetermined' = 3) COMMENT 'From the bounds: đạt, không đạt, chưa đủ số liệu',
    `reason` LowCardinality(String) COMMENT 'Why the verdict is what it is',
    `high_is_open` UInt8 COMMENT '1 = money may be missing, so the upper bound bounds nothing',
    `coverage_n` UInt32 COMMENT 'Institutions whose denominators are all known',
    `coverage_of` UInt32 COMMENT 'Institutions of the population',
    `coverage_weight` UInt64 COMMENT 'Weight of the institutions whose denominators are all known',
    `coverage_weight_of` UInt64 COMMENT 'Weight of the population',
    `weight_kind` LowCardinality(String) COMMENT 'What is weighed: receipts, learners, visits or institutions',
    `is_preliminary` UInt8 COMMENT '1 = sơ bộ: too little weight is covered',
    `imputed_n` UInt32 COMMENT 'Institution-months whose cash was imputed, for bounds only',
    `months_left` UInt16 COMMENT 'Months of the target year that are still to come',
    `required_display` String COMMENT 'Share in percent that what is still to come needs, rounded up; above 100 = out of reach; empty = nothing is to come, or nothing can be said',
    `required_institutions` Nullable(UInt64) COMMENT 'Of a share of institutions: how many more are needed; NULL = not all of them together would do, or another kind of share',
    `projected_display` String COMMENT 'Projected share in percent at the end of the target year; empty = cannot be said',
    `projection_basis` String COMMENT 'What the projection rests on',
    `payments_watermark` Array(UInt64) COMMENT 'Highest version in the ledger before the data was read, by partition (first = 0); 0 = none. All before it is in the figures, save a batch that was being stored at that moment',
    `received_until` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'Receipt of the newest event in the ledger before the data was read; 1970 = none',
    `registry_version` UInt32 COMMENT 'Registry version that was read',
    `declarations_until` DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When the newest declaration that was read had been recorded; 1970 = none',
    `evaluator_version` LowCardinality(String) COMMENT 'Release of the evaluator',
    `digest` UInt64 COMMENT 'Digest of the result',
    `is_active` UInt8 COMMENT '1 = this version of the plan is the active one',
    `verdict_vi` String COMMENT 'The verdict in Vietnamese',
    `ratio` Nullable(Float64) COMMENT 'Numerator of denominator, for drawing; NULL = unknown',
    `low_ratio` Nullable(Float64) COMMENT 'Lower bound, for drawing; NULL = unknown',
    `high_ratio` Nullable(Float64) COMMENT 'Upper bound, for drawing; NULL = unknown',
    `threshold_ratio` Nullable(Float64) COMMENT 'What is to be reached, for drawing',
    `coverage_share` Nullable(Float64) COMMENT 'Share of institutions and months whose cash is known, for drawing',
    `weighted_coverage_share` Nullable(Float64) COMMENT 'The same by weight, for drawing; NULL = no weights'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'The newest row of each target. Ratios are for drawing; numerators, denominators and the verdict are exact. is_active = the version of the plan that is evaluated'
AS WITH
    newest AS
    (
        SELECT
            plan_id,
            plan_version,
            target_id,
            row_kind,
            max(evaluated_at)
        FROM target_progress_days
        GROUP BY
            plan_id,
            plan_version,
            target_id,
            row_kind
    )
SELECT
    p.* EXCEPT day,
    (plan_id, plan_version) IN (
        SELECT
            plan_id,
            plan_version
        FROM plans
        FINAL
        WHERE is_active
    ) AS is_active,
    transform(toString(verdict), ['achieved', 'missed', 'undetermined'], ['đạt', 'không đạt', 'chưa đủ số liệu'], '') AS verdict_vi,
    toFloat64(numerator) / nullIf(toFloat64(denominator), 0) AS ratio,
    toFloat64(low_numerator) / nullIf(toFloat64(low_denominator), 0) AS low_ratio,
    toFloat64(high_numerator) / nullIf(toFloat64(high_denominator), 0) AS high_ratio,
    toFloat64(threshold_numerator) / nullIf(toFloat64(threshold_denominator), 0) AS threshold_ratio,
    coverage_n / nullIf(coverage_of, 0) AS coverage_share,
    coverage_weight / nullIf(coverage_weight_of, 0) AS weighted_coverage_share
FROM target_progress_days AS p
WHERE (plan_id, plan_version, target_id, row_kind, evaluated_at) IN (
    SELECT *
    FROM newest
)
LIMIT 1 BY
    plan_id,
    plan_version,
    target_id,
    row_kind;

CREATE VIEW type_month
(
    `month` Date COMMENT 'First day of the month',
    `sector` LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    `institution_type` LowCardinality(String) COMMENT 'Type (loại hình), or UNKNOWN',
    `ownership` LowCardinality(String) COMMENT 'public (công lập), private (ngoài công lập) or UNKNOWN',
    `part` Enum8('counted' = 1, 'unknown_account' = 2, 'unknown_class' = 3) COMMENT 'As in institution_daily_parts; figures are of counted',
    `institutions_n` UInt64 COMMENT 'Institutions with a payment (số cơ sở có phát sinh)',
    `n` Int64 COMMENT 'Payments (số giao dịch)',
    `gross_dong` Int128 COMMENT 'Their dong (giá trị)',
    `refunds_n` Int64 COMMENT 'Refunds (hoàn tiền)',
    `refunds_dong` Int128 COMMENT 'Their dong',
    `net_dong` Int128 COMMENT 'Gross less refunds of what is counted',
    `all_fields_n` Int64 COMMENT 'Payments with all four minimum fields'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'PL03, cashless side'
AS SELECT
    i.month AS month,
    i.sector AS sector,
    i.institution_type AS institution_type,
    i.ownership AS ownership,
    i.part AS part,
    uniqExactIf(i.institution_id, (i.n > 0) AND (i.part != 'unknown_account')) AS institutions_n,
    sum(i.n) AS n,
    sum(i.gross_dong) AS gross_dong,
    sum(i.refunds_n) AS refunds_n,
    sum(i.refunds_dong) AS refunds_dong,
    sum(i.net_dong) AS net_dong,
    sum(i.all_fields_n) AS all_fields_n
FROM institution_month_parts(by = 'institution') AS i
GROUP BY
    month,
    sector,
    institution_type,
    ownership,
    part;

CREATE VIEW unit_days
(
    `code` LowCardinality(String) COMMENT 'Code of the unit; codes are used again, so only code and day name one',
    `valid_from` Date COMMENT 'First local day of this answer',
    `valid_to` Date COMMENT 'First day on which it is over',
    `level` LowCardinality(String) COMMENT 'province, district or commune',
    `name` LowCardinality(String) COMMENT 'Name of the unit',
    `unit_code` LowCardinality(String) COMMENT 'The unit right under the province: a district (huyện) until 30 June 2025, a commune (xã, phường) since; of a province itself',
    `unit_name` LowCardinality(String) COMMENT 'Its name',
    `unit_level` LowCardinality(String) COMMENT 'Its level',
    `province_code` LowCardinality(String) COMMENT 'Province (tỉnh) on these days',
    `province_name` LowCardinality(String) COMMENT 'Its name'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Units by day, as the registry is now. Ask with a day: valid_from <= day AND day < valid_to'
AS WITH
    now AS
    (
        SELECT
            code,
            valid_from,
            valid_to,
            level,
            name,
            parent_code
        FROM
        (
            SELECT *
            FROM units
            FINAL
            WHERE (registry_version, digest) IN (
                SELECT
                    registry_version,
                    digest
                FROM registry_versions
                FINAL
            )
            QUALIFY registry_version = max(registry_version) OVER (PARTITION BY code)
        )
        WHERE removed = 0
    ),
    provinces AS
    (
        SELECT *
        FROM now
        WHERE level = 'province'
    ),
    seconds AS
    (
        SELECT
            u.code AS code,
            greatest(u.valid_from, p.valid_from) AS valid_from,
            least(u.valid_to, p.valid_to) AS valid_to,
            u.level AS level,
            u.name AS name,
            p.code AS province_code,
            p.name AS province_name
        FROM now AS u
        INNER JOIN provinces AS p ON u.parent_code = p.code
        WHERE (u.valid_from < p.valid_to) AND (p.valid_from < u.valid_to)
    ),
    thirds AS
    (
        SELECT
            u.code AS code,
            greatest(u.valid_from, s.valid_from) AS valid_from,
            least(u.valid_to, s.valid_to) AS valid_to,
            u.level AS level,
            u.name AS name,
            s.code AS unit_code,
            s.name AS unit_name,
            s.level AS unit_level,
            s.province_code AS province_code,
            s.province_name AS province_name
        FROM now AS u
        INNER JOIN seconds AS s ON u.parent_code = s.code
        WHERE (u.valid_from < s.valid_to) AND (s.valid_from < u.valid_to)
    )
SELECT
    code,
    valid_from,
    valid_to,
    level,
    name,
    code AS unit_code,
    name AS unit_name,
    level AS unit_level,
    code AS province_code,
    name AS province_name
FROM provinces
UNION ALL
WITH
    now AS
    (
        SELECT
            code,
            valid_from,
            valid_to,
            level,
            name,
            parent_code
        FROM
        (
            SELECT *
            FROM units
            FINAL
            WHERE (registry_version, digest) IN (
                SELECT
                    registry_version,
                    digest
                FROM registry_versions
                FINAL
            )
            QUALIFY registry_version = max(registry_version) OVER (PARTITION BY code)
        )
        WHERE removed = 0
    ),
    provinces AS
    (
        SELECT *
        FROM now
        WHERE level = 'province'
    ),
    seconds AS
    (
        SELECT
            u.code AS code,
            greatest(u.valid_from, p.valid_from) AS valid_from,
            least(u.valid_to, p.valid_to) AS valid_to,
            u.level AS level,
            u.name AS name,
            p.code AS province_code,
            p.name AS province_name
        FROM now AS u
        INNER JOIN provinces AS p ON u.parent_code = p.code
        WHERE (u.valid_from < p.valid_to) AND (p.valid_from < u.valid_to)
    ),
    thirds AS
    (
        SELECT
            u.code AS code,
            greatest(u.valid_from, s.valid_from) AS valid_from,
            least(u.valid_to, s.valid_to) AS valid_to,
            u.level AS level,
            u.name AS name,
            s.code AS unit_code,
            s.name AS unit_name,
            s.level AS unit_level,
            s.province_code AS province_code,
            s.province_name AS province_name
        FROM now AS u
        INNER JOIN seconds AS s ON u.parent_code = s.code
        WHERE (u.valid_from < s.valid_to) AND (s.valid_from < u.valid_to)
    )
SELECT
    code,
    valid_from,
    valid_to,
    level,
    name,
    code,
    name,
    level,
    province_code,
    province_name
FROM seconds
UNION ALL
WITH
    now AS
    (
        SELECT
            code,
            valid_from,
            valid_to,
            level,
            name,
            parent_code
        FROM
        (
            SELECT *
            FROM units
            FINAL
            WHERE (registry_version, digest) IN (
                SELECT
                    registry_version,
                    digest
                FROM registry_versions
                FINAL
            )
            QUALIFY registry_version = max(registry_version) OVER (PARTITION BY code)
        )
        WHERE removed = 0
    ),
    provinces AS
    (
        SELECT *
        FROM now
        WHERE level = 'province'
    ),
    seconds AS
    (
        SELECT
            u.code AS code,
            greatest(u.valid_from, p.valid_from) AS valid_from,
            least(u.valid_to, p.valid_to) AS valid_to,
            u.level AS level,
            u.name AS name,
            p.code AS province_code,
            p.name AS province_name
        FROM now AS u
        INNER JOIN provinces AS p ON u.parent_code = p.code
        WHERE (u.valid_from < p.valid_to) AND (p.valid_from < u.valid_to)
    ),
    thirds AS
    (
        SELECT
            u.code AS code,
            greatest(u.valid_from, s.valid_from) AS valid_from,
            least(u.valid_to, s.valid_to) AS valid_to,
            u.level AS level,
            u.name AS name,
            s.code AS unit_code,
            s.name AS unit_name,
            s.level AS unit_level,
            s.province_code AS province_code,
            s.province_name AS province_name
        FROM now AS u
        INNER JOIN seconds AS s ON u.parent_code = s.code
        WHERE (u.valid_from < s.valid_to) AND (s.valid_from < u.valid_to)
    )
SELECT
    code,
    valid_from,
    valid_to,
    level,
    name,
    unit_code,
    unit_name,
    unit_level,
    province_code,
    province_name
FROM thirds;

CREATE VIEW unit_month
(
    `month` Date COMMENT 'First day of the month',
    `province_code` LowCardinality(String) COMMENT 'Province (tỉnh) on the day of payment, or UNKNOWN',
    `province_name` LowCardinality(String) COMMENT 'Its name',
    `unit_code` LowCardinality(String) COMMENT 'The unit right under the province on the day of payment, or UNKNOWN',
    `unit_name` LowCardinality(String) COMMENT 'Its name (đơn vị hành chính)',
    `unit_level` LowCardinality(String) COMMENT 'district, commune or province; empty if the registry\'s units lack it',
    `sector` LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    `part` Enum8('counted' = 1, 'unknown_account' = 2, 'unknown_class' = 3) COMMENT 'As in institution_daily_parts; figures are of counted',
    `institutions_n` UInt64 COMMENT 'Institutions with a payment (số cơ sở có phát sinh)',
    `n` Int64 COMMENT 'Payments (số giao dịch)',
    `gross_dong` Int128 COMMENT 'Their dong (giá trị)',
    `refunds_n` Int64 COMMENT 'Refunds (hoàn tiền)',
    `refunds_dong` Int128 COMMENT 'Their dong',
    `net_dong` Int128 COMMENT 'Gross less refunds of what is counted',
    `all_fields_n` Int64 COMMENT 'Payments with all four minimum fields'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'PL02, cashless side. The unit is the institution\'s on the day of payment, so one month may show a district and its successors'
AS SELECT
    m.month AS month,
    if(u.valid_to > m.day, u.province_code, 'UNKNOWN') AS province_code,
    if(u.valid_to > m.day, u.province_name, 'UNKNOWN') AS province_name,
    if(u.valid_to > m.day, u.unit_code, m.unit_code) AS unit_code,
    if(u.valid_to > m.day, u.unit_name, m.unit_name) AS unit_name,
    if(u.valid_to > m.day, u.unit_level, '') AS unit_level,
    m.sector AS sector,
    m.part AS part,
    uniqExactIf(m.institution_id, (m.n > 0) AND (m.part != 'unknown_account')) AS institutions_n,
    sum(m.n) AS n,
    sum(m.gross_dong) AS gross_dong,
    sum(m.refunds_n) AS refunds_n,
    sum(m.refunds_dong) AS refunds_dong,
    sum(m.net_dong) AS net_dong,
    sum(m.all_fields_n) AS all_fields_n
FROM institution_month_parts(by = 'institution') AS m
ASOF LEFT JOIN unit_days AS u ON (u.code = m.unit_code) AND (m.day >= u.valid_from)
GROUP BY
    month,
    province_code,
    province_name,
    unit_code,
    unit_name,
    unit_level,
    sector,
    part;

CREATE VIEW unknown_class
(
    `institution_id` LowCardinality(String) COMMENT 'Institution (cơ sở)',
    `institution_name` LowCardinality(String) COMMENT 'Its name',
    `sector` LowCardinality(String) COMMENT 'education or health',
    `source` LowCardinality(String) COMMENT 'Who reported it',
    `method` Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid',
    `first_day` Date COMMENT 'First day',
    `last_day` Date COMMENT 'Last day',
    `n` Int64 COMMENT 'Payments',
    `gross_dong` Int128 COMMENT 'Their dong'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Money on accounts that are not only for fees, without an invoice or a person. An invoice reference or a purpose in the registry makes it count'
AS WITH
    (
        SELECT groupArray(class)
        FROM
        (
            SELECT
                arrayJoin(places) AS place,
                argMin(class, position) AS class
            FROM class_rules
            FINAL
            WHERE (registry_version, digest) = (
                SELECT max((registry_version, digest))
                FROM class_rules
                WHERE (registry_version = 0) OR ((registry_version, digest) IN (
                    SELECT
                        registry_version,
                        digest
                    FROM registry_versions
                    FINAL
                ))
            )
            GROUP BY place
            ORDER BY place ASC
        )
    ) AS classes,
    arrayMap(class -> (class IN ('UNKNOWN', 'unknown')), classes) AS are_unknown,
    arrayFilter(number -> arrayExists(place -> ((are_unknown[place]) AND ((intDiv(place - 1, 2) % 7) = number)), range(1, 421)), range(1, 7)) AS purposes,
    resolved AS
    (
        SELECT
            identifier,
            valid_from,
            valid_to,
            purpose,
            institution_id,
            institution_name,
            sector
        FROM resolved_identifiers_as_of(registry_version = 4294967295)
    ),
    cells AS
    (
        SELECT
            business_date,
            identifier,
            source,
            method,
            kind,
            evidence,
            n,
            gross_dong
        FROM account_daily
        FINAL
        WHERE (n != 0) AND (identifier IN (
            SELECT identifier
            FROM resolved
            WHERE has(purposes, toUInt8(purpose))
        ))
    )
SELECT
    r.institution_id AS institution_id,
    any(r.institution_name) AS institution_name,
    any(r.sector) AS sector,
    m.source AS source,
    m.method AS method,
    min(m.business_date) AS first_day,
    max(m.business_date) AS last_day,
    sum(m.n) AS n,
    sum(m.gross_dong) AS gross_dong
FROM cells AS m
ASOF INNER JOIN resolved AS r ON (m.identifier = r.identifier) AND (m.business_date >= r.valid_from)
WHERE (m.business_date < r.valid_to) AND (are_unknown[(((1 + (toUInt16(m.kind) * 28)) + ((m.method = 'COUNTER_CASH') * 14)) + (toUInt8(r.purpose) * 2)) + (m.evidence != 0)])
GROUP BY
    institution_id,
    source,
    method
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE VIEW unresolved_accounts
(
    `identifier` String COMMENT 'Keyed digest of the account or merchant, hexadecimal',
    `source` LowCardinality(String) COMMENT 'Who reported it',
    `why` LowCardinality(String) COMMENT 'never_registered, or other_days: the registry has it for other days only, or had it once',
    `provider` LowCardinality(String) COMMENT 'Bank or issuer, if the registry ever had it',
    `tail` String COMMENT 'Last characters, if the registry ever had it',
    `institution_id` String COMMENT 'Whose it is or was on other days',
    `first_day` Date COMMENT 'First day with such a payment',
    `last_day` Date COMMENT 'Last day with such a payment',
    `n` Int64 COMMENT 'Payments',
    `gross_dong` Int128 COMMENT 'Their dong',
    `refunds_dong` Int128 COMMENT 'Dong of refunds'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'The list to work off: register the account, and all its past days are credited'
AS WITH
    known AS
    (
        SELECT
            identifier,
            argMax((provider, tail, institution_id), (registry_version, valid_from)) AS row
        FROM identifiers
        FINAL
        WHERE (registry_version, digest) IN (
            SELECT
                registry_version,
                digest
            FROM registry_versions
            FINAL
        )
        GROUP BY identifier
    )
SELECT
    u.identifier AS identifier,
    u.source AS source,
    if((k.row.2) = '', 'never_registered', 'other_days') AS why,
    k.row.1 AS provider,
    k.row.2 AS tail,
    k.row.3 AS institution_id,
    u.first_day AS first_day,
    u.last_day AS last_day,
    u.n AS n,
    u.gross_dong AS gross_dong,
    u.refunds_dong AS refunds_dong
FROM unresolved_identifiers AS u
LEFT JOIN known AS k ON lower(hex(k.identifier)) = u.identifier;

CREATE VIEW unresolved_identifiers
(
    `identifier` String COMMENT 'Keyed digest of the account or merchant, hexadecimal',
    `source` LowCardinality(String) COMMENT 'Who reports it',
    `first_day` Date COMMENT 'First day with such a payment',
    `last_day` Date COMMENT 'Last day with such a payment',
    `n` Int64 COMMENT 'Counted payments of the target year',
    `gross_dong` Int128 COMMENT 'Their dong',
    `refunds_dong` Int128 COMMENT 'Their dong, positive'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Identifiers, as keyed digests, without an institution on the day of a payment: what the registry lacks'
AS WITH
    resolved AS
    (
        SELECT
            identifier,
            valid_from,
            valid_to
        FROM resolved_identifiers_as_of(registry_version = 4294967295)
    )
SELECT
    lower(hex(m.identifier)) AS identifier,
    m.source AS source,
    min(m.business_date) AS first_day,
    max(m.business_date) AS last_day,
    sum(m.n) AS n,
    sum(m.gross_dong) AS gross_dong,
    sum(m.refunds_dong) AS refunds_dong
FROM account_daily AS m
FINAL
ASOF LEFT JOIN resolved AS r ON (m.identifier = r.identifier) AND (m.business_date >= r.valid_from)
WHERE (m.business_date >= r.valid_to) AND (m.kind IN ('payment', 'deposit', 'refund', 'chargeback')) AND (m.method != 'COUNTER_CASH') AND ((m.n != 0) OR (m.refunds_n != 0))
GROUP BY
    m.identifier,
    m.source
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE VIEW view_settings
(
    `payments_min` UInt32 COMMENT 'Cells of fewer payments are masked in published_month',
    `late_after_seconds` UInt32 COMMENT 'A payment received longer than this after the money arrived is late',
    `silent_after_seconds` UInt32 COMMENT 'A source without an event for longer than this is silent',
    `double_within_seconds` UInt32 COMMENT 'Two payments of one payer, account, amount and source within this time may be one that was paid twice',
    `unknown_method_percent` UInt8 COMMENT 'More payments than this without a method, in percent, are an alarm'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'One row. An administrator who needs other numbers replaces this view; no figure is stored by them'
AS SELECT
    5 AS payments_min,
    86400 AS late_after_seconds,
    86400 AS silent_after_seconds,
    600 AS double_within_seconds,
    2 AS unknown_method_percent;

CREATE VIEW weak_candidates
(
    `business_date` Date COMMENT 'Day on which the bank says that the money arrived',
    `institution_id` LowCardinality(String) COMMENT 'Institution (cơ sở) when it was reviewed, or UNKNOWN',
    `source` LowCardinality(String) COMMENT 'The bank that reports it',
    `rule` LowCardinality(String) COMMENT 'What they share beside the amount: reference = the bank\'s reference on neighbouring days; invoice = an invoice within 24 hours; minutes = the account within ten minutes',
    `record` String COMMENT 'The bank\'s record, 16 hexadecimal digits, as `cashless decisions make` takes it',
    `address` String COMMENT 'The same with day and account, where the record alone is not unique',
    `candidates` Array(String) COMMENT 'Records of intermediaries it may be the same as',
    `amount_dong` Int64 COMMENT 'Its dong: the low reading takes it away where it is counted, the high one leaves it',
    `class` String COMMENT 'Its class by the rules as they are now',
    `counted` UInt8 COMMENT '1 = it is in the figures'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'A row per bank record with several candidates: not merged, since nobody knows with which; or with one, since a person took a decision about it back. Low reading: all of amount_dong of counted ones less; high reading: as it is'
AS SELECT
    f.business_date AS business_date,
    f.institution_id AS institution_id,
    f.source AS source,
    f.rule AS rule,
    lower(leftPad(hex(f.record), 16, '0')) AS record,
    concat(toString(f.anchor), '/', lower(hex(f.account)), '/', record) AS address,
    arrayMap(candidate -> lower(leftPad(hex(candidate), 16, '0')), f.candidates) AS candidates,
    f.amount_dong AS amount_dong,
    c.class AS class,
    c.counted AS counted
FROM
(
    SELECT *
    FROM weak_candidates_found
    FINAL
    WHERE notEmpty(candidates)
) AS f
INNER JOIN classes_as_of(registry_version = 4294967295) AS c ON (c.kind = f.kind) AND (c.is_counter_cash = (f.method = 'COUNTER_CASH')) AND (c.purpose = f.purpose) AND (c.has_evidence = (f.evidence != 0));
