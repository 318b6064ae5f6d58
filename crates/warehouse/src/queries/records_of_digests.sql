-- Which records begin with these digits, among those of a day and account where these are told?
-- No FINAL: a record is there as soon as any row of it is.
SELECT DISTINCT partition, anchor, account, payment, record
FROM payments
PREWHERE record BETWEEN {first: UInt64} AND {last: UInt64}
    AND ({anchor: String} = '' OR toString(anchor) = {anchor: String})
    AND startsWith(lower(hex(account)), {account: String})
ORDER BY anchor, account, payment, record
LIMIT {limit: UInt32}
