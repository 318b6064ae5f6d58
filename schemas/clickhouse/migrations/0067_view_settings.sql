-- From where on is a cell small, an arrival late, a source silent, and too little known of the methods?
CREATE OR REPLACE VIEW view_settings
(
    payments_min UInt32 COMMENT 'Cells of fewer payments are masked in published_month',
    late_after_seconds UInt32 COMMENT 'A payment received longer than this after the money arrived is late',
    silent_after_seconds UInt32 COMMENT 'A source without an event for longer than this is silent',
    double_within_seconds UInt32 COMMENT 'Two payments of one payer, account, amount and source within this time may be one that was paid twice',
    unknown_method_percent UInt8 COMMENT 'More payments than this without a method, in percent, are an alarm'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER AS
SELECT 5 AS payments_min, 86400 AS late_after_seconds, 86400 AS silent_after_seconds, 600 AS double_within_seconds, 2 AS unknown_method_percent
COMMENT 'One row. An administrator who needs other numbers replaces this view; no figure is stored by them'
