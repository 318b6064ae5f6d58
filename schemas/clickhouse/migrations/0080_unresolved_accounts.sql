-- Which accounts receive money that no institution is credited with, how much, and what does the registry know of them?
CREATE OR REPLACE VIEW unresolved_accounts
(
    identifier String COMMENT 'Keyed digest of the account or merchant, hexadecimal',
    source LowCardinality(String) COMMENT 'Who reported it',
    why LowCardinality(String) COMMENT 'never_registered, or other_days: the registry has it for other days only, or had it once',
    provider LowCardinality(String) COMMENT 'Bank or issuer, if the registry ever had it',
    tail String COMMENT 'Last characters, if the registry ever had it',
    institution_id String COMMENT 'Whose it is or was on other days',
    first_day Date COMMENT 'First day with such a payment',
    last_day Date COMMENT 'Last day with such a payment',
    n Int64 COMMENT 'Payments',
    gross_dong Int128 COMMENT 'Their dong',
    refunds_dong Int128 COMMENT 'Dong of refunds'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
WITH
    known AS (
        SELECT identifier, argMax((provider, tail, institution_id), (registry_version, valid_from)) AS row
        FROM identifiers FINAL
        WHERE (registry_version, digest) IN (SELECT registry_version, digest FROM registry_versions FINAL)
        GROUP BY identifier)
SELECT
    u.identifier AS identifier, u.source AS source,
    if(k.row.2 = '', 'never_registered', 'other_days') AS why,
    k.row.1 AS provider, k.row.2 AS tail, k.row.3 AS institution_id,
    u.first_day AS first_day, u.last_day AS last_day, u.n AS n, u.gross_dong AS gross_dong, u.refunds_dong AS refunds_dong
FROM unresolved_identifiers AS u
LEFT JOIN known AS k ON lower(hex(k.identifier)) = u.identifier
COMMENT 'The list to work off: register the account, and all its past days are credited'
