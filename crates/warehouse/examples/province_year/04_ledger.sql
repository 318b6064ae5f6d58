-- What became of the events of each source.
INSERT INTO ledger
SELECT
    partition, source, max(version), 1, max(addMicroseconds(settled_at, received_after_micros)), 12,
    count(), intDiv(count(), 50), 0, intDiv(count(), 1000),
    countIf(fate = 'counted'), sumIf(toInt128(amount_dong), fate = 'counted'),
    countIf(fate = 'refunded'), sumIf(toInt128(amount_dong), fate = 'refunded'),
    countIf(fate = 'merged'), sumIf(toInt128(amount_dong), fate = 'merged'),
    countIf(fate = 'voided'), sumIf(toInt128(amount_dong), fate = 'voided'),
    countIf(fate = 'excluded'), sumIf(toInt128(amount_dong), fate = 'excluded'),
    0, 0
FROM payments
GROUP BY partition, source
