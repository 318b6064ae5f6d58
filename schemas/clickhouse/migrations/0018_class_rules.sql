-- By which rules does a movement of money get its class, as known at which registry version?
CREATE TABLE IF NOT EXISTS class_rules
(
    registry_version UInt32 COMMENT 'Rules count only once registry_versions has this version with the same digest; 0 = the rules that came with the product',
    digest UInt64 COMMENT 'Digest of the change that wrote the rows',
    position UInt16 COMMENT 'The first rule that matches decides',
    kind LowCardinality(String) COMMENT 'Kind of the movement, as in account_daily; any',
    counter_cash LowCardinality(String) COMMENT 'yes = cash handed in at a counter (method COUNTER_CASH), no = anything else; any',
    owner_known LowCardinality(String) COMMENT 'yes = the registry knows whose the identifier is on that day; no; any',
    purpose LowCardinality(String) COMMENT 'Purpose of the identifier; it has one only where its owner is known; any',
    evidence LowCardinality(String) COMMENT 'yes = an invoice or a person came with it; no; any',
    class LowCardinality(String) COMMENT 'The class. Counted are fee_payment and deposit',
    places Array(UInt16) MATERIALIZED arrayFilter(
        -- 1 + ((kind * 2 + counter cash) * 7 + purpose, 0 without owner) * 2 + evidence, by the numbers of account_daily and identifiers.
        place -> kind IN ('any', ['none', 'payment', 'deposit', 'refund', 'chargeback', 'outflow', 'settlement', 'counter_cash', 'state_budget',
                'bhyt_fund', 'donation', 'interest', 'loan', 'supplier_refund', 'internal_transfer'][intDiv(place - 1, 28) + 1])
            AND counter_cash IN ('any', ['no', 'yes'][intDiv(place - 1, 14) % 2 + 1])
            AND owner_known IN ('any', if(intDiv(place - 1, 2) % 7 = 0, 'no', 'yes'))
            AND purpose IN ('any', ['none', 'fee_collection', 'general', 'deposit', 'payroll', 'project', 'unknown'][intDiv(place - 1, 2) % 7 + 1])
            AND evidence IN ('any', ['no', 'yes'][(place - 1) % 2 + 1]),
        range(1, 421)) COMMENT 'The combinations that it matches, each as its place in the list of classes',
    recorded_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was recorded'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (registry_version, digest, position)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Whole lists of rules: those of the highest visible version up to the wanted one hold, for all days'
