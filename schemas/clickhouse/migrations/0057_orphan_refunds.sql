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
WITH
    -- In the very words of the projection, which then answers: see excluded_refunds_as_of.
    links AS (
        SELECT anchor, arrayJoin(groupArrayIf((account, record, original, business_date, identifier, source, counted_method,
            counted_kind, counted_evidence, amount_dong, version), fate = 'refunded' AND bitAnd(present, 64) != 0)) AS refund
        FROM payments
        GROUP BY anchor),
    touched AS (
        SELECT anchor, account, record, original, fate = 'refunded' AND bitAnd(present, 64) != 0 AS is_refund
        FROM payments FINAL
        -- Before the merge of versions: a column of the key.
        PREWHERE record IN (SELECT arrayJoin([refund.2, refund.3]) FROM links)),
    orphans AS (
        SELECT account, link, arrayJoin(groupArrayIf((anchor, record), is_link)) AS refund
        FROM (
            SELECT *, arrayJoin(if(is_refund, [0, 1], [0])) AS is_link, if(is_link, original, record) AS link FROM touched)
        GROUP BY account, link
        HAVING countIf(NOT is_link) = 0)
SELECT
    l.refund.4 AS business_date, l.refund.6 AS source,
    lower(hex(l.refund.1)) AS account, lower(hex(l.refund.5)) AS identifier,
    lower(hex(l.refund.2)) AS record, lower(hex(o.link)) AS original,
    l.refund.10 AS amount_dong
FROM links AS l INNER JOIN orphans AS o ON l.anchor = o.refund.1 AND l.refund.1 = o.account AND l.refund.2 = o.refund.2
-- What it said when it was a refund the last time, which is now.
ORDER BY l.refund.11 DESC
LIMIT 1 BY l.anchor, o.account, o.refund.2
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'They lower value on their own date all the same'
