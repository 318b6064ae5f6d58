-- Which class does each combination of kind, counter cash, purpose and evidence get, as known at a registry version?
CREATE OR REPLACE VIEW classes_as_of
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    arrayJoin(places) AS place,
    ['none', 'payment', 'deposit', 'refund', 'chargeback', 'outflow', 'settlement', 'counter_cash', 'state_budget', 'bhyt_fund',
     'donation', 'interest', 'loan', 'supplier_refund', 'internal_transfer'][intDiv(place - 1, 28) + 1] AS kind,
    intDiv(place - 1, 14) % 2 AS is_counter_cash,
    ['none', 'fee_collection', 'general', 'deposit', 'payroll', 'project', 'unknown'][intDiv(place - 1, 2) % 7 + 1] AS purpose,
    (place - 1) % 2 AS has_evidence,
    min(r.position) AS rule,
    argMin(r.class, r.position) AS class,
    class IN ('fee_payment', 'deposit') AS counted
FROM class_rules_as_of(registry_version = {registry_version: UInt32}) AS r
GROUP BY place
ORDER BY place
COMMENT 'Every combination there can be; purpose none = no owner known: classes_as_of(registry_version = N)'
