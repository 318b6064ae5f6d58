//! A small province that a test can change.

use cashless_domain::{
    BusinessDate, CashDeclaration, DeclarationSource, ExportedCashless, IdentifierId, Method, SourceId,
    Timestamp,
};
use cashless_evaluation::{
    Declared, Evaluation, Flow, Input, InstitutionMonth, InstitutionStanding, Lookalikes, Plan, TargetResult,
    evaluate,
};
use cashless_registry::{
    Attribute, AttributeRow, ConnectionRow, ConnectionState, IdentifierKind, IdentifierRow, InstitutionRow,
    InstitutionStatus, InstitutionType, Interval, ManagedBy, Ownership, Purpose, Registry, Scope, Sector,
    UnitLevel, UnitRow,
};
use serde_json::{Value, json};

pub(crate) use DeclarationSource::{Declaration as B, InvoiceTotal as C, SystemExport as A};

pub(crate) const MILLION: i64 = 1_000_000;

pub(crate) fn day(text: &str) -> BusinessDate {
    BusinessDate::parse(text).expect("a date")
}

pub(crate) fn since(from: &str) -> Interval {
    Interval { from: day(from), to: Interval::OPEN }
}

pub(crate) fn between(from: &str, to: &str) -> Interval {
    Interval { from: day(from), to: day(to) }
}

/// A target of a test's plan.
pub(crate) fn target(id: &str, sector: &str, metric: &str, comparator: &str, percent: i64) -> Value {
    let period = match metric {
        "use_share" | "install_and_use_share" | "count_share" | "value_share" | "minfields_share" => {
            "target_year"
        }
        _ => "instant",
    };
    json!({
        "id": id, "title_vi": id, "text_vi": id, "section": "I", "sector": sector, "metric": metric,
        "comparator": comparator, "threshold": {"numerator": percent, "denominator": 100},
        "period": period, "scope": "core",
    })
}

#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) plan: Value,
    pub(crate) registry: Registry,
    pub(crate) flows: Vec<Flow>,
    pub(crate) lookalikes: Vec<Lookalikes>,
    pub(crate) declarations: Vec<Declared>,
    pub(crate) today: BusinessDate,
}

impl World {
    /// A plan of province 67 for the months from one day to another, seen when they are over.
    pub(crate) fn new(from: &str, to: &str, targets: &[Value]) -> Self {
        let last_day = BusinessDate::from_days(day(to).days() - 1).to_string();
        let mut registry = Registry::default();
        let province = UnitRow {
            valid: since("2004-01-01"),
            level: UnitLevel::Province,
            name: "Đăk Nông".into(),
            parent_code: String::new(),
        };
        let district = UnitRow { level: UnitLevel::District, parent_code: "67".into(), ..province.clone() };
        registry.units.insert("67".into(), vec![province.clone()]);
        registry.units.insert("660".into(), vec![district]);
        registry.units.insert("38".into(), vec![province]);
        Self {
            plan: json!({
                "schema_version": 1, "id": "TEST", "version": 1, "title_vi": "thử", "issuer_vi": "thử",
                "territory": {"province_codes": ["67"]},
                "target_year": {"from": from, "to": to}, "reference_date": last_day, "targets": targets,
            }),
            registry,
            flows: Vec::new(),
            lookalikes: Vec::new(),
            declarations: Vec::new(),
            today: day(to),
        }
    }

    /// Count and value shares of schools in January 2022.
    pub(crate) fn january(comparator: &str, percent: i64) -> Self {
        let targets = [
            target("count", "education", "count_share", comparator, percent),
            target("value", "education", "value_share", comparator, percent),
            target("use", "education", "use_share", ">=", 100),
        ];
        Self::new("2022-01-01", "2022-02-01", &targets)
    }

    pub(crate) fn row() -> InstitutionRow {
        InstitutionRow {
            valid: since("2015-01-01"),
            name: "Trường Ví Dụ".into(),
            sector: Sector::Education,
            institution_type: InstitutionType::Primary,
            ownership: Ownership::Public,
            managed_by: ManagedBy::Province,
            care_tier: None,
            scope: Scope::Core,
            unit_code: "660".into(),
            unit_name: "Gia Nghĩa".into(),
            parent_id: String::new(),
            status: InstitutionStatus::Active,
            learners: 100,
            visits: 0,
            beds: 0,
            fee_collecting: true,
        }
    }

    pub(crate) fn school(&mut self, id: &str) {
        self.institution(id, Self::row());
    }

    pub(crate) fn institution(&mut self, id: &str, row: InstitutionRow) {
        self.registry.institutions.entry(id.into()).or_default().push(row);
    }

