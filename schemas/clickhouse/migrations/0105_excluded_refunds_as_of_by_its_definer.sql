-- Who needs rights on what excluded_refunds_as_of reads? Whoever migrated, not who asks it.
ALTER TABLE excluded_refunds_as_of
    MODIFY DEFINER = CURRENT_USER SQL SECURITY DEFINER
