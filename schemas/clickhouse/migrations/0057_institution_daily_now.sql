-- How much was paid cashless to each institution on each day, by source, method and class?
CREATE OR REPLACE VIEW institution_daily AS
-- The newest registry version there can be: whatever is visible now.
SELECT * FROM institution_daily_as_of(registry_version = 4294967295)
COMMENT 'The figures, by the registry as it is now. counted = 1 for the classes fee_payment and deposit; institution UNKNOWN where the registry knows no owner; net_dong = gross of counted minus refunds'
