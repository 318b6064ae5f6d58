-- Who needs rights on what institution_daily_as_of reads? Whoever migrated, not who asks it.
ALTER TABLE institution_daily_as_of
    MODIFY DEFINER = CURRENT_USER SQL SECURITY DEFINER
