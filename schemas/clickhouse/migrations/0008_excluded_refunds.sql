-- Which refunds return money that never counted, and so lower nothing, as known at a registry version?
CREATE OR REPLACE VIEW excluded_refunds_as_of AS
WITH
    refunds AS (
        SELECT account, record, original, business_date, identifier, source, counted_method, counted_kind, counted_evidence, amount_dong
        FROM payments FINAL
        WHERE fate = 'refunded' AND bitAnd(present, 64) != 0),
    originals AS (
        SELECT account, record, fate, business_date, identifier, counted_method AS method, counted_kind AS kind, counted_evidence AS evidence
        FROM payments FINAL
        -- Before the merge of versions: both are columns of the key.
        PREWHERE (account, record) IN (SELECT account, original FROM refunds)),
    resolved AS (
        SELECT identifier, valid_from, valid_to, purpose
        FROM resolved_identifiers_as_of(registry_version = {registry_version: UInt32})),
    judged AS (
        SELECT
            o.account AS account, o.record AS record, o.fate AS fate, o.method AS method, o.kind AS kind, o.evidence AS evidence,
            r.purpose AS purpose,
            o.business_date < r.valid_to AS is_known,
            -- class: the same words as in institution_daily_as_of
            multiIf(
                kind IN ('outflow', 'settlement', 'counter_cash', 'state_budget', 'bhyt_fund', 'donation', 'interest', 'loan',
                           'supplier_refund', 'internal_transfer'), toString(kind),
                method = 'COUNTER_CASH', 'counter_cash',
                NOT is_known, 'UNKNOWN',
                kind IN ('refund', 'chargeback'), 'fee_payment',
                purpose = 'deposit' OR kind = 'deposit' AND (purpose = 'fee_collection' OR evidence != 0), 'deposit',
                purpose = 'fee_collection' OR evidence != 0, 'fee_payment',
                'unknown') AS class
        FROM originals AS o
        ASOF LEFT JOIN resolved AS r ON o.identifier = r.identifier AND o.business_date >= r.valid_from)
SELECT
    refunds.account AS account,
    refunds.record AS record,
    refunds.original AS original,
    refunds.business_date AS business_date,
    refunds.identifier AS identifier,
    refunds.source AS source,
    refunds.counted_method AS method,
    refunds.counted_kind AS kind,
    refunds.counted_evidence AS evidence,
    refunds.amount_dong AS amount_dong,
    judged.fate AS original_fate,
    judged.class AS original_class
FROM refunds
INNER JOIN judged ON judged.account = refunds.account AND judged.record = refunds.original
WHERE judged.fate IN ('voided', 'excluded', 'unsettled') OR judged.class NOT IN ('fee_payment', 'deposit', 'UNKNOWN')
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'Refunds whose original is known and not counted: excluded_refunds_as_of(registry_version = N)'
