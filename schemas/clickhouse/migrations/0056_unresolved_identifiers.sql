-- Which identifiers receive money that no institution is credited with?
CREATE OR REPLACE VIEW unresolved_identifiers
(
    identifier String COMMENT 'Keyed digest of the account or merchant, hexadecimal',
    source LowCardinality(String) COMMENT 'Who reports it',
    first_day Date COMMENT 'First day with such a payment',
    last_day Date COMMENT 'Last day with such a payment',
    n Int64 COMMENT 'Counted payments of the target year',
    gross_dong Int128 COMMENT 'Their dong',
    refunds_dong Int128 COMMENT 'Their dong, positive'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH resolved AS (
    SELECT identifier, valid_from, valid_to
    FROM resolved_identifiers_as_of(registry_version = 4294967295))
SELECT
    lower(hex(m.identifier)) AS identifier,
    m.source AS source,
    min(m.business_date) AS first_day,
    max(m.business_date) AS last_day,
    sum(m.n) AS n,
    sum(m.gross_dong) AS gross_dong,
    sum(m.refunds_dong) AS refunds_dong
FROM account_daily AS m FINAL
ASOF LEFT JOIN resolved AS r ON m.identifier = r.identifier AND m.business_date >= r.valid_from
WHERE m.business_date >= r.valid_to
  AND m.kind IN ('payment', 'deposit', 'refund', 'chargeback') AND m.method != 'COUNTER_CASH'
  AND (m.n != 0 OR m.refunds_n != 0)
GROUP BY m.identifier, m.source
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'Identifiers, as keyed digests, without an institution on the day of a payment: what the registry lacks'
