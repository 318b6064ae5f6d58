//! The exact figures that a stream must lead to.
//!
//! The generator knows which statements tell of one movement of money, because it invented the movement. It
//! hands each movement to this ledger once, as a unit with its final state; nothing here sorts, groups or
//! folds messages, so an error in the product's merging cannot hide in the same error here. Adding units
//! commutes, so no order of delivery can change a figure.

use std::collections::HashMap;
use std::sync::Arc;

use cashless_domain::{
    BusinessDate, DeadLetterReason, Evidence, Kind, Method, MinimumFields, RecordFate, RefusalReason,
    SourceClass,
};

use crate::clock::local_date;
use crate::identifiers::Purpose;
use crate::lookalikes::Lone;
use crate::province::Province;

mod review;

/// A record as it stands when everything about it is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub(crate) source: u8,
    pub(crate) identifier: u32,
    pub(crate) account: u32,
    pub(crate) arrived_at: i64,
    pub(crate) amount: i64,
    pub(crate) method: Method,
    pub(crate) kind: Kind,
    pub(crate) evidence: Evidence,
    pub(crate) fields: MinimumFields,
    pub(crate) voided: bool,
}

/// What a refund knows of the payment it returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Original {
    /// No refund, or of something never seen, or of a counted payment.
    CountedOrUnseen,
    /// Of a payment that may look like another one: its position among those, and whether it counts as long as that is not
    /// decided.
    Lone(usize, bool),
    /// Of a payment that is known and not counted.
    NotCounted,
}

/// What one cell of `account_daily` is about, in positions of [`Province`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CellKey {
    /// Local day on which the money arrived.
    pub business_date: BusinessDate,
    /// Position of the receiving identifier.
    pub identifier: u32,
    /// Position of the receiving account.
    pub account: u32,
    /// Position of the source.
    pub source: u8,
    /// How it was paid.
    pub method: Method,
    /// What it is.
    pub kind: Kind,
    /// What ties it to a service.
    pub evidence: Evidence,
}

/// Figures that are added up member by member.
macro_rules! sums {
    ($(#[$doc:meta])* $name:ident { $($(#[$member_doc:meta])* $member:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
        pub struct $name { $($(#[$member_doc])* pub $member: i64,)+ }

        impl std::ops::AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                $(self.$member += other.$member;)+
            }
        }

        impl std::ops::SubAssign for $name {
            fn sub_assign(&mut self, other: Self) {
                $(self.$member -= other.$member;)+
            }
        }
    };
}

sums! {
    /// The figures of one cell.
    CellSums {
        /// Payments.
        n,
        /// Their dong.
        gross_dong,
        /// Refunds and chargebacks.
        refunds_n,
        /// Their dong.
        refunds_dong,
        /// Records beside which another counts.
        merged_n,
        /// Their dong.
        merged_dong,
        /// Payments taken back.
        voided_n,
        /// Their dong.
        voided_dong,
        /// Payments with a payer's name.
        payer_name_n,
        /// Payments with a beneficiary's name.
        beneficiary_name_n,
        /// Payments with a reason.
        reason_n,
        /// Payments with an invoice.
        invoice_n,
        /// Payments with all four fields.
        all_fields_n,
        /// Payments with the three fields that health needs.
        without_beneficiary_n,
    }
}

/// What one row by institution is about, in positions of [`Province`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InstitutionKey {
    /// Local day on which the money arrived.
    pub business_date: BusinessDate,
    /// Position of the institution; `None` is UNKNOWN.
    pub institution: Option<usize>,
    /// Position of the source.
    pub source: u8,
    /// How it was paid.
    pub method: Method,
    /// Its class: `fee_payment`, `deposit`, `unknown`, `UNKNOWN` or the name of an excluded kind.
    pub class: &'static str,
}

sums! {
    /// The figures of one row by institution.
    InstitutionSums {
        /// Payments.
        n,
        /// Their dong.
        gross_dong,
        /// Refunds that lower value.
        refunds_n,
        /// Their dong.
        refunds_dong,
        /// Refunds of payments that are known and not counted.
        refunds_excluded_n,
        /// Their dong.
        refunds_excluded_dong,
    }
}

impl InstitutionSums {
    /// What was received less what went back.
    #[must_use]
    pub fn net_dong(&self) -> i64 {
        self.gross_dong - self.refunds_dong
    }
}

/// What becomes of one posted item, or of a refused delivery as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemFate {
    /// In the log, about moved money.
    Accepted,
    /// In the log, moving nothing: pending, failed, expired, disputed, test.
    AcceptedNoMoney,
    /// In the dead letters.
    DeadLettered(DeadLetterReason),
    /// Turned away; counted by delivery, since nobody looks inside.
    Refused(RefusalReason),
}

/// A number of records or items and their dong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Tally {
    /// How many.
    pub n: i64,
    /// Their dong.
    pub dong: i64,
}

