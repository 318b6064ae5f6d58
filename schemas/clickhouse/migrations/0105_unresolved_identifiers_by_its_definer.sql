-- Who needs rights on what unresolved_identifiers reads? Whoever migrated, not who asks it.
ALTER TABLE unresolved_identifiers
    MODIFY DEFINER = CURRENT_USER SQL SECURITY DEFINER,
    COMMENT COLUMN identifier 'Keyed digest of the account or merchant, hexadecimal',
    COMMENT COLUMN source 'Who reports it',
    COMMENT COLUMN first_day 'First day with such a payment',
    COMMENT COLUMN last_day 'Last day with such a payment',
    COMMENT COLUMN n 'Counted payments of the target year',
    COMMENT COLUMN gross_dong 'Their dong',
    COMMENT COLUMN refunds_dong 'Their dong, positive'
