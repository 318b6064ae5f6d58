-- What became of everything that the log has of each source?
CREATE OR REPLACE VIEW ledger_totals
(
    source LowCardinality(String) COMMENT 'Who reports it',
    events_applied UInt64 COMMENT 'Events that changed a record',
    events_repeated UInt64 COMMENT 'Events that said what was known',
    events_no_money UInt64 COMMENT 'Events that move no money',
    events_dead_lettered UInt64 COMMENT 'Log records that could not be decoded, under the source undecodable. What the collector could not use is not in the log',
    counted_n Int64 COMMENT 'Payments counted',
    counted_dong Int128 COMMENT 'Their dong',
    refunded_n Int64 COMMENT 'Refunds and lost chargebacks',
    refunded_dong Int128 COMMENT 'Their dong',
    merged_n Int64 COMMENT 'Records that another record of the same payment counts for',
    merged_dong Int128 COMMENT 'Their dong',
    voided_n Int64 COMMENT 'Payments taken back by their provider',
    voided_dong Int128 COMMENT 'Their dong',
    excluded_n Int64 COMMENT 'Money of a kind that is never a payer\'s fee',
    excluded_dong Int128 COMMENT 'Their dong',
    unsettled_n Int64 COMMENT 'Records without settled money',
    unsettled_dong Int128 COMMENT 'Their dong'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    source,
    sum(l.events_applied) AS events_applied,
    sum(l.events_repeated) AS events_repeated,
    sum(l.events_no_money) AS events_no_money,
    sum(l.events_dead_lettered) AS events_dead_lettered,
    sum(l.counted_n) AS counted_n, sum(l.counted_dong) AS counted_dong,
    sum(l.refunded_n) AS refunded_n, sum(l.refunded_dong) AS refunded_dong,
    sum(l.merged_n) AS merged_n, sum(l.merged_dong) AS merged_dong,
    sum(l.voided_n) AS voided_n, sum(l.voided_dong) AS voided_dong,
    sum(l.excluded_n) AS excluded_n, sum(l.excluded_dong) AS excluded_dong,
    sum(l.unsettled_n) AS unsettled_n, sum(l.unsettled_dong) AS unsettled_dong
FROM ledger AS l FINAL
GROUP BY source
COMMENT 'Events and records by fate, over all partitions: the fates add up to the log. What the collector refused, or kept as a dead letter, is in its metrics and in the topic dead-letters only'
