-- One payer in some hundreds pays the same again a minute later.
INSERT INTO payments SELECT * REPLACE (
    sipHash128('again', payment) AS payment, sipHash64('again', record) AS record, addMinutes(settled_at, 1) AS settled_at)
FROM payments
WHERE fate = 'counted' AND bitAnd(present, 4) != 0 AND record % 499 = 1 AND toHour(settled_at) < 23 AND toYYYYMM(anchor) = {month: UInt32}
