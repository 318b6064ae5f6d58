-- Which row of a target is the day's last? Each is copied as it is appended, and the latest of a day replaces the others.
CREATE MATERIALIZED VIEW IF NOT EXISTS target_progress_to_days TO target_progress_days AS
SELECT *, toDate(evaluated_at, 'Asia/Ho_Chi_Minh') AS day FROM target_progress
COMMENT 'Copies rows, sums up nothing. Who decides what is new reads the days, so a copy that was lost is appended again'
