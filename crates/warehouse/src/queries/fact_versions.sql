-- How far are the facts in each partition?
SELECT partition, max(version) FROM payments GROUP BY partition ORDER BY partition
