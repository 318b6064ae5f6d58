-- Who needs rights on what lookalikes_as_of reads? Whoever migrated, not who asks it.
ALTER TABLE lookalikes_as_of
    MODIFY DEFINER = CURRENT_USER SQL SECURITY DEFINER
