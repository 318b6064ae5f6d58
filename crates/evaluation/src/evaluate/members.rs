//! Which institutions have to do with a plan, and when they were active.

use std::collections::{BTreeMap, HashMap};

use cashless_domain::BusinessDate;
use cashless_registry::{
    Attribute, ConnectionState, InstitutionRow, InstitutionStatus, Interval, MethodFamily, PlatformCategory,
    Purpose, Registry, Sector, UnitLevel,
};

use super::window::Window;
use crate::input::Input;

/// An institution that is located in the plan's territory at some time of the target year.
pub(super) struct Member<'a> {
    pub(super) id: &'a str,
    /// What it is: its row of the reference date, or else its last one in the target year.
    pub(super) row: &'a InstitutionRow,
    pub(super) district_code: String,
    /// Active in the territory on the reference date.
    pub(super) is_active: bool,
    /// Active in the territory on the 1st, by month of the window.
    pub(super) active_months: Vec<bool>,
    /// Located in another province on the 1st, by month of the window; never in the year before, whose months only say what to
    /// expect of it.
    pub(super) elsewhere_months: Vec<bool>,
    pub(super) has_platform: bool,
    pub(super) has_listed_platform: bool,
    pub(super) is_installed: bool,
    pub(super) methods_ready: u8,
    pub(super) accepts: bool,
    /// Money of it may go unseen.
    pub(super) is_open: bool,
}

impl Member<'_> {
    /// Learners of a school, visits a year of a health facility.
    pub(super) fn size(&self) -> u32 {
        match self.row.sector {
            Sector::Education => self.row.learners,
            Sector::Health => self.row.visits,
        }
    }
}

/// The members in the order of their ids, and the ids of institutions that no unit locates.
pub(super) fn members<'a>(input: &Input<'a>, window: &Window) -> (Vec<Member<'a>>, Vec<String>) {
    let registry = input.registry;
    let mut territory = Territory { input, known: HashMap::new() };
    let receivers = receivers(registry);
    let mut connections = Connections { registry, period: window.so_far(), known: BTreeMap::new() };
    let (mut members, mut unlocated) = (Vec::new(), Vec::new());
    for (id, rows) in &registry.institutions {
        let mut profile: Option<(&InstitutionRow, BusinessDate)> = None;
        let mut is_lost = false;
        for row in rows.iter().filter(|row| row.valid.overlaps(input.plan.target_year)) {
            let day = if row.valid.contains(input.plan.reference_date) {
                input.plan.reference_date
            } else {
                day_before(row.valid.to.min(input.plan.target_year.to))
            };
            match territory.holds(&row.unit_code, day) {
                Location::Inside => {
                    let is_better = profile.is_none_or(|(_, best)| best != input.plan.reference_date);
                    if is_better {
                        profile = Some((row, day));
                    }
                }
                Location::Outside => {}
                Location::Nowhere => is_lost = true,
            }
        }
        let Some((row, day)) = profile else {
            if is_lost {
                unlocated.push(id.clone());
            }
            continue;
        };
        let mut on = |day| {
            let row = rows.iter().find(|row| row.valid.contains(day));
            row.map(|row| (row.status, territory.holds(&row.unit_code, day)))
        };
        let first_days: Vec<_> = window.months().map(|month| on(window.first_day(month))).collect();
        let active = Some((InstitutionStatus::Active, Location::Inside));
        let is_active = on(input.plan.reference_date) == active;
        let identifiers = receivers.get(id.as_str()).map_or(&[][..], Vec::as_slice);
        let declared = Attributes::of(input, id, row.sector);
        members.push(Member {
            id,
            row,
            district_code: district_of(registry, &row.unit_code, day),
            is_active,
            active_months: first_days.iter().map(|found| *found == active).collect(),
            elsewhere_months: first_days
                .iter()
                .zip(window.months())
                .map(|(found, month)| {
                    window.target_months().contains(&month)
                        && found.is_some_and(|(_, location)| location == Location::Outside)
                })
                .collect(),
            has_platform: declared.has_platform,
            has_listed_platform: declared.has_listed_platform,
            is_installed: declared.is_installed,
            methods_ready: declared.methods_ready,
            accepts: declared.is_accepting
                && identifiers.iter().any(|(_, valid)| valid.contains(input.plan.reference_date)),
            is_open: identifiers.iter().any(|(provider, valid)| connections.has_gap(provider, *valid)),
        });
    }
    (members, unlocated)
}

