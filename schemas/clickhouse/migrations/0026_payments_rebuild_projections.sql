-- May a part of payments carry a projection? Then merges, which drop old versions of rows, make it anew.
ALTER TABLE payments MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild'
