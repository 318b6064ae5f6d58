-- What is the state of these payments?
SELECT partition, anchor, account, payment, record, CAST(source AS String), source_class, status, status_version, present,
       details_version, amount_dong, settled_at, provider_after_micros, received_after_micros, method, kind, identifier,
       evidence, fields, flags, reason, beneficiary_kind, payer, beneficiary, payer_account, invoice, invoice_other_year, original,
       reference, decided_by, decided_registry_version, decided_at, merged_into, decided_kind, decided_settled_at,
       added_evidence, added_fields, erased, version
FROM payments FINAL
-- Before the merge of versions: these are leading columns of the primary key. A key is 34 bytes of `keys`.
PREWHERE (anchor, account, payment) IN (
    SELECT toDate(reinterpretAsUInt16(substring(bytes, 34 * number + 1, 2))),
           toFixedString(substring(bytes, 34 * number + 3, 16), 16),
           toFixedString(substring(bytes, 34 * number + 19, 16), 16)
    FROM (SELECT unhex({keys: String}) AS bytes, number FROM numbers({key_count: UInt32})))
-- The order of the table: a payment's rows come one after the other.
ORDER BY anchor, account, payment, record
SETTINGS do_not_merge_across_partitions_select_final = 1
