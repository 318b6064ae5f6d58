-- Who needs rights on what classes_as_of reads? Whoever migrated, not who asks it.
ALTER TABLE classes_as_of
    MODIFY DEFINER = CURRENT_USER SQL SECURITY DEFINER
