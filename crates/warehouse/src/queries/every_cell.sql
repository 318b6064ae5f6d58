-- What does every cell hold?
SELECT partition, business_date, account, identifier, CAST(source AS String), method, kind, evidence,
       n, refunds_n, merged_n, voided_n,
       payer_name_n, beneficiary_name_n, reason_n, invoice_ref_n, all_fields_n, without_beneficiary_n,
       gross_dong, refunds_dong, merged_dong, voided_dong, version
FROM account_daily FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1