/// The truth of a stream.
#[derive(Debug, Clone)]
pub struct TrueLedger {
    pub(crate) province: Arc<Province>,
    pub(crate) cells: HashMap<CellKey, CellSums>,
    pub(crate) institutions: HashMap<InstitutionKey, InstitutionSums>,
    pub(crate) records: HashMap<(u8, RecordFate), Tally>,
    pub(crate) items: HashMap<(u8, ItemFate), i64>,
    pub(crate) deliveries: i64,
    /// What may look like something else, until it is reviewed.
    lone: Vec<Lone>,
    /// Refunds of those, by position.
    refunds: Vec<(usize, Member)>,
    /// References that `lone` has, so that those of another stream are others.
    references: u64,
    /// Counted payments and dong that may be second reports, by institution and day.
    pub(crate) ambiguous: HashMap<(usize, BusinessDate), (i64, i64)>,
}

impl TrueLedger {
    pub(crate) fn new(province: Arc<Province>) -> Self {
        Self {
            province,
            cells: HashMap::new(),
            institutions: HashMap::new(),
            records: HashMap::new(),
            items: HashMap::new(),
            deliveries: 0,
            lone: Vec::new(),
            refunds: Vec::new(),
            references: 0,
            ambiguous: HashMap::new(),
        }
    }

    /// Adds the truth of another stream of the same province.
    ///
    /// # Panics
    /// If the province is another one.
    pub fn add(&mut self, other: Self) {
        assert!(Arc::ptr_eq(&self.province, &other.province), "positions are those of one province");
        for (key, sums) in other.cells {
            *self.cells.entry(key).or_default() += sums;
        }
        for (key, sums) in other.institutions {
            *self.institutions.entry(key).or_default() += sums;
        }
        for (key, tally) in other.records {
            let sum = self.records.entry(key).or_default();
            *sum = Tally { n: sum.n + tally.n, dong: sum.dong + tally.dong };
        }
        for (key, n) in other.items {
            *self.items.entry(key).or_default() += n;
        }
        self.deliveries += other.deliveries;
        let (references, lone) = (self.references, self.lone.len());
        self.refunds.extend(other.refunds.into_iter().map(|(of, refund)| (lone + of, refund)));
        let apart = |lone: Lone| Lone { reference: lone.reference.map(|number| number + references), ..lone };
        self.lone.extend(other.lone.into_iter().map(apart));
        self.references += other.references;
    }

    /// Where one counted record is in the figures by institution.
    fn row_of(&self, member: &Member) -> (InstitutionKey, InstitutionSums) {
        let (row, _) = self.row(&cell_of(member));
        (row, InstitutionSums { n: 1, gross_dong: member.amount, ..InstitutionSums::default() })
    }

    /// One movement of money that one source tells, under a bank's reference and on a day of its own clock. Says whether it
    /// counts.
    pub(crate) fn lone(&mut self, member: Member, reference: Option<u64>, anchor: BusinessDate) -> Original {
        let class = self.province.sources[usize::from(member.source)].class;
        let is_open = !member.voided && !member.kind.is_outgoing() && member.kind != Kind::Settlement;
        let standing = self.unit(&[member], Original::CountedOrUnseen);
        if !is_open || class == SourceClass::Institution {
            return standing;
        }
        self.references = self.references.max(reference.map_or(0, |reference| reference + 1));
        self.lone.push(Lone { member, is_bank: class == SourceClass::Bank, reference, anchor });
        Original::Lone(self.lone.len() - 1, standing == Original::CountedOrUnseen)
    }

    /// One movement of money: records of different sources, of one amount and direction. Says whether it counts.
    pub(crate) fn unit(&mut self, members: &[Member], original: Original) -> Original {
        let lead = *members
            .iter()
            .min_by_key(|member| self.precedence(member.source))
            .expect("a movement is told by somebody");
        let arrived_at = members.iter().map(|member| member.arrived_at).min().unwrap_or(lead.arrived_at);
        let told = |what: fn(Kind) -> bool| members.iter().map(|member| member.kind).find(|kind| what(*kind));
        let told_most = told(Kind::is_excluded).or_else(|| told(|kind| kind == Kind::Deposit));
        let key = CellKey {
            business_date: local_date(arrived_at),
            identifier: lead.identifier,
            account: lead.account,
            source: lead.source,
            method: lead.method,
            kind: told_most.unwrap_or(lead.kind),
            evidence: members.iter().fold(Evidence::default(), |sum, member| sum.union(member.evidence)),
        };
        let fields = members.iter().fold(MinimumFields::default(), |sum, member| sum.union(member.fields));
        let voided = members.iter().any(|member| member.voided);

        let cell = self.cells.entry(key).or_default();
        let fate = if voided {
            cell.voided_n += 1;
            cell.voided_dong += lead.amount;
            RecordFate::Voided
        } else if key.kind.is_refund() {
            cell.refunds_n += 1;
            cell.refunds_dong += lead.amount;
            RecordFate::Refunded
        } else {
            *cell += counted(lead.amount, fields);
            fate_of(key.kind)
        };
        self.record(lead.source, fate, lead.amount);
        for member in members.iter().filter(|member| member.source != lead.source) {
            let key = CellKey {
                identifier: member.identifier,
                account: member.account,
                source: member.source,
                ..key
            };
            let cell = self.cells.entry(key).or_default();
            cell.merged_n += 1;
            cell.merged_dong += member.amount;
            self.record(member.source, RecordFate::Merged, member.amount);
        }
        if let (Original::Lone(of, _), [refund]) = (original, members) {
            self.refunds.push((of, *refund));
        }
        if voided { Original::NotCounted } else { self.institution(&key, lead.amount, original) }
    }

