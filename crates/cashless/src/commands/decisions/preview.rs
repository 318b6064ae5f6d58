//! What a decision changes, as people and machines read it.

use std::collections::BTreeMap;

use cashless_domain::{BusinessDate, EventKey, RecordFate};
use cashless_reviewer::person::Change;
use cashless_rollup::Standing;
use cashless_warehouse::{Ownership, Warehouse};
use serde_json::{Value, json};

use super::Refused;
use super::address::written;
use crate::commands::demo::dotted;

/// A change with whose money it is, before and after.
pub(super) struct Owned {
    change: Change,
    before: Ownership,
    after: Ownership,
}

/// Money of one institution, day, source and class that comes or goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Figure {
    institution_id: String,
    institution_name: String,
    business_date: BusinessDate,
    source: String,
    class: String,
    is_counted: bool,
}

/// What a decision changes.
pub(super) struct Preview {
    changes: Vec<Owned>,
    figures: BTreeMap<Figure, (i64, i64)>,
}

impl Preview {
    /// Of the records that become something else; resolved by the registry as it is now.
    pub(super) async fn of(warehouse: &Warehouse, changes: Vec<Change>) -> Result<Self, Refused> {
        let mut owned = Vec::new();
        let mut figures: BTreeMap<Figure, (i64, i64)> = BTreeMap::new();
        for change in changes.into_iter().filter(|change| change.before != change.after) {
            let Some(identifier) = change.identifier else { continue };
            let before = warehouse.ownership(identifier, &change.before).await?;
            let after = warehouse.ownership(identifier, &change.after).await?;
            for (standing, ownership, sign) in [(&change.before, &before, -1), (&change.after, &after, 1)] {
                let (n, dong) = contribution(standing);
                let figure = Figure {
                    institution_id: ownership.institution_id.clone(),
                    institution_name: ownership.institution_name.clone(),
                    business_date: standing.business_date,
                    source: change.source.to_string(),
                    class: ownership.class.clone(),
                    is_counted: ownership.is_counted,
                };
                let sums = figures.entry(figure).or_default();
                *sums = (sums.0 + sign * n, sums.1 + sign * dong);
            }
            owned.push(Owned { change, before, after });
        }
        figures.retain(|_, sums| *sums != (0, 0));
        Ok(Self { changes: owned, figures })
    }

    /// Whether the record becomes something else.
    pub(super) fn shows(&self, key: &EventKey) -> bool {
        self.changes.iter().any(|owned| owned.change.key == *key)
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for Owned { change, before, after } in &self.changes {
            let dong = dotted(change.before.dong.into());
            lines.push(format!("{}  {}  {dong} đồng", written(&change.key), change.source));
            let mut differs = |name: &str, one: String, other: String| {
                if one != other {
                    lines.push(format!("  {name}: {one} → {other}"));
                }
            };
            let (old, new) = (&change.before, &change.after);
            differs("fate (trạng thái)", fate(old.fate).to_owned(), fate(new.fate).to_owned());
            differs("day (ngày)", old.business_date.to_string(), new.business_date.to_string());
            differs("kind (loại tiền)", old.kind.name().to_owned(), new.kind.name().to_owned());
            differs("method (phương thức)", old.method.name().to_owned(), new.method.name().to_owned());
            differs(
                "tied to a service by (căn cứ)",
                words(&old.evidence.names()),
                words(&new.evidence.names()),
            );
            differs(
                "minimum fields (thông tin tối thiểu)",
                words(&old.fields.names()),
                words(&new.fields.names()),
            );
            differs("class (loại tiền thu)", before.class.clone(), after.class.clone());
            differs("institution (cơ sở)", before.institution_id.clone(), after.institution_id.clone());
        }
        if self.figures.is_empty() {
            lines.push("no figure changes (số liệu không đổi)".to_owned());
        } else {
            lines.push("figures that change (số liệu thay đổi):".to_owned());
        }
        for (figure, (n, dong)) in &self.figures {
            let Figure { institution_id, institution_name, business_date, source, class, is_counted } =
                figure;
            let name = if institution_name.is_empty() { institution_id } else { institution_name };
            let counted = if *is_counted { "counted (được tính)" } else { "not counted (không tính)" };
            let (n, dong) = (signed(*n), signed(*dong));
            lines.push(format!(
                "  {name}, {business_date}, {source}, {class}, {counted}: {n} payments (giao dịch), {dong} đồng"
            ));
        }
        lines
    }

    pub(super) fn json(&self) -> Value {
        let side = |standing: &Standing, ownership: &Ownership| {
            json!({
                "fate": standing.fate.name(),
                "business_date": standing.business_date.to_string(),
                "kind": standing.kind.name(),
                "method": standing.method.name(),
                "evidence": standing.evidence.names(),
                "minimum_fields": standing.fields.names(),
                "class": ownership.class,
                "counted": ownership.is_counted,
                "institution_id": ownership.institution_id,
            })
        };
        let changes: Vec<_> = (self.changes.iter())
            .map(|Owned { change, before, after }| {
                json!({
                    "record": written(&change.key),
                    "source": change.source.to_string(),
                    "amount_dong": change.before.dong,
                    "before": side(&change.before, before),
                    "after": side(&change.after, after),
                })
            })
            .collect();
        let figures: Vec<_> = (self.figures.iter())
            .map(|(figure, (n, dong))| {
                json!({
                    "institution_id": figure.institution_id,
                    "business_date": figure.business_date.to_string(),
                    "source": figure.source,
                    "class": figure.class,
                    "counted": figure.is_counted,
                    "n": n,
                    "net_dong": dong,
                })
            })
            .collect();
        json!({ "records": changes, "figures": figures })
    }
}

/// Payments and net dong: what a record adds to the figures of its class.
fn contribution(standing: &Standing) -> (i64, i64) {
    match standing.fate {
        RecordFate::Counted | RecordFate::Excluded => (1, standing.dong),
        RecordFate::Refunded => (0, -standing.dong),
        RecordFate::Merged | RecordFate::Voided | RecordFate::Unsettled => (0, 0),
    }
}

fn words(names: &[&str]) -> String {
    if names.is_empty() { "none (không có)".to_owned() } else { names.join(", ") }
}

fn signed(number: i64) -> String {
    let plus = if number > 0 { "+" } else { "" };
    format!("{plus}{}", dotted(number.into()))
}

/// A fate with its Vietnamese word.
pub(super) fn fate(fate: RecordFate) -> &'static str {
    match fate {
        RecordFate::Counted => "counted (được ghi nhận)",
        RecordFate::Refunded => "refunded (hoàn tiền)",
        RecordFate::Merged => "merged (trùng, đã gộp)",
        RecordFate::Voided => "voided (bị hủy)",
        RecordFate::Excluded => "excluded (loại trừ)",
        RecordFate::Unsettled => "unsettled (chưa hoàn tất)",
    }
}
