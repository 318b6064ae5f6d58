-- How much was paid cashless to each institution in each month, by method and class?
CREATE OR REPLACE VIEW plain AS
SELECT
    toStartOfMonth(business_date) AS month,
    institution_id, institution_name, sector, institution_type, ownership, unit_code, unit_name,
    care_tier, scope, parent_id, method, class, counted,
    sum(n) AS n, sum(gross_dong) AS gross_dong,
    sum(refunds_n) AS refunds_n, sum(refunds_dong) AS refunds_dong,
    sum(refunds_excluded_n) AS refunds_excluded_n, sum(refunds_excluded_dong) AS refunds_excluded_dong,
    sum(net_dong) AS net_dong,
    sum(merged_n) AS merged_n, sum(merged_dong) AS merged_dong,
    sum(voided_n) AS voided_n, sum(voided_dong) AS voided_dong,
    sum(payer_name_n) AS payer_name_n, sum(beneficiary_name_n) AS beneficiary_name_n, sum(reason_n) AS reason_n,
    sum(invoice_ref_n) AS invoice_ref_n, sum(all_fields_n) AS all_fields_n,
    sum(without_beneficiary_n) AS without_beneficiary_n
FROM institution_daily
GROUP BY month, institution_id, institution_name, sector, institution_type, ownership, unit_code, unit_name,
         care_tier, scope, parent_id, method, class, counted
COMMENT 'institution_daily by month, over all sources'
