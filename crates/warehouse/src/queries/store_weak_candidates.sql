-- Which bank records of these days have several candidates now, or one that a person has taken back, so that no rule merges
-- them, where that is not what is stored?
INSERT INTO weak_candidates_found
    (business_date, anchor, account, payment, record, source, institution_id, purpose, rule, method, kind, evidence, amount_dong, candidates, reviewed_at)
SELECT
    if(is_now, n.day, s.business_date), if(is_now, n.anchor, s.anchor), if(is_now, n.account, s.account),
    if(is_now, n.payment, s.payment), if(is_now, n.record, s.record), if(is_now, n.source, s.source),
    if(is_now, n.institution_id, s.institution_id), if(is_now, n.purpose, s.purpose), if(is_now, n.rule, s.rule),
    if(is_now, n.method, s.method), if(is_now, n.kind, s.kind), if(is_now, n.evidence, s.evidence),
    if(is_now, n.amount_dong, s.amount_dong), n.others, now64(6)
FROM (
    SELECT
        day, anchor, account, payment, record, any(source) AS source, any(institution_id) AS institution_id,
        any(purpose) AS purpose, any(rule) AS rule, toString(any(method)) AS method, toString(any(kind)) AS kind,
        any(evidence) AS evidence, any(amount_dong) AS amount_dong, arraySort(groupUniqArray(other_record)) AS others
    FROM lookalikes_as_of(
        registry_version = {registry_version: UInt32}, from_day = {from_day: Date}, to_day = {to_day: Date})
    WHERE (candidates_n > 1 OR is_returned) AND day BETWEEN {from_day: Date} AND {to_day: Date}
    GROUP BY day, anchor, account, payment, record) AS n
FULL JOIN (
    SELECT * FROM weak_candidates_found FINAL
    WHERE business_date BETWEEN {from_day: Date} AND {to_day: Date} AND notEmpty(candidates)) AS s
    ON n.day = s.business_date AND n.anchor = s.anchor AND n.account = s.account AND n.payment = s.payment AND n.record = s.record
WHERE (notEmpty(n.others) AS is_now) = 0 OR n.others != s.candidates OR n.institution_id != s.institution_id OR n.purpose != s.purpose
    OR n.kind != s.kind OR n.evidence != s.evidence
