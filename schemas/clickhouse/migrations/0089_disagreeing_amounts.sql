-- Which payments have one reference and different amounts at different sources?
CREATE OR REPLACE VIEW disagreeing_amounts
(
    anchor Date COMMENT 'Local day of the transaction by its providers; ask with a range of days, or all payments are compared',
    identifier String COMMENT 'Keyed digest of the account, hexadecimal',
    sources Array(String) COMMENT 'Who reports it, in the order of amounts_dong',
    amounts_dong Array(Int64) COMMENT 'What each says, ascending',
    counted_n UInt64 COMMENT 'How many of these records count: equal amounts are one payment, different ones are not merged by rule',
    counted_dong Int128 COMMENT 'Their dong'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    anchor, lower(hex(any(identifier))) AS identifier,
    arraySort((source, amount) -> (amount, source), groupArray(toString(source)), groupArray(amount_dong)) AS sources,
    arraySort(groupArray(amount_dong)) AS amounts_dong,
    countIf(fate = 'counted') AS counted_n,
    sumIf(toInt128(amount_dong), fate = 'counted') AS counted_dong
FROM payments FINAL
WHERE bitTest(present, 0) AND status = 'settled' AND kind NOT IN ('refund', 'chargeback', 'outflow')
GROUP BY anchor, account, payment
HAVING uniqExact(source) > 1 AND uniqExact(amount_dong) > 1
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'Look at the sources: one of them is wrong, or a fee is in one of the amounts. cashless decisions make decides'
