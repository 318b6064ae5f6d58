-- Who told of these records, when did their money arrive, and how was it paid?
SELECT lower(leftPad(hex(record), 16, '0')), CAST(source AS String), toString(settled_at), toString(method)
FROM payments FINAL
PREWHERE identity(record) IN (
    SELECT reinterpretAsUInt64(reverse(unhex(digits)))
    FROM (SELECT arrayJoin(splitByChar(' ', {records: String})) AS digits)
    WHERE notEmpty(digits))
WHERE bitTest(present, 0)
ORDER BY record
SETTINGS do_not_merge_across_partitions_select_final = 1
