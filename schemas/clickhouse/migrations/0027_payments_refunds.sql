-- Which refunds does a part of payments hold? One row in some hundreds, scattered over all granules, so each part keeps them together.
ALTER TABLE payments ADD PROJECTION IF NOT EXISTS refunds
(
    SELECT
        anchor,
        groupArrayIf((account, record, original, business_date, identifier, source, counted_method, counted_kind, counted_evidence,
            amount_dong, version), fate = 'refunded' AND bitAnd(present, 64) != 0)
    GROUP BY anchor
)
