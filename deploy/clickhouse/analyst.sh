#!/bin/bash
# Run once by ClickHouse's image, on an empty data directory: the user who reads, for analysts and Grafana.
# The views that sum up, which run with their definer's rights, and the tables that hold no payments and are read as they are; no
# others. Views with a row per record (decisions, lookalikes, refunds, amounts that disagree) are for who works on single records.
# What a later release adds is granted by hand, by the same words: GRANT SELECT ON cashless.<view> TO cashless_analyst.
set -euo pipefail
password="$(cat /run/secrets/clickhouse_analyst_password)"
clickhouse-client --user cashless --password "$(cat /run/secrets/clickhouse_password)" --multiquery <<SQL
CREATE SETTINGS PROFILE IF NOT EXISTS cashless_reader SETTINGS readonly = 2, max_execution_time = 30, max_memory_usage = 4000000000;
CREATE USER IF NOT EXISTS cashless_analyst IDENTIFIED BY '$password' SETTINGS PROFILE cashless_reader;
GRANT SELECT ON cashless.class_rules_as_of TO cashless_analyst;
GRANT SELECT ON cashless.classes_as_of TO cashless_analyst;
GRANT SELECT ON cashless.data_quality TO cashless_analyst;
GRANT SELECT ON cashless.declared_months TO cashless_analyst;
GRANT SELECT ON cashless.freshness TO cashless_analyst;
GRANT SELECT ON cashless.hour_of_day TO cashless_analyst;
GRANT SELECT ON cashless.institution_cash_month TO cashless_analyst;
GRANT SELECT ON cashless.institution_daily TO cashless_analyst;
GRANT SELECT ON cashless.institution_daily_as_of TO cashless_analyst;
GRANT SELECT ON cashless.institution_daily_parts TO cashless_analyst;
GRANT SELECT ON cashless.institution_month TO cashless_analyst;
GRANT SELECT ON cashless.institution_month_as_of TO cashless_analyst;
GRANT SELECT ON cashless.institution_month_parts TO cashless_analyst;
GRANT SELECT ON cashless.institution_trend TO cashless_analyst;
GRANT SELECT ON cashless.late_month TO cashless_analyst;
GRANT SELECT ON cashless.ledger_totals TO cashless_analyst;
GRANT SELECT ON cashless.method_month TO cashless_analyst;
GRANT SELECT ON cashless.payments_to_check TO cashless_analyst;
GRANT SELECT ON cashless.possible_double_payments TO cashless_analyst;
GRANT SELECT ON cashless.provider_month TO cashless_analyst;
GRANT SELECT ON cashless.published_month TO cashless_analyst;
GRANT SELECT ON cashless.ranking TO cashless_analyst;
GRANT SELECT ON cashless.reason_day TO cashless_analyst;
GRANT SELECT ON cashless.resolved_identifiers_as_of TO cashless_analyst;
GRANT SELECT ON cashless.sector_month TO cashless_analyst;
GRANT SELECT ON cashless.share_trend TO cashless_analyst;
GRANT SELECT ON cashless.target_progress_daily TO cashless_analyst;
GRANT SELECT ON cashless.target_progress_now TO cashless_analyst;
GRANT SELECT ON cashless.type_month TO cashless_analyst;
GRANT SELECT ON cashless.unit_days TO cashless_analyst;
GRANT SELECT ON cashless.unit_month TO cashless_analyst;
GRANT SELECT ON cashless.unknown_class TO cashless_analyst;
GRANT SELECT ON cashless.unresolved_accounts TO cashless_analyst;
GRANT SELECT ON cashless.unresolved_identifiers TO cashless_analyst;
GRANT SELECT ON cashless.view_settings TO cashless_analyst;
GRANT SELECT ON cashless.cash_declarations TO cashless_analyst;
GRANT SELECT ON cashless.institution_attributes TO cashless_analyst;
GRANT SELECT ON cashless.institution_months TO cashless_analyst;
GRANT SELECT ON cashless.registry_versions TO cashless_analyst;
GRANT SELECT ON cashless.target_progress TO cashless_analyst;
SQL
