-- Which bank records have several candidates, the newest day first, of these days and this institution where they are told?
SELECT business_date, CAST(institution_id AS String), CAST(source AS String), CAST(rule AS String), record, address,
       arrayStringConcat(candidates, ' '), amount_dong, counted
FROM weak_candidates
WHERE business_date BETWEEN {from: Date} AND {to: Date}
    AND ({institution: String} = '' OR institution_id = {institution: String})
ORDER BY business_date DESC, address
LIMIT {limit: UInt32}
