//! What is known of each institution in each month: money, declarations, and what both say together.

use std::collections::HashMap;

use cashless_domain::{CashDeclaration, DeclarationSource, Timestamp};

use super::members::Member;
use super::window::Window;
use crate::input::{Declared, Input};
use crate::plan::Settings;
use crate::result::Receipts;
use crate::words::MonthState;

/// One institution in one month.
#[derive(Clone, Copy, Default)]
pub(super) struct Cell<'a> {
    pub(super) receipts: Receipts,
    /// Payments and dong of `receipts` that may be second reports of others.
    lookalikes: (i64, i128),
    /// The standing declaration of each source: A, B, C.
    standing: [Option<&'a CashDeclaration>; 3],
    first_recorded_at: Option<Timestamp>,
    pub(super) is_active: bool,
    pub(super) has_ended: bool,
}

/// Every cell, by member and month.
pub(super) struct Cells<'a> {
    cells: Vec<Cell<'a>>,
    months: usize,
    /// Money of the target year that belongs to no member.
    pub(super) unknown: Receipts,
}

impl<'a> Cells<'a> {
    pub(super) fn new(input: &Input<'a>, window: &Window, members: &[Member<'_>]) -> Self {
        let months = window.len();
        let mut all = Self {
            cells: vec![Cell::default(); members.len() * months],
            months,
            unknown: Receipts::default(),
        };
        for (number, member) in members.iter().enumerate() {
            for month in window.months() {
                let cell = &mut all.cells[number * months + month];
                cell.is_active = member.active_months[month];
                cell.has_ended = window.has_ended(month);
            }
        }
        let numbers: HashMap<&str, usize> =
            members.iter().enumerate().map(|(number, member)| (member.id, number)).collect();
        // What an institution took or declared while it was in another province is that province's.
        let member_of = |id: &str, month: usize| {
            numbers.get(id).copied().filter(|number| !members[*number].elsewhere_months[month])
        };
        for flow in input.flows {
            let Some(month) = window.month_of(flow.month) else { continue };
            let member = member_of(&flow.institution_id, month);
            let needs_beneficiary =
                member.is_none_or(|number| input.plan.needs_beneficiary(members[number].row.sector));
            let receipts = Receipts {
                n: flow.n,
                gross_dong: flow.gross_dong,
                net_dong: flow.net_dong,
                minimum_fields_n: if needs_beneficiary {
                    flow.all_fields_n
                } else {
                    flow.without_beneficiary_n
                },
            };
            if let Some(number) = member {
                let cell = &mut all.cells[number * months + month];
                cell.receipts = cell.receipts.plus(receipts);
            } else if window.target_months().contains(&month) {
                all.unknown = all.unknown.plus(receipts);
            }
        }
        for lookalikes in input.lookalikes {
            let Some(month) = window.month_of(lookalikes.month) else { continue };
            if let Some(number) = member_of(&lookalikes.institution_id, month) {
                let (n, dong) = &mut all.cells[number * months + month].lookalikes;
                (*n, *dong) = (n.saturating_add(lookalikes.n), dong.saturating_add(lookalikes.dong));
            }
        }
        for declared in input.declarations {
            let Some(month) = window.month_of(declared.declaration.month) else { continue };
            if let Some(number) = member_of(&declared.declaration.institution_id, month) {
                all.cells[number * months + month].declare(declared);
            }
        }
        all
    }

    pub(super) fn get(&self, member: usize, month: usize) -> &Cell<'a> {
        &self.cells[member * self.months + month]
    }
}

impl<'a> Cell<'a> {
    fn declare(&mut self, declared: &'a Declared) {
        let new = &declared.declaration;
        let place = &mut self.standing[rank(new.source)];
        let order = |one: &CashDeclaration| (one.version, one.recorded_at);
        let stands = place.is_none_or(|old| {
            order(new) > order(old) || order(new) == order(old) && new.digest() > old.digest()
        });
        if stands {
            *place = Some(new);
        }
        let first = self.first_recorded_at.unwrap_or(declared.first_recorded_at);
        self.first_recorded_at = Some(first.min(declared.first_recorded_at));
    }

