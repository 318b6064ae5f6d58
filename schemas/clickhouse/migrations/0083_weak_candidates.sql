-- Which payments may be another one's second report, how much value hangs on that, and by which address does a person decide?
CREATE OR REPLACE VIEW weak_candidates
(
    business_date Date COMMENT 'Day on which the bank says that the money arrived',
    institution_id LowCardinality(String) COMMENT 'Institution (cơ sở) when it was reviewed, or UNKNOWN',
    source LowCardinality(String) COMMENT 'The bank that reports it',
    rule LowCardinality(String) COMMENT 'What they share beside the amount: reference = the bank''s reference on neighbouring days; invoice = an invoice within 24 hours; minutes = the account within ten minutes',
    record String COMMENT 'The bank''s record, 16 hexadecimal digits, as `cashless decisions make` takes it',
    address String COMMENT 'The same with day and account, where the record alone is not unique',
    candidates Array(String) COMMENT 'Records of intermediaries it may be the same as',
    amount_dong Int64 COMMENT 'Its dong: the low reading takes it away where it is counted, the high one leaves it',
    class String COMMENT 'Its class by the rules as they are now',
    counted UInt8 COMMENT '1 = it is in the figures'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    f.business_date AS business_date, f.institution_id AS institution_id, f.source AS source, f.rule AS rule,
    lower(leftPad(hex(f.record), 16, '0')) AS record,
    concat(toString(f.anchor), '/', lower(hex(f.account)), '/', record) AS address,
    arrayMap(candidate -> lower(leftPad(hex(candidate), 16, '0')), f.candidates) AS candidates,
    f.amount_dong AS amount_dong, c.class AS class, c.counted AS counted
FROM (SELECT * FROM weak_candidates_found FINAL WHERE notEmpty(candidates)) AS f
INNER JOIN classes_as_of(registry_version = 4294967295) AS c
    ON c.kind = f.kind AND c.is_counter_cash = (f.method = 'COUNTER_CASH') AND c.purpose = f.purpose
    AND c.has_evidence = (f.evidence != 0)
COMMENT 'A row per bank record with several candidates: not merged, since nobody knows with which; or with one, since a person took a decision about it back. Low reading: all of amount_dong of counted ones less; high reading: as it is'