    /// A record of which no settled money is known.
    pub(crate) fn unsettled(&mut self, source: u8, dong: i64) {
        self.record(source, RecordFate::Unsettled, dong);
    }

    /// One item, or one refused delivery.
    pub(crate) fn item(&mut self, source: u8, fate: ItemFate) {
        *self.items.entry((source, fate)).or_default() += 1;
    }

    fn record(&mut self, source: u8, fate: RecordFate, dong: i64) {
        let tally = self.records.entry((source, fate)).or_default();
        tally.n += 1;
        tally.dong += dong;
    }

    /// The source whose word on method and identifier holds comes first.
    fn precedence(&self, source: u8) -> (u8, &str) {
        let known = &self.province.sources[usize::from(source)];
        let rank = match known.class {
            SourceClass::Intermediary => 0,
            SourceClass::Institution => 1,
            SourceClass::Bank => 2,
        };
        (rank, known.id.as_str())
    }

    fn row(&self, key: &CellKey) -> (InstitutionKey, &'static str) {
        let owner = self.province.registration(key.identifier, key.business_date);
        let class = class(key.kind, key.evidence, owner.map(|line| line.purpose));
        let row = InstitutionKey {
            business_date: key.business_date,
            institution: owner.map(|line| line.institution),
            source: key.source,
            method: key.method,
            class,
        };
        (row, class)
    }

    fn institution(&mut self, key: &CellKey, amount: i64, original: Original) -> Original {
        let (row, class) = self.row(key);
        let sums = self.institutions.entry(row).or_default();
        if !key.kind.is_refund() {
            sums.n += 1;
            sums.gross_dong += amount;
        } else if matches!(original, Original::NotCounted | Original::Lone(_, false)) {
            sums.refunds_excluded_n += 1;
            sums.refunds_excluded_dong += amount;
        } else {
            sums.refunds_n += 1;
            sums.refunds_dong += amount;
        }
        standing_of(class)
    }
}

/// What a refund knows of a payment of a class.
fn standing_of(class: &str) -> Original {
    match class {
        "fee_payment" | "deposit" | "UNKNOWN" => Original::CountedOrUnseen,
        _ => Original::NotCounted,
    }
}

/// What becomes of money in, by what it is.
fn fate_of(kind: Kind) -> RecordFate {
    if kind.is_excluded() { RecordFate::Excluded } else { RecordFate::Counted }
}

/// One payment in its cell.
fn counted(amount: i64, fields: MinimumFields) -> CellSums {
    let one_if = |wanted| i64::from(fields.has(wanted));
    CellSums {
        n: 1,
        gross_dong: amount,
        payer_name_n: one_if(MinimumFields::PAYER_NAME),
        beneficiary_name_n: one_if(MinimumFields::BENEFICIARY_NAME),
        reason_n: one_if(MinimumFields::REASON),
        invoice_n: one_if(MinimumFields::INVOICE_REF),
        all_fields_n: one_if(MinimumFields::ALL),
        without_beneficiary_n: one_if(MinimumFields::WITHOUT_BENEFICIARY),
        ..CellSums::default()
    }
}

/// The cell of a record that is told by one source alone.
fn cell_of(member: &Member) -> CellKey {
    CellKey {
        business_date: local_date(member.arrived_at),
        identifier: member.identifier,
        account: member.account,
        source: member.source,
        method: member.method,
        kind: member.kind,
        evidence: member.evidence,
    }
}

/// The class of money by what it says it is, by what it is tied to, and by what the account is kept for.
fn class(kind: Kind, evidence: Evidence, purpose: Option<Purpose>) -> &'static str {
    let by_kind = if kind == Kind::Deposit { "deposit" } else { "fee_payment" };
    match purpose {
        _ if kind.is_excluded() => kind.name(),
        None => "UNKNOWN",
        Some(_) if kind.is_refund() => "fee_payment",
        Some(Purpose::FeeCollection) => by_kind,
        Some(Purpose::Deposit) => "deposit",
        Some(_) if evidence == Evidence::default() => "unknown",
        Some(_) => by_kind,
    }
}
