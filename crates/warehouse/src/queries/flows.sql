-- How much counted money did each institution receive in each month of these days?
SELECT CAST(institution_id AS String), toStartOfMonth(business_date) AS month,
       toInt64(sum(n)), toInt128(sum(gross_dong)), toInt128(sum(net_dong)),
       toInt64(sum(all_fields_n)), toInt64(sum(without_beneficiary_n))
FROM institution_daily
WHERE counted AND business_date >= toDate({from: UInt16}) AND business_date < toDate({to: UInt16})
GROUP BY institution_id, month
ORDER BY institution_id, month
