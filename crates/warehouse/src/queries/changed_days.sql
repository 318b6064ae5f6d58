-- On which days of settlement have facts changed since these versions, by partition (first = 0)?
-- No FINAL: a fact that changed has a row of its new version, whatever else of it is still there.
-- Beside the day of settlement that of the transaction: a time that was corrected leaves a partner where it was.
SELECT DISTINCT arrayJoin(if(anchor = '1970-01-01', [told], [told, anchor])) AS day
FROM (SELECT anchor, toDate(settled_at, 'Asia/Ho_Chi_Minh') AS told, version, partition, present FROM payments)
WHERE version > {versions: Array(UInt64)}[partition + 1] AND bitTest(present, 0)
ORDER BY day
