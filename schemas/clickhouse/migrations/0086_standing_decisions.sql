-- What is decided about which records, by a rule or by whom, and why?
CREATE OR REPLACE VIEW standing_decisions
(
    business_date Date COMMENT 'Day on which the record is counted, or was before it was merged',
    institution_id LowCardinality(String) COMMENT 'Institution (cơ sở) on that day, by the registry as it is now, or UNKNOWN',
    institution_name LowCardinality(String) COMMENT 'Its name',
    source LowCardinality(String) COMMENT 'Who reports the record',
    record String COMMENT 'The record, 16 hexadecimal digits, as `cashless decisions make` takes it',
    address String COMMENT 'The same with day and account, where the record alone is not unique',
    amount_dong Int64 COMMENT 'Its dong',
    fate LowCardinality(String) COMMENT 'What it is in the figures',
    kind LowCardinality(String) COMMENT 'What it is taken for',
    decided_by LowCardinality(String) COMMENT 'rule or person; a person''s word outranks a rule''s',
    effect LowCardinality(String) COMMENT 'merged = another record counts instead, kind = it is something else, moved = its money arrived at another time, maybe on another day, completed = it has what a record merged into it told, none = it stands as its source told it',
    merged_into String COMMENT 'The record that counts instead of it, or empty',
    decided_kind LowCardinality(String) COMMENT 'What it is decided to be, or none',
    decided_settled_at Nullable(DateTime64(6, 'Asia/Ho_Chi_Minh')) COMMENT 'When the money is decided to have arrived',
    added Array(String) COMMENT 'What it has from a record merged into it: invoice and person tie it to a service, the others are minimum fields',
    decided_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was decided',
    decision_id String COMMENT 'A person''s decision, as `cashless decisions undo` takes it; empty of a rule''s',
    who String COMMENT 'Who decided; empty of a rule',
    why String COMMENT 'Why; empty of a rule'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    p.business_date AS business_date,
    if(p.business_date < r.valid_to, r.institution_id, 'UNKNOWN') AS institution_id,
    if(p.business_date < r.valid_to, r.institution_name, '') AS institution_name,
    p.source AS source,
    lower(leftPad(hex(p.record), 16, '0')) AS record,
    concat(toString(p.anchor), '/', lower(hex(p.account)), '/', record) AS address,
    p.amount_dong AS amount_dong,
    toString(p.fate) AS fate,
    toString(p.counted_kind) AS kind,
    toString(p.decided_by) AS decided_by,
    multiIf(bitTest(p.present, 7), 'merged', p.decided_kind != 'none', 'kind', bitTest(p.present, 8), 'moved',
        notEmpty(added), 'completed', 'none') AS effect,
    if(bitTest(p.present, 7), lower(leftPad(hex(p.merged_into), 16, '0')), '') AS merged_into,
    toString(p.decided_kind) AS decided_kind,
    if(bitTest(p.present, 8), p.decided_settled_at, NULL) AS decided_settled_at,
    arrayFilter(word -> word != '', [
        if(bitTest(p.added_evidence, 0), 'invoice', ''), if(bitTest(p.added_evidence, 1), 'person', ''),
        if(bitTest(p.added_fields, 0), 'payer_name', ''), if(bitTest(p.added_fields, 1), 'beneficiary_name', ''),
        if(bitTest(p.added_fields, 2), 'reason', ''), if(bitTest(p.added_fields, 3), 'invoice_ref', '')]) AS added,
    p.decided_at AS decided_at,
    if(l.decision_id = 0, '', lower(leftPad(hex(l.decision_id), 16, '0'))) AS decision_id,
    l.who AS who,
    l.why AS why
FROM (
    SELECT * FROM payments FINAL
    -- Before the merge of versions: a decision is never taken out, so no newer row lacks one.
    PREWHERE decided_by != 'none') AS p
ASOF LEFT JOIN (
    SELECT identifier, valid_from, valid_to, institution_id, institution_name
    FROM resolved_identifiers_as_of(registry_version = 4294967295)) AS r
    ON p.identifier = r.identifier AND p.business_date >= r.valid_from
LEFT JOIN (SELECT * FROM decision_log FINAL) AS l
    ON l.anchor = p.anchor AND l.account = p.account AND l.payment = p.payment AND l.record = p.record
    AND l.decided_at = p.decided_at AND toString(p.decided_by) = 'person'
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'A row per record that something is decided about. effect none: a person says that it stands alone, or a decision was taken back'
