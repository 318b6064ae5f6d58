//! An evaluation in parts. The parts of a sector and scope add up to the whole, whatever they are made by.

use std::collections::BTreeMap;

use cashless_registry::{Scope, Sector};
use serde::Serialize;

use crate::result::{BoundSums, Evaluation, InstitutionStanding, Receipts};
use crate::words::UseState;

/// What parts are made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Lĩnh vực.
    Sector,
    /// Loại hình.
    Type,
    /// Công lập, tư thục.
    Ownership,
    /// The institution above (đơn vị chủ quản); empty = none.
    Parent,
    /// Administrative unit of the institution.
    Unit,
    /// District (huyện) of 2022; empty = none.
    District,
    /// Band of size.
    SizeBand,
}

/// Institutions that have something in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Their sector; nothing for money of unknown institutions.
    pub sector: Option<Sector>,
    /// Core or extended; nothing for money of unknown institutions.
    pub scope: Option<Scope>,
    /// What they have in common; [`Part::UNKNOWN`] for money of unknown institutions.
    pub key: String,
    /// Institutions at the reference instant.
    pub institutions_n: u32,
    /// Of these, with a platform of their sector (có nền tảng số).
    pub platform_n: u32,
    /// Of these, that accept (chấp nhận).
    pub accepting_n: u32,
    /// Of these, with a counted payment (có phát sinh).
    pub using_n: u32,
    /// Of these, whose use is unknown.
    pub using_unknown_n: u32,
    /// Of these, how many have 0, 1, 2, 3, 4 families of methods ready.
    pub methods_ready_histogram: [u32; 5],
    /// Institutions with an ended month in which they were active and nothing is declared (chưa kê khai).
    pub undeclared_n: u32,
    /// All counted money.
    pub receipts: Receipts,
    /// Declared cash receipts.
    pub cash_n: i64,
    /// Net dong of declared cash.
    pub cash_dong: i128,
    /// Share in number. `observed` is over covered months only, as the targets are.
    pub count: BoundSums,
    /// Share in value.
    pub value: BoundSums,
}

impl Part {
    /// The key of money that belongs to no institution of the plan: visible, and in no share.
    pub const UNKNOWN: &'static str = "UNKNOWN";

    fn empty(sector: Option<Sector>, scope: Option<Scope>, key: &str) -> Self {
        Self {
            sector,
            scope,
            key: key.to_owned(),
            institutions_n: 0,
            platform_n: 0,
            accepting_n: 0,
            using_n: 0,
            using_unknown_n: 0,
            methods_ready_histogram: [0; 5],
            undeclared_n: 0,
            receipts: Receipts::default(),
            cash_n: 0,
            cash_dong: 0,
            count: BoundSums::ZERO,
            value: BoundSums::ZERO,
        }
    }

    fn add(&mut self, one: &InstitutionStanding) {
        if one.is_active {
            self.institutions_n += 1;
            self.platform_n += u32::from(one.has_platform);
            self.accepting_n += u32::from(one.accepts);
            self.using_n += u32::from(one.uses == UseState::Yes);
            self.using_unknown_n += u32::from(one.uses == UseState::Unknown);
            if let Some(place) = self.methods_ready_histogram.get_mut(usize::from(one.methods_ready)) {
                *place += 1;
            }
        }
        self.undeclared_n += u32::from(one.months_declared_value < one.months_active);
        self.receipts = self.receipts.plus(one.receipts);
        self.cash_n = self.cash_n.saturating_add(one.cash_n.unwrap_or(0));
        self.cash_dong = self.cash_dong.saturating_add(one.cash_dong.unwrap_or(0));
        self.count = self.count.plus(one.count);
        self.value = self.value.plus(one.value);
    }
}

/// The parts of an evaluation in the order of sector, scope and key; money of unknown institutions stands last.
#[must_use]
pub fn breakdown(evaluation: &Evaluation, by: By) -> Vec<Part> {
    let mut parts: BTreeMap<(Sector, Scope, &str), Part> = BTreeMap::new();
    for one in &evaluation.institutions {
        let key = match by {
            By::Sector => one.sector.name(),
            By::Type => one.institution_type.name(),
            By::Ownership => one.ownership.name(),
            By::Parent => &one.parent_id,
            By::Unit => &one.unit_code,
            By::District => &one.district_code,
            By::SizeBand => &one.size_band,
        };
        let part = parts.entry((one.sector, one.scope, key));
        part.or_insert_with(|| Part::empty(Some(one.sector), Some(one.scope), key)).add(one);
    }
    let unknown = Part { receipts: evaluation.unknown, ..Part::empty(None, None, Part::UNKNOWN) };
    parts.into_values().chain(std::iter::once(unknown)).collect()
}
