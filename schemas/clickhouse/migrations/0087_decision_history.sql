-- What did persons decide, one after the other, and what became of it?
CREATE OR REPLACE VIEW decision_history
(
    decided_at DateTime64(6, 'Asia/Ho_Chi_Minh') COMMENT 'When it was decided',
    decision_id String COMMENT 'As `cashless decisions undo` takes it; a decision about a merge has a row for each of the two records',
    undo_of String COMMENT 'The decision that this one takes back, or empty',
    who String COMMENT 'Who decided (người quyết định)',
    why String COMMENT 'Why (lý do)',
    state LowCardinality(String) COMMENT 'stands = it is what holds; overtaken = a later one holds; waiting = logged, but not in the facts: on its way, or never appended, then repeat the command',
    source LowCardinality(String) COMMENT 'Who reports the record',
    record String COMMENT 'The record, 16 hexadecimal digits',
    address String COMMENT 'The same with day and account',
    amount_dong Int64 COMMENT 'Its dong',
    fate_before LowCardinality(String) COMMENT 'What it was in the figures',
    fate_after LowCardinality(String) COMMENT 'What the decision makes of it',
    business_date_before Date COMMENT 'Day on which it was counted',
    business_date_after Date COMMENT 'Day on which it is counted then',
    before_by LowCardinality(String) COMMENT 'Who had decided before; none = nobody',
    merged_into String COMMENT 'The record that counts instead of it, or empty',
    decided_kind LowCardinality(String) COMMENT 'What it is decided to be, or none',
    decided_settled_at Nullable(DateTime64(6, 'Asia/Ho_Chi_Minh')) COMMENT 'When the money is decided to have arrived',
    added Array(String) COMMENT 'What it has from a record merged into it: invoice and person tie it to a service, the others are minimum fields'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT
    l.decided_at AS decided_at,
    lower(leftPad(hex(l.decision_id), 16, '0')) AS decision_id,
    if(l.undo_of = 0, '', lower(leftPad(hex(l.undo_of), 16, '0'))) AS undo_of,
    l.who AS who,
    l.why AS why,
    -- The order of the register: person over rule, then registry, then time.
    multiIf(
        p.decided_by != 'person' OR (p.decided_registry_version, p.decided_at) < (l.registry_version, l.decided_at), 'waiting',
        (p.decided_registry_version, p.decided_at) = (l.registry_version, l.decided_at), 'stands',
        'overtaken') AS state,
    l.source AS source,
    lower(leftPad(hex(l.record), 16, '0')) AS record,
    concat(toString(l.anchor), '/', lower(hex(l.account)), '/', record) AS address,
    l.amount_dong AS amount_dong,
    toString(l.fate_before) AS fate_before,
    toString(l.fate_after) AS fate_after,
    l.business_date_before AS business_date_before,
    l.business_date_after AS business_date_after,
    toString(l.before_by) AS before_by,
    if(bitTest(l.after_present, 0), lower(leftPad(hex(l.after_merged_into), 16, '0')), '') AS merged_into,
    toString(l.after_kind) AS decided_kind,
    if(bitTest(l.after_present, 1), l.after_settled_at, NULL) AS decided_settled_at,
    arrayFilter(word -> word != '', [
        if(bitTest(l.after_added_evidence, 0), 'invoice', ''), if(bitTest(l.after_added_evidence, 1), 'person', ''),
        if(bitTest(l.after_added_fields, 0), 'payer_name', ''), if(bitTest(l.after_added_fields, 1), 'beneficiary_name', ''),
        if(bitTest(l.after_added_fields, 2), 'reason', ''), if(bitTest(l.after_added_fields, 3), 'invoice_ref', '')]) AS added
FROM (SELECT * FROM decision_log FINAL) AS l
LEFT JOIN (
    SELECT anchor, account, payment, record, decided_by, decided_registry_version, decided_at
    FROM payments FINAL
    PREWHERE (anchor, account, payment) IN (SELECT anchor, account, payment FROM decision_log)) AS p
    ON l.anchor = p.anchor AND l.account = p.account AND l.payment = p.payment AND l.record = p.record
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'A row per record and decision of a person, from the log of decisions; nothing is ever taken out'
