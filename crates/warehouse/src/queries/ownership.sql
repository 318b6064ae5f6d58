-- Whose is an identifier on a day, and which class does its money get?
WITH (
    SELECT any((toString(institution_id), toString(institution_name), toString(purpose)))
    FROM resolved_identifiers_as_of(registry_version = 4294967295)
    WHERE identifier = toFixedString(unhex({identifier: String}), 16)
        AND valid_from <= {day: Date} AND {day: Date} < valid_to) AS owner
SELECT CAST(if(owner.1 = '', 'UNKNOWN', owner.1) AS String), CAST(owner.2 AS String), class, counted
FROM classes_as_of(registry_version = 4294967295)
WHERE kind = {kind: String} AND is_counter_cash = ({method: String} = 'COUNTER_CASH')
    AND purpose = if(owner.1 = '', 'none', owner.3) AND has_evidence = ({evidence: UInt32} != 0)
