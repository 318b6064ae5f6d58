-- What is the state of all payments of these (partition, anchor) pairs?
SELECT partition, anchor, account, payment, record, CAST(source AS String), source_class, status, status_version, present,
       details_version, amount_dong, settled_at, provider_after_micros, received_after_micros, method, kind, identifier,
       evidence, fields, flags, reason, beneficiary_kind, payer, beneficiary, payer_account, invoice, invoice_other_year, original,
       reference, decided_by, decided_registry_version, decided_at, merged_into, decided_kind, decided_settled_at,
       added_evidence, added_fields, erased, version
FROM payments FINAL
-- Before the merge of versions: a partition and an anchor are the same in all versions of a row.
PREWHERE (partition, anchor) IN (
    SELECT pair.1, toDate(pair.2) FROM (SELECT arrayJoin({days: Array(Tuple(UInt16, UInt16))}) AS pair))
-- The order of the table: a payment's rows come one after the other.
ORDER BY anchor, account, payment, record
SETTINGS do_not_merge_across_partitions_select_final = 1
