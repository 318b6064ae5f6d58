//! What institutions declare of themselves: platforms, methods, acceptance.

use cashless_domain::BusinessDate;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::draw::{chance, one_of};
use crate::institutions::{Cashless, Institution};
use crate::places::Habits;

/// One line of `attributes.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub(crate) institution: usize,
    pub(crate) attribute: &'static str,
    pub(crate) value: &'static str,
    pub(crate) name: &'static str,
    pub(crate) ministry_listed: bool,
    pub(crate) valid_from: BusinessDate,
    pub(crate) valid_to: Option<BusinessDate>,
}

impl Attribute {
    /// Whether it is so on a day.
    pub(crate) fn holds(&self, date: BusinessDate) -> bool {
        self.valid_from <= date && self.valid_to.is_none_or(|valid_to| date < valid_to)
    }
}

/// 2021-01-01 and 2022-11-01: everything is declared in between.
const DECLARED: std::ops::Range<u16> = 18_628..19_297;
/// 2022-10-01, when some products are given up.
const GIVEN_UP: BusinessDate = BusinessDate::from_days(19_266);

const FAMILIES: [(&str, f64); 4] = [("QR", 0.9), ("WEB", 0.7), ("MOBILE_MONEY", 0.35), ("CARD_POS", 0.3)];
const SCHOOL_PRODUCTS: [&str; 4] =
    ["Sổ liên lạc số Ví Dụ", "Trường học số Ví Dụ", "Học bạ số Ví Dụ", "Lớp học số Ví Dụ"];
const HEALTH_PRODUCTS: [(&str, &str); 6] = [
    ("hospital_management", "Bệnh viện số Ví Dụ"),
    ("telehealth", "Khám bệnh từ xa Ví Dụ"),
    ("e_prescription", "Đơn thuốc số Ví Dụ"),
    ("personal_health_record", "Hồ sơ sức khỏe Ví Dụ"),
    ("vaccination", "Tiêm chủng số Ví Dụ"),
    ("online_advice", "Tư vấn sức khỏe Ví Dụ"),
];

/// Everything that the institutions declare.
pub(crate) fn all(institutions: &[Institution], seed: u64) -> Vec<Attribute> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    // The institutions themselves are drawn from stream 0, payments from stream 1.
    random.set_stream(2);
    let mut lines = Vec::new();
    for (position, institution) in institutions.iter().enumerate() {
        Declaring { random: &mut random, lines: &mut lines, position, institution }.declare();
    }
    lines
}

struct Declaring<'a> {
    random: &'a mut ChaCha8Rng,
    lines: &'a mut Vec<Attribute>,
    position: usize,
    institution: &'a Institution,
}

impl Declaring<'_> {
    fn declare(&mut self) {
        let (is_school, large) = (self.institution.is_school(), self.institution.beds > 0);
        let percent = |of: [u32; 2]| f64::from(Habits::of(of, is_school)) / 100.0;
        let habits = &self.institution.place.habits;
        if large || chance(self.random, percent(habits.platform)) {
            self.platforms(is_school);
        }
        let is_used = self.institution.cashless == Cashless::Used;
        let installed = percent(habits.installed) * if is_used { 1.0 } else { 0.4 };
        if large || chance(self.random, installed) {
            for (family, share) in FAMILIES {
                if family == "QR" || chance(self.random, share) {
                    self.line("method_ready", family, "", false);
                }
            }
        }
        let accepting = if self.institution.cashless == Cashless::Absent { 0.3 } else { 0.95 };
        for (attribute, share) in [("accepting", accepting), ("focal_point", 0.85), ("payment_module", 0.3)] {
            if chance(self.random, share) {
                self.line(attribute, "", "", false);
            }
        }
        if is_used && chance(self.random, 0.4) {
            let bank = one_of(self.random, &crate::sources::CONNECTED_BANKS);
            self.line("template_agreed", bank, "", false);
        }
    }

    fn platforms(&mut self, is_school: bool) {
        let listed = chance(self.random, 0.6);
        if is_school {
            let product = one_of(self.random, &SCHOOL_PRODUCTS);
            self.line("platform", "education_management", product, listed);
        } else {
            let first = self.random.random_range(0..HEALTH_PRODUCTS.len());
            for turn in 0..self.random.random_range(1..=2) {
                let (category, product) = HEALTH_PRODUCTS[(first + turn) % HEALTH_PRODUCTS.len()];
                self.line("platform", category, product, listed);
            }
        }
        if chance(self.random, 0.05)
            && let Some(line) = self.lines.last_mut()
            && line.valid_from < GIVEN_UP
        {
            line.valid_to = Some(line.valid_to.map_or(GIVEN_UP, |valid_to| valid_to.min(GIVEN_UP)));
        }
    }

    fn line(
        &mut self,
        attribute: &'static str,
        value: &'static str,
        name: &'static str,
        ministry_listed: bool,
    ) {
        let declared = BusinessDate::from_days(self.random.random_range(DECLARED));
        let Institution { valid_from, valid_to, .. } = *self.institution;
        if valid_to.is_some_and(|valid_to| valid_to <= declared) {
            return;
        }
        self.lines.push(Attribute {
            institution: self.position,
            attribute,
            value,
            name,
            ministry_listed,
            valid_from: declared.max(valid_from),
            valid_to,
        });
    }
}
