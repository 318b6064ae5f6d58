-- What became of everything each source ever said?
CREATE OR REPLACE VIEW ledger_totals AS
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
COMMENT 'Events and records by fate, over all partitions: the fates add up to the input'
