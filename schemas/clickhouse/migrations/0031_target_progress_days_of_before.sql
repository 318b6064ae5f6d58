-- And the rows from before the copying?
INSERT INTO target_progress_days
SELECT *, toDate(evaluated_at, 'Asia/Ho_Chi_Minh') AS day FROM target_progress
