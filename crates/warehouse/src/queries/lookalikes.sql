-- How much of each institution's counted money of these months may be counted twice?
SELECT CAST(institution_id AS String), toStartOfMonth(business_date) AS month, toInt64(count()), toInt128(sum(amount_dong))
FROM weak_candidates
WHERE counted AND has({months: Array(UInt16)}, toUInt16(toStartOfMonth(business_date)))
GROUP BY institution_id, month
ORDER BY institution_id, month
