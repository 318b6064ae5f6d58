-- 2,700 institutions of 27 districts, which became communes on 1 July 2025.
INSERT INTO institutions (institution_id, registry_version, digest, valid_from, valid_to, removed, name, sector, institution_type,
    ownership, care_tier, scope, unit_code, unit_name, parent_id, status, learners, beds, fee_collecting, recorded_at)
SELECT
    concat(if(is_health, 'H', 'S'), leftPad(toString(number), 5, '0')), 1, 1,
    if(era = 0, toDate('2020-01-01'), toDate('2025-07-01')), if(era = 0, toDate('2025-07-01'), toDate('2149-06-06')), 0,
    concat(if(is_health, 'Cơ sở y tế ', 'Trường '), toString(number)),
    if(is_health, 'health', 'education'),
    if(is_health,
        multiIf(number < 33, 'general_hospital', number < 120, 'district_health_centre', 'commune_station'),
        ['preschool', 'primary', 'lower_secondary', 'upper_secondary', 'multi_level', 'college'][1 + number % 6]),
    if(number % 17 = 0, 'private', 'public'),
    multiIf(NOT is_health, '', number < 33, 'provincial', number < 120, 'district', 'commune'),
    'core',
    if(era = 0, toString(380 + number % 27), toString(14000 + number % 166)),
    if(era = 0, concat('Huyện ', toString(380 + number % 27)), concat('Xã ', toString(14000 + number % 166))),
    '', 'active', 480, 0, 1, now64(6)
FROM (SELECT number, number % 3 = 0 AS is_health, arrayJoin([0, 1]) AS era FROM numbers(2700))