    pub(crate) fn attribute(&mut self, id: &str, attribute: Attribute, value: &str) {
        let row = AttributeRow {
            valid: since("2015-01-01"),
            attribute,
            value: value.into(),
            name: String::new(),
            ministry_listed: false,
            declared_by: String::new(),
            evidence: String::new(),
        };
        self.registry.attributes.entry(id.into()).or_default().push(row);
    }

    pub(crate) fn identifier(&mut self, id: &str, provider: &str, purpose: Purpose, valid: Interval) {
        let number = u8::try_from(self.registry.identifiers.len()).expect("a small registry");
        let row = IdentifierRow {
            valid,
            kind: IdentifierKind::Account,
            provider: provider.into(),
            tail: "•••1".into(),
            institution_id: id.into(),
            purpose,
            evidence: String::new(),
        };
        self.registry.identifiers.insert(IdentifierId([number; 16]), vec![row]);
    }

    pub(crate) fn connection(&mut self, provider: &str, state: ConnectionState, valid: Interval) {
        let row = ConnectionRow { valid, state, evidence: String::new() };
        let rows = self.registry.connections.entry(provider.into()).or_default();
        rows.push(row);
        rows.sort_by_key(|row| row.valid.from);
    }

    pub(crate) fn paid(&mut self, id: &str, month: &str, n: i64, dong: i64) {
        self.flows.push(Flow {
            institution_id: id.into(),
            month: day(&format!("{month}-01")),
            n,
            gross_dong: dong.into(),
            net_dong: dong.into(),
            all_fields_n: 0,
            without_beneficiary_n: 0,
        });
    }

    /// Payments of [`Self::paid`] that may be second reports.
    pub(crate) fn looks_alike(&mut self, id: &str, month: &str, n: i64, dong: i64) {
        let (institution_id, month) = (id.into(), day(&format!("{month}-01")));
        self.lookalikes.push(Lookalikes { institution_id, month, n, dong: dong.into() });
    }

    /// Cash of a month, told in time; the declaration may still be changed.
    pub(crate) fn cash(
        &mut self,
        id: &str,
        month: &str,
        source: DeclarationSource,
        n: i64,
        dong: i64,
    ) -> &mut CashDeclaration {
        let month = day(&format!("{month}-01"));
        let at = BusinessDate::from_days(month.days() + 31).start();
        self.declarations.push(Declared {
            declaration: CashDeclaration {
                institution_id: id.into(),
                month,
                source,
                version: 1,
                cash_n: (source != C).then_some(n),
                cash_dong: dong,
                cash_refunds_dong: 0,
                exported_cashless: Vec::new(),
                signer_role: "kế toán".into(),
                declared_at: at,
                recorded_at: at,
                channel: SourceId::new("file").expect("a name"),
            },
            first_recorded_at: at,
        });
        &mut self.declarations.last_mut().expect("just pushed").declaration
    }

    pub(crate) fn evaluate(&self) -> Evaluation {
        let plan = Plan::parse(&self.plan.to_string()).expect("a plan");
        evaluate(&Input {
            plan: &plan,
            registry: &self.registry,
            flows: &self.flows,
            lookalikes: &self.lookalikes,
            declarations: &self.declarations,
            today: self.today,
        })
    }

    pub(crate) fn target(&self, id: &str) -> TargetResult {
        self.evaluate().targets.into_iter().find(|target| target.id == id).expect("a target")
    }

    pub(crate) fn standing(&self, id: &str) -> InstitutionStanding {
        let all = self.evaluate().institutions;
        all.into_iter().find(|standing| standing.institution_id == id).expect("an institution")
    }

    pub(crate) fn month(&self, id: &str, month: &str) -> InstitutionMonth {
        let month = day(&format!("{month}-01"));
        let all = self.evaluate().months;
        all.into_iter().find(|row| row.institution_id == id && row.month == month).expect("a month")
    }

    /// The states of a month, by name.
    pub(crate) fn states(&self, id: &str, month: &str) -> Vec<&'static str> {
        self.month(id, month).states.into_iter().map(|state| state.name()).collect()
    }
}

/// What software knows of payments by QR.
pub(crate) fn exported(n: i64, dong: i64) -> Vec<ExportedCashless> {
    vec![ExportedCashless { method: Method::QrTransfer, n, dong }]
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("a time")
}

/// Observed, low, high and verdict of a target, as they are shown.
pub(crate) fn shown(target: &TargetResult) -> (&str, &str, &str, &'static str) {
    let figures = &target.figures;
    (&figures.display, &figures.low_display, &figures.high_display, figures.verdict.name())
}
