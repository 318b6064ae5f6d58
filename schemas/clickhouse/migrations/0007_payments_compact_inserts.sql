-- Which parts of payments have a file for each column?
-- Neither inserted ones nor those merged once: they soon become part of larger ones, and forty files cost more than they spare.
ALTER TABLE payments MODIFY SETTING min_level_for_wide_part = 2
