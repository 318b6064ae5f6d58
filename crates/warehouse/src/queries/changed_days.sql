-- On which days of settlement have facts changed since these versions, by partition (first = 0)?
-- No FINAL: a fact that changed has a row of its new version, whatever else of it is still there.
SELECT DISTINCT toDate(settled_at, 'Asia/Ho_Chi_Minh') AS day
FROM payments
WHERE version > {versions: Array(UInt64)}[partition + 1] AND bitTest(present, 0)
ORDER BY day
