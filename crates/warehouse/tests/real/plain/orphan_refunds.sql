-- Which refunds name an original that was never seen?
CREATE OR REPLACE VIEW plain AS
WITH refunds AS (
    SELECT business_date, account, identifier, source, record, original, amount_dong
    FROM payments FINAL
    WHERE fate = 'refunded' AND bitAnd(present, 64) != 0)
SELECT
    business_date, source,
    lower(hex(account)) AS account, lower(hex(identifier)) AS identifier,
    lower(hex(record)) AS record, lower(hex(original)) AS original,
    amount_dong
FROM refunds
WHERE refunds.original NOT IN (
    SELECT payments.record FROM payments PREWHERE payments.record IN (SELECT refunds.original FROM refunds))
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'They lower value on their own date all the same'
