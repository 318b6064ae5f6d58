#!/bin/sh
# Topics, tables, registry and plans of compose.yaml. Safe to run again: what is there stays as it is.
set -eu
CASHLESS__CLICKHOUSE__PASSWORD="$(cat /run/secrets/clickhouse_password)"
export CASHLESS__CLICKHOUSE__PASSWORD
cashless topics apply
cashless migrate
cashless registry apply --directory /registry --note "compose setup"
for plan in /plans/*.json; do
    case "$plan" in *.schema.json) ;; *) cashless plan apply "$plan" ;; esac
done
