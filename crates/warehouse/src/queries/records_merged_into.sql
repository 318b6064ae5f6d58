-- Which records are, or were, merged into this one by a decision?
-- No FINAL: whoever asks looks at what stands.
SELECT DISTINCT partition, anchor, account, payment, record
FROM payments
PREWHERE merged_into = {record: UInt64}
WHERE bitTest(present, 7)
ORDER BY anchor, account, payment, record
