//! How long a province takes: 2,700 institutions, 24 months of money and cash, both shipped plans.
//!
//! `cargo run --release -p cashless-evaluation --example province_speed`

use std::io::Write as _;
use std::time::Instant;

use cashless_domain::{BusinessDate, CashDeclaration, DeclarationSource, IdentifierId, SourceId};
use cashless_evaluation::{Declared, Flow, Input, Plan, evaluate};
use cashless_registry::{
    CareTier, ConnectionRow, ConnectionState, IdentifierKind, IdentifierRow, InstitutionRow,
    InstitutionStatus, InstitutionType, Interval, ManagedBy, Ownership, Purpose, Registry, Scope, Sector,
    UnitLevel, UnitRow,
};

const INSTITUTIONS: u32 = 2_700;
const PLANS: [&str; 2] =
    [include_str!("../../../deploy/plans/dn-2022.json"), include_str!("../../../deploy/plans/th-2022.json")];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout();
    for text in PLANS {
        let plan = Plan::parse(text).map_err(|errors| format!("{errors:?}"))?;
        let (registry, flows, declarations) = province(&plan.province_codes[0])?;
        let input = Input {
            plan: &plan,
            registry: &registry,
            flows: &flows,
            lookalikes: &[],
            declarations: &declarations,
            today: BusinessDate::parse("2022-11-25")?,
        };
        let mut fastest = None;
        for _ in 0..5 {
            let start = Instant::now();
            let evaluation = evaluate(&input);
            let took = start.elapsed();
            fastest = Some(fastest.map_or(took, |fastest: std::time::Duration| fastest.min(took)));
            if evaluation.institutions.len() != INSTITUTIONS as usize {
                return Err("institutions are missing".into());
            }
        }
        let (flows, declarations) = (flows.len(), declarations.len());
        writeln!(out, "{}: {flows} flows, {declarations} declarations: {fastest:?}", plan.id)?;
    }
    Ok(())
}

type Province = (Registry, Vec<Flow>, Vec<Declared>);

fn province(code: &str) -> Result<Province, Box<dyn std::error::Error>> {
    let mut registry = Registry::default();
    let valid = Interval { from: BusinessDate::parse("2015-01-01")?, to: Interval::OPEN };
    let unit =
        |level, parent: &str| UnitRow { valid, level, name: String::new(), parent_code: parent.to_owned() };
    registry.units.insert(code.to_owned(), vec![unit(UnitLevel::Province, "")]);
    for district in 0..27 {
        registry.units.insert(format!("D{district}"), vec![unit(UnitLevel::District, code)]);
    }
    for commune in 0..560 {
        let district = format!("D{}", commune % 27);
        registry.units.insert(format!("C{commune}"), vec![unit(UnitLevel::Commune, &district)]);
    }
    let connected = ConnectionRow { valid, state: ConnectionState::Connected, evidence: String::new() };
    registry.connections.insert("970405".into(), vec![connected]);
    let (mut flows, mut declarations) = (Vec::new(), Vec::new());
    let months: Vec<BusinessDate> = ["2021", "2022"]
        .iter()
        .flat_map(|year| (1..=12).map(move |month| BusinessDate::parse(&format!("{year}-{month:02}-01"))))
        .collect::<Result<_, _>>()?;
    let channel = SourceId::new("file")?;
    for number in 0..INSTITUTIONS {
        let id = format!("{code}-{number:05}");
        let is_school = number % 4 != 0;
        let (school, hospital) = (InstitutionType::Primary, InstitutionType::GeneralHospital);
        registry.institutions.insert(
            id.clone(),
            vec![InstitutionRow {
                valid,
                name: format!("Cơ sở {number}"),
                sector: if is_school { Sector::Education } else { Sector::Health },
                institution_type: if is_school { school } else { hospital },
                ownership: Ownership::Public,
                managed_by: ManagedBy::Province,
                care_tier: (!is_school).then_some(CareTier::Provincial),
                scope: Scope::Core,
                unit_code: format!("C{}", number % 560),
                unit_name: String::new(),
                parent_id: String::new(),
                status: InstitutionStatus::Active,
                learners: 200 + number % 700,
                visits: 5_000 + number,
                beds: 0,
                fee_collecting: true,
            }],
        );
        let mut digest = [0; 16];
        digest[..4].copy_from_slice(&number.to_be_bytes());
        let identifier = IdentifierRow {
            valid,
            kind: IdentifierKind::Account,
            provider: "970405".into(),
            tail: "•••".into(),
            institution_id: id.clone(),
            purpose: Purpose::FeeCollection,
            evidence: String::new(),
        };
        registry.identifiers.insert(IdentifierId(digest), vec![identifier]);
        for (index, month) in (0u32..).zip(&months) {
            let n = i64::from(50 + (number * 7 + index * 13) % 400);
            flows.push(Flow {
                institution_id: id.clone(),
                month: *month,
                n,
                gross_dong: i128::from(n) * 450_000,
                net_dong: i128::from(n) * 449_000,
                all_fields_n: n / 2,
                without_beneficiary_n: n * 2 / 3,
            });
            // A month in ten is missing.
            if (number + index) % 10 == 0 {
                continue;
            }
            let at = BusinessDate::from_days(month.days() + 33).start();
            declarations.push(Declared {
                declaration: CashDeclaration {
                    institution_id: id.clone(),
                    month: *month,
                    source: DeclarationSource::Declaration,
                    version: 1,
                    cash_n: Some(n + 40),
                    cash_dong: n * 500_000,
                    cash_refunds_dong: 0,
                    exported_cashless: Vec::new(),
                    signer_role: "kế toán".into(),
                    declared_at: at,
                    recorded_at: at,
                    channel: channel.clone(),
                },
                first_recorded_at: at,
            });
        }
    }
    Ok((registry, flows, declarations))
}
