-- Cash of each institution and month: one in fourteen is missing, one in twelve late, some by export and declaration that differ.
INSERT INTO cash_declarations (institution_id, month, source, version, digest, cash_n, cash_dong, cash_refunds_dong, exported_methods,
    exported_n, exported_dong, signer_role, declared_at, recorded_at, channel)
SELECT
    concat(if(number % 3 = 0, 'H', 'S'), leftPad(toString(number), 5, '0')),
    addMonths(toDate('2022-01-01'), month_number) AS of_month,
    source, 1, 1,
    if(source = 'invoice_total', NULL, 100 + draw % 400),
    multiIf(source = 'invoice_total', 9000000000, source = 'declaration' AND draw % 25 = 0, 900000000, 400000000 + draw % 1000),
    draw % 7 * 1000,
    if(source = 'system_export', ['UNKNOWN'], []), if(source = 'system_export', [100], []),
    if(source = 'system_export', [if(draw % 30 = 0, 90000000000, 1000000)], []),
    'kế toán', addMonths(of_month, 1), addDays(toDateTime64(addMonths(of_month, 1), 6, 'Asia/Ho_Chi_Minh'), if(draw % 12 = 0, 9, 2)), 'file'
FROM (
    SELECT
        number, arrayJoin(range(12)) AS month_number, sipHash64('cash', number, month_number) AS draw,
        arrayJoin(multiIf(draw % 14 = 0, [], draw % 20 = 1, ['invoice_total'], draw % 10 = 2, ['system_export', 'declaration'], ['declaration'])) AS source
    FROM numbers(2700))
