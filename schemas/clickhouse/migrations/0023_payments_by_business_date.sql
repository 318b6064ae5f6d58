-- Which granules of payments hold a business date? So that a month is found without reading the year.
ALTER TABLE payments ADD INDEX IF NOT EXISTS business_date business_date TYPE minmax GRANULARITY 1
