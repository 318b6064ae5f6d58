-- What should be decided about the records of these days, and what did a rule decide before?
WITH wanted AS (
    SELECT
        w.1 AS anchor, w.2 AS account, w.3 AS payment, w.4 AS record, w.5 AS is_merged, w.6 AS merged_into,
        w.7 AS is_moved, w.8 AS moved_to, w.9 AS beside_kind, w.10 AS evidence, w.11 AS fields
    FROM (
        -- Both sides of a merge from one look. Money that was there is paid: the earlier of the two times decides the day.
        -- What the merged side is by what is decided about it already, the side that counts is in the next round. The other way
        -- only what was told goes, so that nothing holds itself.
        SELECT arrayJoin([
            (anchor, account, payment, record, 1, other_record, 0, settled_at, toInt8(other_kind), other_evidence, other_fields),
            (other_anchor, other_account, other_payment, other_record, 0, toUInt64(0), toUInt8(settled_at < other_settled_at), settled_at, toInt8(kind), evidence, fields)]) AS w
        FROM lookalikes_as_of(
            registry_version = {registry_version: UInt32}, from_day = {from_day: Date}, to_day = {to_day: Date})
        WHERE is_merged)),
    -- A record whose persons are forgotten looks like nothing any more, and neither does its partner: what was decided stands.
    erased AS (
        SELECT record, merged_into, bitTest(present, 7) AS is_merged FROM payments FINAL WHERE erased = 1)
SELECT
    p.anchor, p.account, p.payment, p.record, CAST(p.source AS String), p.source_class,
    p.settled_at, p.received_after_micros,
    p.decided_by, p.decided_registry_version, p.decided_at, toUInt8(bitTest(p.present, 7)), p.merged_into, p.decided_kind,
    toUInt8(bitTest(p.present, 8)), p.decided_settled_at,
    toUInt8(w.is_merged), w.merged_into, toUInt8(w.is_moved), w.moved_to,
    toUInt8(p.is_paid_from), p.identifier, p.payer_account, p.kind, w.beside_kind,
    p.added_evidence, p.added_fields, bitAnd(w.evidence, bitNot(p.evidence)), bitAnd(w.fields, bitNot(p.fields))
FROM (
    SELECT
        anchor, account, payment, record, source, source_class, settled_at, received_after_micros, present,
        decided_by, decided_registry_version, decided_at, merged_into, decided_kind, decided_settled_at, identifier, payer_account,
        added_evidence, added_fields, evidence, fields, kind,
        bitTest(present, 9) AND status = 'settled' AND kind IN ('payment', 'deposit') AS is_paid_from
    FROM payments FINAL
    PREWHERE anchor = '1970-01-01' OR anchor BETWEEN {from_day: Date} - 10 AND {to_day: Date} + 10
    WHERE toDate(settled_at, 'Asia/Ho_Chi_Minh') BETWEEN {from_day: Date} AND {to_day: Date}
        AND erased = 0 AND record NOT IN (SELECT merged_into FROM erased WHERE is_merged)
        AND NOT (bitTest(present, 7) AND merged_into IN (SELECT record FROM erased))) AS p
LEFT JOIN wanted AS w
    ON p.anchor = w.anchor AND p.account = w.account AND p.payment = w.payment AND p.record = w.record
WHERE p.decided_by = 'rule' OR w.is_merged = 1 OR w.beside_kind != 0 OR p.is_paid_from
ORDER BY p.anchor, p.account, p.payment, p.record
SETTINGS do_not_merge_across_partitions_select_final = 1
