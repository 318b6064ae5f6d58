//! Records with a schema registry, and without one, in the same topic.

use cashless_localservices::SchemaRegistry;

use crate::harness::records::read_all;
use crate::harness::{Plan, System, installation};

#[tokio::test(flavor = "multi_thread")]
async fn records_with_and_without_a_schema_registry_are_counted_alike() {
    let schemas = SchemaRegistry::start(installation()).expect("the schema registry starts");
    assert!(schemas.base_url().trim_start_matches("http://").contains('/'), "a base URL with a path");
    let section = format!("[schema_registry]\nurl = '{}'", schemas.base_url());
    let system = System::set_up(Plan { section: section.clone(), ..Plan::new(4) });
    let (collector, aggregator) = system.start_both().await;
    let load = system.post_for_ever(400.0);
    load.go_on(300).await;
    collector.terminate().await;

    // A collector of a site that has no registry writes to the same topic.
    let configuration = std::fs::read_to_string(&system.config).expect("the configuration");
    std::fs::write(&system.config, configuration.replace(&section, "")).expect("written");
    let collector = system.start_collector();
    load.go_on(300).await;
    let (_report, truth) = load.wind_up().await;
    system.assert_true(&truth).await;

    let records = read_all(&system.broker, &system.payments_topic()).await;
    let begin = |bytes: &[u8]| records.iter().filter(|record| record.payload.starts_with(bytes)).count();
    let (confluent, single_object) = (begin(&[0]), begin(&[0xc3, 0x01]));
    assert!(confluent > 100 && single_object > 100, "{confluent} and {single_object}");
    assert_eq!(confluent + single_object, records.len());
    aggregator.terminate().await;
    collector.terminate().await;
}