    fn by(&self, source: DeclarationSource) -> Option<&'a CashDeclaration> {
        self.standing[rank(source)]
    }

    /// The standing declaration of the highest source: A, else B, else C.
    pub(super) fn used(&self) -> Option<&'a CashDeclaration> {
        self.standing.iter().flatten().next().copied()
    }

    /// Declared cash receipts. A total of invoices tells none.
    pub(super) fn cash_n(&self) -> Option<i64> {
        self.used().and_then(|used| used.cash_n)
    }

    /// Declared net cash.
    pub(super) fn cash_dong(&self) -> Option<i128> {
        self.used().map(|used| self.net_cash(used))
    }

    fn net_cash(&self, declaration: &CashDeclaration) -> i128 {
        let total = i128::from(declaration.cash_dong);
        let cash = match declaration.source {
            DeclarationSource::SystemExport | DeclarationSource::Declaration => total,
            // Invoices are paid both ways: what is not cashless is cash.
            DeclarationSource::InvoiceTotal => total.saturating_sub(self.receipts.net_dong).max(0),
        };
        cash.saturating_sub(declaration.cash_refunds_dong.into())
    }

    /// What the institution's own software knows as cashless, in number and dong.
    pub(super) fn exported(&self) -> Option<(i64, i128)> {
        let export = self.by(DeclarationSource::SystemExport)?;
        let sum = export.exported_cashless.iter().fold((0i64, 0i128), |sum, one| {
            (sum.0.saturating_add(one.n), sum.1.saturating_add(one.dong.into()))
        });
        (!export.exported_cashless.is_empty()).then_some(sum)
    }

    /// The exported figures, if more of their value than the tolerance is not counted.
    pub(super) fn unseen(&self, settings: &Settings) -> Option<(i64, i128)> {
        self.exported().filter(|(_, dong)| {
            let gap = dong.saturating_sub(self.receipts.net_dong);
            *dong > 0 && gap.saturating_mul(100) > dong.saturating_mul(settings.gap_tolerance_percent.into())
        })
    }

    fn is_conflict(&self, settings: &Settings) -> bool {
        let values = self.by(DeclarationSource::SystemExport).zip(self.by(DeclarationSource::Declaration));
        values.is_some_and(|(export, declaration)| {
            let (one, other) = (self.net_cash(export), self.net_cash(declaration));
            let larger = one.saturating_abs().max(other.saturating_abs());
            let difference = one.saturating_sub(other).saturating_abs();
            difference.saturating_mul(100) > larger.saturating_mul(settings.conflict_tolerance_percent.into())
        })
    }

    pub(super) fn has_money(&self) -> bool {
        (self.receipts.n, self.receipts.gross_dong, self.receipts.net_dong) != (0, 0, 0)
    }

    /// The cell if every lookalike is a second report: what the lower bound takes.
    pub(super) fn without_lookalikes(&self) -> Self {
        // Lookalikes are found beside the figures, and may be about money that has left these meanwhile.
        let n = self.lookalikes.0.min(self.receipts.n).max(0);
        let dong = self.lookalikes.1.min(self.receipts.gross_dong).max(0);
        let receipts = Receipts {
            n: self.receipts.n.saturating_sub(n),
            gross_dong: self.receipts.gross_dong.saturating_sub(dong),
            net_dong: self.receipts.net_dong.saturating_sub(dong),
            ..self.receipts
        };
        Self { receipts, ..*self }
    }

    /// Whether something has to be declared by now.
    pub(super) fn is_due(&self) -> bool {
        self.is_active && self.has_ended
    }

    /// All that is so, in the order of showing.
    pub(super) fn states(&self, window: &Window, month: usize, settings: &Settings) -> Vec<MonthState> {
        let used = self.used();
        let due_day = window.due_day(month, settings.declaration_due_day);
        let is_zero =
            used.is_some_and(|used| (used.cash_n, used.cash_dong, used.cash_refunds_dong) == (Some(0), 0, 0));
        let table = [
            (MonthState::Late, self.first_recorded_at.is_some_and(|at| at.business_date() > due_day)),
            (MonthState::Conflict, self.is_conflict(settings)),
            (MonthState::Zero, is_zero),
            (MonthState::Declared, used.is_some()),
            (MonthState::CountMissing, used.is_some() && self.cash_n().is_none()),
            (MonthState::Missing, used.is_none() && self.is_due()),
            (MonthState::NumeratorIncomplete, self.unseen(settings).is_some()),
            (MonthState::Running, !self.has_ended),
            (MonthState::Outside, !self.is_active),
        ];
        table.into_iter().filter(|(_, holds)| *holds).map(|(state, _)| state).collect()
    }
}

fn rank(source: DeclarationSource) -> usize {
    match source {
        DeclarationSource::SystemExport => 0,
        DeclarationSource::Declaration => 1,
        DeclarationSource::InvoiceTotal => 2,
    }
}
