-- What became of everything that ever arrived?
SELECT partition, CAST(source AS String), version, last_digest, latest_received_at, partition_count,
       events_applied, events_repeated, events_no_money, events_dead_lettered,
       counted_n, counted_dong, refunded_n, refunded_dong, merged_n, merged_dong,
       voided_n, voided_dong, excluded_n, excluded_dong, unsettled_n, unsettled_dong
FROM ledger FINAL
ORDER BY partition, source
