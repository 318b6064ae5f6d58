-- How much counted money did each institution receive in each of these months, as known at a registry version?
-- Cells and excluded refunds are asked for apart (refunds_excluded_n is 0 or 1): the latter means looking through all facts,
-- and the filter spares the former that.
SELECT CAST(institution_id AS String), toStartOfMonth(business_date) AS month,
       toInt64(sum(n)), toInt128(sum(gross_dong)), toInt128(sum(net_dong)),
       toInt64(sum(all_fields_n)), toInt64(sum(without_beneficiary_n))
FROM institution_daily_as_of(registry_version = {registry_version: UInt32})
WHERE counted AND business_date >= toDate({from: UInt16}) AND business_date < toDate({to: UInt16})
    AND has({months: Array(UInt16)}, toUInt16(toStartOfMonth(business_date)))
    AND refunds_excluded_n = {refunds_excluded_n: UInt8}
GROUP BY institution_id, month
ORDER BY institution_id, month
