-- What did a registry version change?
ALTER TABLE registry_versions
    ADD COLUMN IF NOT EXISTS units_changed UInt32 DEFAULT 0 COMMENT 'Units whose rows changed',
    ADD COLUMN IF NOT EXISTS attributes_changed UInt32 DEFAULT 0 COMMENT 'Institutions whose attributes changed',
    ADD COLUMN IF NOT EXISTS connections_changed UInt32 DEFAULT 0 COMMENT 'Providers whose connection changed',
    ADD COLUMN IF NOT EXISTS payer_accounts_changed UInt32 DEFAULT 0 COMMENT 'Payer accounts whose rows changed',
    ADD COLUMN IF NOT EXISTS successions_changed UInt32 DEFAULT 0 COMMENT 'Institutions whose successions changed',
    ADD COLUMN IF NOT EXISTS indicators_changed UInt32 DEFAULT 0 COMMENT 'Targets whose typed figures changed'
