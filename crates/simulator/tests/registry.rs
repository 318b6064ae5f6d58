//! The registry takes what the simulator writes for it.

use cashless_domain::IdKey;
use cashless_registry::{Files, PlanOptions, Registry, read};
use cashless_simulator::{Province, ProvinceSize};

#[track_caller]
fn check(province: &Province) {
    let units = province.units_csv();
    let institutions = province.institutions_csv();
    let identifiers = province.identifiers_csv();
    let attributes = province.attributes_csv();
    let connections = province.connections_csv();
    let payer_accounts = province.payer_accounts_csv();
    let successions = province.successions_csv();
    let indicators = province.indicators_csv();
    let files = Files {
        units: Some(units.as_bytes()),
        institutions: Some(institutions.as_bytes()),
        identifiers: Some(identifiers.as_bytes()),
        attributes: Some(attributes.as_bytes()),
        connections: Some(connections.as_bytes()),
        payer_accounts: Some(payer_accounts.as_bytes()),
        successions: Some(successions.as_bytes()),
        indicators: Some(indicators.as_bytes()),
    };
    let key = IdKey::new(&[7; 32]).expect("long enough");
    let errors = read(&files, &Registry::default(), PlanOptions::default(), &key).err().unwrap_or_default();
    let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{} errors, as {:#?}", errors.len(), &errors[..errors.len().min(10)]);
}

#[test]
fn both_provinces_of_2022_are_valid_registries() {
    check(&Province::both_of_2022(1));
}

#[test]
fn an_invented_province_is_a_valid_registry() {
    check(&Province::synthetic(&ProvinceSize::default(), 1));
}
