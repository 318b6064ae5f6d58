-- How many facts are there of each source and fate?
SELECT CAST(source AS String), fate, toInt64(count())
FROM payments FINAL
GROUP BY source, fate
SETTINGS do_not_merge_across_partitions_select_final = 1
