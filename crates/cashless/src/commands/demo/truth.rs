//! Whether the tracker's figures are the true ones.

use std::time::{Duration, Instant};

use cashless_simulator::{Share, TrueTarget};
use cashless_warehouse::{TargetNow, Warehouse};
use serde_json::{Value, json};

const LOOK_EVERY: Duration = Duration::from_millis(250);
/// The tracker reads everything again after a while, whatever seems to have changed.
const PATIENCE: Duration = Duration::from_secs(30);

/// The targets as they are once the tracker has caught up, and every difference from the truth.
pub(super) struct Compared {
    pub(super) targets: Vec<TargetNow>,
    pub(super) differences: Vec<String>,
}

/// Waits until the tracker shows the truth, or has had the time to.
pub(super) async fn compare(warehouse: &Warehouse, truth: &[TrueTarget]) -> anyhow::Result<Compared> {
    let began = Instant::now();
    loop {
        let targets = warehouse.targets_now().await?;
        let differences = differences(&targets, truth);
        if differences.is_empty() || began.elapsed() > PATIENCE {
            return Ok(Compared { targets, differences });
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn differences(targets: &[TargetNow], truth: &[TrueTarget]) -> Vec<String> {
    let mut differences = Vec::new();
    for wanted in truth {
        let Some(found) = targets.iter().find(|one| one.plan_id == wanted.plan && one.target_id == wanted.id)
        else {
            differences.push(format!("{}: not there", wanted.id));
            continue;
        };
        let mut differ = |what: &str, found: String, wanted_is: String| {
            if found != wanted_is {
                differences.push(format!("{}, {what}: {found}, true is {wanted_is}", wanted.id));
            }
        };
        let share = |share: Option<Share>| share.map_or("none".to_owned(), |(n, of)| format!("{n}/{of}"));
        differ("share", share(found.observed), share(wanted.observed));
        differ("lower bound", share(found.low), share(wanted.low));
        differ("upper bound", share(found.high), share(wanted.high));
        differ("verdict", found.verdict.clone(), wanted.verdict.to_owned());
        if found.row_kind != "pair" {
            differ("open above", found.high_is_open.to_string(), wanted.high_is_open.to_string());
            let coverage = |n: u32, of: u32| format!("{n}/{of}");
            differ(
                "coverage",
                coverage(found.coverage_n, found.coverage_of),
                coverage(wanted.coverage_n, wanted.coverage_of),
            );
        }
    }
    let extra = targets.iter().filter(|found| {
        !truth.iter().any(|wanted| wanted.plan == found.plan_id && wanted.id == found.target_id)
    });
    differences.extend(extra.map(|found| format!("{}: nobody knows of it", found.target_id)));
    differences
}

/// For machines.
pub(super) fn as_json(targets: &[TargetNow]) -> Value {
    let share = |share: Option<(i128, i128)>| share.map(|(n, of)| json!([n.to_string(), of.to_string()]));
    targets
        .iter()
        .map(|one| {
            json!({
                "plan": one.plan_id, "target": one.target_id, "kind": one.row_kind, "title_vi": one.title_vi,
                "comparator": one.comparator, "threshold": [one.threshold.0, one.threshold.1],
                "observed": share(one.observed), "low": share(one.low), "high": share(one.high),
                "high_is_open": one.high_is_open, "percent": one.display,
                "coverage": [one.coverage_n, one.coverage_of], "verdict": one.verdict, "reason": one.reason,
                "months_left": one.months_left, "required_percent": one.required_display,
                "required_institutions": one.required_institutions, "projected_percent": one.projected_display,
                "projection_basis": one.projection_basis,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use cashless_domain::IdKey;
    use cashless_evaluation::{Declared, Evaluation, Flow, Input, Lookalikes, Ratio, evaluate};
    use cashless_registry::{Files, PlanOptions, Registry, read};
    use cashless_simulator::{Province, true_targets};

    use super::*;
    use crate::commands::demo::plans::shipped;
    use crate::commands::demo::stage::declaration;
    use crate::commands::year::{Year, replayed_now};

    fn registry(province: &Province) -> Registry {
        let (institutions, identifiers) = (province.institutions_csv(), province.identifiers_csv());
        let (units, attributes) = (province.units_csv(), province.attributes_csv());
        let (connections, payer_accounts) = (province.connections_csv(), province.payer_accounts_csv());
        let (successions, indicators) = (province.successions_csv(), province.indicators_csv());
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
        let key = IdKey::new(&[1; 32]).expect("long enough");
        match read(&files, &Registry::default(), PlanOptions::default(), &key) {
            Ok(registry) => registry,
            Err(errors) => panic!("{} errors, the first: {}", errors.len(), errors[0]),
        }
    }

    fn flows(year: &Year) -> Vec<Flow> {
        let rows = year.ledger.reviewed().institution_rows().into_iter();
        rows.filter(|(key, _)| matches!(key.class, "fee_payment" | "deposit"))
            .filter_map(|(key, sums)| {
                Some(Flow {
                    institution_id: year.province.institutions()[key.institution?].id.clone(),
                    month: key.business_date,
                    n: sums.n,
                    gross_dong: sums.gross_dong.into(),
                    net_dong: sums.net_dong().into(),
                    all_fields_n: 0,
                    without_beneficiary_n: 0,
                })
            })
            .collect()
    }

    fn lookalikes(year: &Year) -> Vec<Lookalikes> {
        let rows = year.ledger.reviewed().ambiguous_rows().into_iter();
        rows.map(|((institution, day), (n, dong))| Lookalikes {
            institution_id: year.province.institutions()[institution].id.clone(),
            month: day,
            n,
            dong: dong.into(),
        })
        .collect()
    }

    /// As the tracker would store it.
    fn rows(evaluation: &Evaluation) -> Vec<TargetNow> {
        let parts = |ratio: Option<Ratio>| ratio.map(|ratio| (ratio.numerator(), ratio.denominator()));
        let nothing = |target_id: &str, row_kind: &str, verdict: &str| TargetNow {
            plan_id: evaluation.plan_id.clone(),
            target_id: target_id.to_owned(),
            row_kind: row_kind.to_owned(),
            verdict: verdict.to_owned(),
            ..TargetNow::default()
        };
        let targets = evaluation.targets.iter().map(|target| {
            let figures = &target.figures;
            TargetNow {
                observed: parts(figures.observed),
                low: parts(figures.low),
                high: parts(figures.high),
                high_is_open: figures.high_is_open,
                coverage_n: figures.coverage.n,
                coverage_of: figures.coverage.of,
                ..nothing(&target.id, "target", figures.verdict.name())
            }
        });
        let pairs = evaluation.pairs.iter().map(|pair| nothing(&pair.id, "pair", pair.verdict.name()));
        targets.chain(pairs).collect()
    }

    #[test]
    fn the_evaluation_of_an_invented_year_is_what_the_simulator_knows_to_be_true() {
        for (payments, seed) in [(80_000, 1), (3_000, 2), (40_000, 3)] {
            let year = Year::invent(payments, seed).expect("a year");
            let today = replayed_now().expect("a time").business_date();
            let (registry, flows) = (registry(&year.province), flows(&year));
            let declarations: Vec<_> = (year.declarations.lines.iter())
                .map(|line| Declared {
                    declaration: declaration(&year.province, line).expect("a declaration"),
                    first_recorded_at: line.declared_at,
                })
                .collect();
            let problems: Vec<_> = (declarations.iter()).flat_map(|one| one.declaration.problems()).collect();
            assert_eq!(problems, []);
            let mut found = Vec::new();
            for plan in shipped().expect("valid plans") {
                let (flows, declarations) = (flows.as_slice(), declarations.as_slice());
                let lookalikes = &lookalikes(&year);
                // They are rare: this year has one.
                assert!(!lookalikes.is_empty() || seed != 3, "bounds are compared with some");
                let input =
                    Input { plan: &plan, registry: &registry, flows, lookalikes, declarations, today };
                let evaluation = evaluate(&input);
                assert_eq!(evaluation.unlocated, Vec::<String>::new());
                found.extend(rows(&evaluation));
            }
            let reviewed = year.ledger.reviewed();
            let truth = true_targets(&year.province, &reviewed, &year.declarations, today);
            assert_eq!(differences(&found, &truth), Vec::<String>::new(), "seed {seed}");
        }
    }

    #[test]
    fn a_target_that_is_missing_or_differs_is_named() {
        let year = Year::invent(2_000, 1).expect("a year");
        let today = replayed_now().expect("a time").business_date();
        let truth = true_targets(&year.province, &year.ledger, &year.declarations, today);
        let found = differences(&[], &truth);
        assert_eq!(found.len(), truth.len());
        assert!(found[0].contains("not there"), "{}", found[0]);
    }
}
