-- Which refunds name an original that was never seen?
CREATE OR REPLACE VIEW orphan_refunds
(
    business_date Date COMMENT 'Local day on which the money went back',
    source LowCardinality(String) COMMENT 'Who reported it',
    account String COMMENT 'Receiving account, keyed digest, hexadecimal',
    identifier String COMMENT 'What the registry resolves to an institution, keyed digest, hexadecimal',
    record String COMMENT 'The refund''s record, hexadecimal',
    original String COMMENT 'The record it returns, hexadecimal',
    amount_dong Int64 COMMENT 'Its dong'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    business_date, source, lower(hex(o.account)) AS account, lower(hex(o.identifier)) AS identifier, lower(hex(o.record)) AS record,
    lower(hex(o.original)) AS original, amount_dong
FROM refunds_and_originals AS o
WHERE originals_n = 0
COMMENT 'They lower value on their own date all the same'
