-- On which days may a payer have paid twice?
CREATE OR REPLACE VIEW possible_double_payments
(
    business_date Date COMMENT 'Local day; ask with a range of days, or all payments are compared',
    source LowCardinality(String) COMMENT 'Who reported it',
    identifier String COMMENT 'Keyed digest of the account or merchant, hexadecimal',
    method Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid',
    n UInt64 COMMENT 'Payments that follow an equal one of the same payer within view_settings.double_within_seconds',
    dong Int128 COMMENT 'Their dong'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    (SELECT double_within_seconds FROM view_settings) AS within_seconds,
    payments_of_payers AS (
        SELECT
            business_date, source, identifier, counted_method, amount_dong,
            arraySort(groupArray(toUnixTimestamp64Micro(settled_at))) AS times
        FROM payments FINAL
        WHERE fate = 'counted' AND bitAnd(present, 4) != 0
        GROUP BY business_date, source, identifier, counted_method, amount_dong, payer
        HAVING count() > 1)
SELECT
    business_date, source, lower(hex(identifier)) AS identifier, counted_method AS method,
    sum(arrayCount((later, earlier) -> later - earlier <= toInt64(within_seconds) * 1000000, arrayPopFront(times), arrayPopBack(times))) AS n,
    sum(toInt128(amount_dong) * arrayCount((later, earlier) -> later - earlier <= toInt64(within_seconds) * 1000000, arrayPopFront(times), arrayPopBack(times))) AS dong
FROM payments_of_payers
GROUP BY business_date, source, identifier, method
HAVING n > 0
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'One payer, account, method, amount and source, on one day. They count: a bank''s second transfer is money, until it is refunded'
