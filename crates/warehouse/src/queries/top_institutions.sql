-- Which institutions received most?
SELECT institution_id, any(institution_name), toInt64(sum(n)) AS payments, toInt128(sum(net_dong)) AS net
FROM institution_daily
WHERE counted
GROUP BY institution_id
ORDER BY net DESC, institution_id
LIMIT {limit: UInt32}
