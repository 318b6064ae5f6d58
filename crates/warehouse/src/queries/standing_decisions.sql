-- What is decided, the newest day first, of these days, this institution and this decider where they are told?
SELECT business_date, CAST(institution_id AS String), CAST(institution_name AS String), CAST(source AS String), record, address,
       amount_dong, CAST(fate AS String), CAST(decided_by AS String), CAST(effect AS String), merged_into, CAST(decided_kind AS String),
       ifNull(toString(decided_settled_at), ''), decided_at, decision_id, who, why, arrayStringConcat(added, ' ')
FROM standing_decisions
WHERE business_date BETWEEN {from: Date} AND {to: Date}
    AND ({institution: String} = '' OR institution_id = {institution: String})
    AND ({by: String} = '' OR decided_by = {by: String})
ORDER BY business_date DESC, decided_at DESC, address
LIMIT {limit: UInt32}
