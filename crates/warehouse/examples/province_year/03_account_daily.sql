-- The cells of the payments, a month at a time.
INSERT INTO account_daily
SELECT
    any(partition), business_date, account, identifier, source, counted_method, counted_kind, counted_evidence,
    countIf(fate IN ('counted', 'excluded')), sumIf(toInt128(amount_dong), fate IN ('counted', 'excluded')),
    countIf(fate = 'refunded'), sumIf(toInt128(amount_dong), fate = 'refunded'),
    countIf(fate = 'merged'), sumIf(toInt128(amount_dong), fate = 'merged'),
    countIf(fate = 'voided'), sumIf(toInt128(amount_dong), fate = 'voided'),
    countIf(fate IN ('counted', 'excluded') AND bitTest(fields, 0)), countIf(fate IN ('counted', 'excluded') AND bitTest(fields, 1)),
    countIf(fate IN ('counted', 'excluded') AND bitTest(fields, 2)), countIf(fate IN ('counted', 'excluded') AND bitTest(fields, 3)),
    countIf(fate IN ('counted', 'excluded') AND fields = 15), countIf(fate IN ('counted', 'excluded') AND bitAnd(fields, 13) = 13),
    max(version)
FROM payments
WHERE toYYYYMM(anchor) = {month: UInt32}
GROUP BY business_date, account, identifier, source, counted_method, counted_kind, counted_evidence
