//! The whole pipeline: real processes, a real Kafka, a real ClickHouse, injected faults, and the truth to compare with.
//!
//! Each test has topics, a database and a consumer group of its own on services that start once, with the first
//! test that needs them. Roles are processes of this product's executable; their logs are shown where a test fails.
//! `FAULT_SEED=7 cargo test -p cashless-tests fault_` runs the faults at other moments over other payments.
#![expect(clippy::print_stderr, reason = "what a failed test has to say")]

mod canary_scan;
mod deploy_alerts;
mod deploy_compose;
mod deploy_dashboards;
mod fault_aggregator;
mod fault_collector;
mod fault_group;
mod fault_log;
mod fault_services;
mod flow_days;
mod flow_decisions;
mod flow_declarations;
mod flow_institutions;
mod flow_persons_decisions;
mod flow_registry;
mod flow_targets;
mod framing_records;
mod harness;
mod metrics_names;
mod simulate_command;
mod tidy;
mod topics_command;
