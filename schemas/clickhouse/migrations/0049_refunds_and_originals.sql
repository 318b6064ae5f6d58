-- Which refunds are there, and what became of what they return?
CREATE OR REPLACE VIEW refunds_and_originals
(
    anchor Date COMMENT 'The refund''s anchor',
    account FixedString(16) COMMENT 'Receiving account, keyed digest',
    record UInt64 COMMENT 'The refund''s record',
    business_date Date COMMENT 'Local day on which the money went back',
    identifier FixedString(16) COMMENT 'What the registry resolves to an institution, keyed digest',
    source LowCardinality(String) COMMENT 'Who reported it',
    method Enum8('UNKNOWN' = 0, 'QR_TRANSFER' = 1, 'QR_PAYMENT' = 2, 'WEB_TRANSFER' = 3, 'WEB_PAYMENT' = 4, 'MOBILE_MONEY' = 5, 'CARD_POS' = 6, 'OTHER' = 7, 'COUNTER_CASH' = 8) COMMENT 'How the refund was paid',
    kind Enum8('payment' = 1, 'deposit' = 2, 'refund' = 3, 'chargeback' = 4, 'outflow' = 5, 'settlement' = 6, 'counter_cash' = 7, 'state_budget' = 8, 'bhyt_fund' = 9, 'donation' = 10, 'interest' = 11, 'loan' = 12, 'supplier_refund' = 13, 'internal_transfer' = 14) COMMENT 'refund or chargeback, or what was decided',
    evidence UInt8 COMMENT 'What ties it to a service, as bits: 1 invoice, 2 person',
    amount_dong Int64 COMMENT 'Its dong',
    original UInt64 COMMENT 'The record that it returns: of the same account, or, if that has none, of whichever account',
    originals_n UInt64 COMMENT 'How many rows that record has: none if it was never seen, several if the id was used on several days; a row of this view each',
    original_fate LowCardinality(String) COMMENT 'What the unit of the original is in the figures; merged = it counts in another payment',
    original_place UInt16 COMMENT 'Its place in classes_as_of without owner',
    original_business_date Date COMMENT 'Its local day',
    original_identifier FixedString(16) COMMENT 'Its identifier, keyed digest'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    -- Supersets: what a record was in some version of its row. In the very words of the projection, which then answers.
    links AS (
        SELECT anchor, arrayJoin(groupArrayIf((account, record, original, business_date, identifier, source, counted_method,
            counted_kind, counted_evidence, amount_dong, version), fate = 'refunded' AND bitAnd(present, 64) != 0)) AS refund
        FROM payments
        GROUP BY anchor),
    -- Refunds as they were told the last time, and what they return, by record.
    ends AS (
        SELECT account, told, arrayJoin([(record, 1), (told.1, 0)]) AS end
        FROM (
            SELECT
                anchor, refund.1 AS account, refund.2 AS record,
                argMax((refund.3, anchor, refund.4, refund.5, refund.6, refund.7, refund.8, refund.9, refund.10), refund.11) AS told
            FROM links
            GROUP BY anchor, account, record)),
    found AS (
        SELECT
            e.account AS account, e.told.1 AS original,
            groupArrayIf((o.record, e.told), e.end.2 AND o.account = e.account AND o.anchor = e.told.2 AND bitTest(o.as_original, 12)) AS refunds,
            groupUniqArrayIf((o.anchor, o.as_original, o.business_date, o.identifier, o.account = e.account), NOT e.end.2) AS told_anywhere,
            arrayFilter(told -> told.5, told_anywhere) AS told_here,
            -- Money may go back from another account of the institution than the one that received it.
            if(notEmpty(told_here), told_here, told_anywhere) AS originals
        FROM (
            SELECT anchor, account, record, business_date, identifier, as_original
            FROM payments FINAL
            -- Before the merge of versions: a column of the key, but the last, by which none of its ranges can be left out. Few
            -- columns, since nearly every granule holds some of these rows.
            PREWHERE identity(record) IN (SELECT arrayJoin([refund.2, refund.3]) FROM links)) AS o
        INNER JOIN ends AS e ON o.record = e.end.1
        GROUP BY account, original
        HAVING notEmpty(refunds))
SELECT
    refund.2.2 AS anchor, account, refund.1 AS record,
    refund.2.3 AS business_date, refund.2.4 AS identifier, refund.2.5 AS source, refund.2.6 AS method, refund.2.7 AS kind,
    refund.2.8 AS evidence, refund.2.9 AS amount_dong,
    original, originals_n,
    ['counted', 'refunded', 'merged', 'voided', 'excluded', 'unsettled'][intDiv(o.2, 512) % 8] AS original_fate,
    1 + o.2 % 512 AS original_place, o.3 AS original_business_date, o.4 AS original_identifier
FROM (SELECT account, original, originals, length(originals) AS originals_n, arrayJoin(refunds) AS refund FROM found)
LEFT ARRAY JOIN originals AS o
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'A row per refund that names an original and row of the original'
