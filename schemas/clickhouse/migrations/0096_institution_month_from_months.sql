-- How much was paid cashless to each institution in each month, by method and class?
CREATE OR REPLACE VIEW institution_month AS
SELECT
    m.month AS month,
    institution_id, institution_name, sector, institution_type, ownership, unit_code, unit_name,
    care_tier, scope, parent_id, method, class, counted,
    sum(m.n) AS n, sum(m.gross_dong) AS gross_dong,
    sum(m.refunds_n) AS refunds_n, sum(m.refunds_dong) AS refunds_dong,
    sum(m.refunds_excluded_n) AS refunds_excluded_n, sum(m.refunds_excluded_dong) AS refunds_excluded_dong,
    sum(m.net_dong) AS net_dong,
    sum(m.merged_n) AS merged_n, sum(m.merged_dong) AS merged_dong,
    sum(m.voided_n) AS voided_n, sum(m.voided_dong) AS voided_dong,
    sum(m.payer_name_n) AS payer_name_n, sum(m.beneficiary_name_n) AS beneficiary_name_n, sum(m.reason_n) AS reason_n,
    sum(m.invoice_ref_n) AS invoice_ref_n, sum(m.all_fields_n) AS all_fields_n,
    sum(m.without_beneficiary_n) AS without_beneficiary_n
FROM institution_month_as_of(registry_version = 4294967295, by = 'method') AS m
GROUP BY month, institution_id, institution_name, sector, institution_type, ownership, unit_code, unit_name,
         care_tier, scope, parent_id, method, class, counted
COMMENT 'institution_daily by month, over all sources'
