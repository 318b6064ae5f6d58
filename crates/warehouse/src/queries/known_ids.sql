-- Which payments are stored for these (partition, anchor) pairs?
-- No FINAL: every version of a row has the same key, and repeated ids do no harm.
SELECT partition, anchor, payment
FROM payments
PREWHERE (partition, anchor) IN (
    SELECT pair.1, toDate(pair.2) FROM (SELECT arrayJoin({days: Array(Tuple(UInt16, UInt16))}) AS pair))
