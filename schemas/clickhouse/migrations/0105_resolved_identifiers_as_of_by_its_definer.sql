-- Who needs rights on what resolved_identifiers_as_of reads? Whoever migrated, not who asks it.
ALTER TABLE resolved_identifiers_as_of
    MODIFY DEFINER = CURRENT_USER SQL SECURITY DEFINER
