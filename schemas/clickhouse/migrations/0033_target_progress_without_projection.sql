-- What finds the newest rows? The days do, so nothing has to be kept beside the rows.
ALTER TABLE target_progress DROP PROJECTION IF EXISTS latest
