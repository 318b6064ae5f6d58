-- Their 3,900 accounts, one in twenty for general purposes.
INSERT INTO identifiers (identifier, registry_version, digest, valid_from, valid_to, removed, kind, provider, tail, institution_id,
    purpose, evidence, recorded_at)
SELECT
    sipHash128('account', toUInt32(number)), 1, 1, '2020-01-01', '2149-06-06', 0, 'account', '970405', concat('•••', leftPad(toString(number % 1000), 3, '0')),
    concat(if((number % 2700) % 3 = 0, 'H', 'S'), leftPad(toString(number % 2700), 5, '0')),
    if(number % 20 = 0, 'general', 'fee_collection'), 'synthetic', now64(6)
FROM numbers(3900)
