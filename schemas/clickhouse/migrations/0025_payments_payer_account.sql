-- Which account did the money come from, and which payment of the neighbouring day has the same reference?
ALTER TABLE payments
    ADD COLUMN IF NOT EXISTS payer_account UInt64 DEFAULT 0 COMMENT 'Account the money came from, digest under the key of the year of settled_at, for this receiving account only' CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS reference UInt64 DEFAULT 0 COMMENT 'The bank''s reference at this account whatever the day, keyed digest; told within two hours of midnight only' CODEC(ZSTD(1)),
    COMMENT COLUMN invoice 'Invoice and amount, digest under the key of the year of settled_at, the same at every account',
    COMMENT COLUMN invoice_other_year 'Invoice and amount under the neighbouring year''s key, near New Year',
    COMMENT COLUMN present 'Which optional values are there, as bits: 1 details, 2 provider_time, 4 payer, 8 beneficiary, 16 invoice, 32 invoice_other_year, 64 original, 128 merged_into, 256 decided_settled_at, 512 payer_account, 1024 reference. An absent value is stored as zero'
