-- Which revision of each month that was declared stands, and when did the first one come?
SELECT institution_id, month, source, version, isNull(cash_n), ifNull(cash_n, 0), cash_dong, cash_refunds_dong,
       arrayStringConcat(exported_methods, ','), arrayStringConcat(exported_n, ','), arrayStringConcat(exported_dong, ','),
       signer_role, declared_at, recorded_at, CAST(channel AS String), first_recorded_at
FROM declared_months
WHERE month >= toDate({from: UInt16}) AND month < toDate({to: UInt16})
ORDER BY institution_id, month, source
