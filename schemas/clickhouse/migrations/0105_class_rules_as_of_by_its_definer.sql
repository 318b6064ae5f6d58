-- Who needs rights on what class_rules_as_of reads? Whoever migrated, not who asks it.
ALTER TABLE class_rules_as_of
    MODIFY DEFINER = CURRENT_USER SQL SECURITY DEFINER
