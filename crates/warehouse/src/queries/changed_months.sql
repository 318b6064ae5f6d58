-- Cells of which months have changed since these versions, by partition (first = 0)?
-- No FINAL: a cell that changed has a row of its new version, whatever else of it is still there.
SELECT DISTINCT toStartOfMonth(business_date) AS month
FROM account_daily
WHERE version > {versions: Array(UInt64)}[partition + 1]
ORDER BY month
