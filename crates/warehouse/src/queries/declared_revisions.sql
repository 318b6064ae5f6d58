-- Which revisions of declared months are stored?
SELECT institution_id, month, source, version, digest
FROM cash_declarations FINAL
WHERE month >= toDate({from: UInt16}) AND month < toDate({to: UInt16})
