-- What did persons decide, the oldest first?
SELECT decision_id, part, undo_of, who, why, decided_at, registry_version, anchor, account, payment, record, CAST(source AS String),
       amount_dong, before_by, before_registry_version, before_decided_at, before_present, before_merged_into, before_kind,
       before_settled_at, before_added_evidence, before_added_fields, after_present, after_merged_into, after_kind, after_settled_at, after_added_evidence, after_added_fields, fate_before, fate_after,
       business_date_before, business_date_after, returns_to_rules
FROM decision_log FINAL
ORDER BY decided_at, decision_id, part
