-- Which institutions receive money of which nothing says that it is a fee, and how much?
CREATE OR REPLACE VIEW unknown_class
(
    institution_id LowCardinality(String) COMMENT 'Institution (cơ sở)',
    institution_name LowCardinality(String) COMMENT 'Its name',
    sector LowCardinality(String) COMMENT 'education or health',
    source LowCardinality(String) COMMENT 'Who reported it',
    method Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How it was paid',
    first_day Date COMMENT 'First day',
    last_day Date COMMENT 'Last day',
    n Int64 COMMENT 'Payments',
    gross_dong Int128 COMMENT 'Their dong'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    d.institution_id AS institution_id, any(d.institution_name) AS institution_name, any(d.sector) AS sector,
    d.source AS source, d.method AS method,
    min(d.business_date) AS first_day, max(d.business_date) AS last_day, sum(d.n) AS n, sum(d.gross_dong) AS gross_dong
FROM institution_daily_parts AS d
WHERE d.part = 'unknown_class' AND d.n != 0
GROUP BY institution_id, source, method
COMMENT 'Money on accounts that are not only for fees, without an invoice or a person. An invoice reference or a purpose in the registry makes it count'
