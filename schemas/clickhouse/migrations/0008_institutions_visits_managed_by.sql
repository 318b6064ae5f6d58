-- How many patients visit an institution in a year, and who runs it?
ALTER TABLE institutions
    ADD COLUMN IF NOT EXISTS visits UInt32 DEFAULT 0 COMMENT 'Visits of patients a year',
    ADD COLUMN IF NOT EXISTS managed_by LowCardinality(String) DEFAULT 'province' COMMENT 'province, ministry, army or police: who runs it, if it is public'
