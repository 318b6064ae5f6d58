#!/bin/bash
# Run once by ClickHouse's image, on an empty data directory: the user who reads, for analysts and Grafana.
# Not all views run with their definer's rights yet, so it reads the database's tables too; they hold digests, no names.
set -euo pipefail
password="$(cat /run/secrets/clickhouse_analyst_password)"
clickhouse-client --user cashless --password "$(cat /run/secrets/clickhouse_password)" --multiquery <<SQL
CREATE SETTINGS PROFILE IF NOT EXISTS cashless_reader SETTINGS readonly = 2, max_execution_time = 30, max_memory_usage = 4000000000;
CREATE USER IF NOT EXISTS cashless_analyst IDENTIFIED BY '$password' SETTINGS PROFILE cashless_reader;
GRANT SHOW, SELECT ON cashless.* TO cashless_analyst;
SQL