fn day_before(day: BusinessDate) -> BusinessDate {
    BusinessDate::from_days(day.days().saturating_sub(1))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Location {
    Inside,
    Outside,
    /// No province is known of the unit.
    Nowhere,
}

/// The plan's provinces, with what was asked kept: many institutions share a unit.
struct Territory<'a, 'b> {
    input: &'b Input<'a>,
    known: HashMap<(&'a str, BusinessDate), Location>,
}

impl<'a> Territory<'a, '_> {
    fn holds(&mut self, unit_code: &'a str, day: BusinessDate) -> Location {
        let input = self.input;
        *self.known.entry((unit_code, day)).or_insert_with(|| {
            let codes = &input.plan.province_codes;
            match input.registry.province_of(unit_code, day) {
                Some(province) if codes.iter().any(|code| code == province) => Location::Inside,
                Some(_) => Location::Outside,
                // The province itself needs no row of its own to be recognised.
                None if codes.iter().any(|code| code == unit_code) => Location::Inside,
                None => Location::Nowhere,
            }
        })
    }
}

/// The code of the district that a unit is or is part of; empty where there is none, as since July 2025.
fn district_of(registry: &Registry, unit_code: &str, day: BusinessDate) -> String {
    let mut code = unit_code;
    for _ in UnitLevel::ALL {
        match registry.unit(code, day) {
            Some((found, unit)) if unit.level == UnitLevel::District => return found.to_owned(),
            Some((_, unit)) => code = &unit.parent_code,
            None => break,
        }
    }
    String::new()
}

type Receiver<'a> = (&'a str, Interval);

/// The providers and times of the identifiers that may receive fees, by institution.
fn receivers(registry: &Registry) -> HashMap<&str, Vec<Receiver<'_>>> {
    let mut receivers: HashMap<&str, Vec<Receiver<'_>>> = HashMap::new();
    for row in registry.identifiers.values().flatten() {
        let receives = match row.purpose {
            Purpose::FeeCollection | Purpose::General | Purpose::Deposit | Purpose::Unknown => true,
            Purpose::Payroll | Purpose::Project => false,
        };
        if receives {
            receivers.entry(&row.institution_id).or_default().push((&row.provider, row.valid));
        }
    }
    receivers
}

/// When providers were connected, with what was asked kept.
struct Connections<'a> {
    registry: &'a Registry,
    period: Interval,
    known: BTreeMap<(&'a str, Interval), bool>,
}

impl<'a> Connections<'a> {
    /// Whether the provider was silent or not connected on a day of the interval in the target year so far.
    fn has_gap(&mut self, provider: &'a str, valid: Interval) -> bool {
        let (registry, period) = (self.registry, self.period);
        let asked = Interval { from: valid.from.max(period.from), to: valid.to.min(period.to) };
        *self.known.entry((provider, asked)).or_insert_with(|| {
            let mut reached = asked.from;
            for row in registry.connections.get(provider).into_iter().flatten() {
                if row.state == ConnectionState::Connected && row.valid.from <= reached {
                    reached = reached.max(row.valid.to);
                }
            }
            reached < asked.to
        })
    }
}

/// What is declared of an institution at the reference instant.
#[derive(Default)]
struct Attributes {
    has_platform: bool,
    has_listed_platform: bool,
    is_installed: bool,
    methods_ready: u8,
    is_accepting: bool,
}

impl Attributes {
    fn of(input: &Input<'_>, id: &str, sector: Sector) -> Self {
        let categories = input.plan.settings.platform_categories.get(&sector).map_or(&[][..], Vec::as_slice);
        let mut families: Vec<MethodFamily> = Vec::new();
        let mut found = Self::default();
        let rows = input.registry.attributes.get(id).into_iter().flatten();
        for row in rows.filter(|row| row.valid.contains(input.plan.reference_date)) {
            match row.attribute {
                Attribute::Platform
                    if PlatformCategory::from_name(&row.value)
                        .is_some_and(|category| categories.contains(&category)) =>
                {
                    found.has_platform = true;
                    found.has_listed_platform |= row.ministry_listed;
                }
                Attribute::MethodReady => {
                    found.is_installed = true;
                    families.extend(MethodFamily::from_name(&row.value));
                }
                Attribute::Accepting => found.is_accepting = true,
                _ => {}
            }
        }
        let ready = input.plan.method_families().iter().filter(|family| families.contains(family)).count();
        found.methods_ready = u8::try_from(ready).unwrap_or(u8::MAX);
        found
    }
}
