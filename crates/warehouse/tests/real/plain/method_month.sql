-- How much was paid by which family of methods in each month, and how large is a payment?
CREATE OR REPLACE VIEW plain
(
    month Date COMMENT 'First day of the month',
    sector LowCardinality(String) COMMENT 'education, health or UNKNOWN',
    method_family Enum8('qr' = 1, 'website' = 2, 'mobile_money' = 3, 'pos' = 4, 'other' = 5, 'UNKNOWN' = 6) COMMENT 'QR, website, Mobile Money, POS (quẹt thẻ), other (khác); UNKNOWN where nobody said',
    part Enum8('counted' = 1, 'unknown_account' = 2, 'unknown_class' = 3) COMMENT 'As in institution_daily_parts; figures are of counted',
    n Int64 COMMENT 'Payments (số giao dịch)',
    gross_dong Int128 COMMENT 'Their dong (giá trị)',
    average_dong Nullable(Int128) COMMENT 'Dong of a payment (bình quân/giao dịch), rounded down; NULL without payments',
    refunds_n Int64 COMMENT 'Refunds (hoàn tiền)',
    refunds_dong Int128 COMMENT 'Their dong',
    net_dong Int128 COMMENT 'Gross less refunds of what is counted'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    toStartOfMonth(d.business_date) AS month,
    d.sector AS sector,
    CAST(transform(toInt8(d.method), [1, 2, 3, 4, 5, 6, 7], [1, 1, 2, 2, 3, 4, 5], 6), 'Enum8(\'qr\' = 1, \'website\' = 2, \'mobile_money\' = 3, \'pos\' = 4, \'other\' = 5, \'UNKNOWN\' = 6)') AS method_family,
    d.part AS part,
    sum(d.n) AS n, sum(d.gross_dong) AS gross_dong,
    if(n = 0, NULL, intDiv(gross_dong, n)) AS average_dong,
    sum(d.refunds_n) AS refunds_n, sum(d.refunds_dong) AS refunds_dong, sum(d.net_dong) AS net_dong
FROM institution_daily_parts AS d
GROUP BY month, sector, method_family, part
COMMENT 'PL04. The single methods are in institution_month'
