//! Schools and health facilities: types, sizes, names, and how they take money.

use cashless_domain::BusinessDate;
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use crate::amounts::{Stream, lognormal_dong};
use crate::draw::{Weighted, chance, one_of};
use crate::names::{HOSPITALS, SCHOOL_WORDS};
use crate::places::{Habits, Place};
use crate::province::ProvinceSize;

/// What an institution is; its spelling in `institutions.csv` with its prefix in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Type {
    name: &'static str,
    prefix: &'static str,
    /// How many of 370 schools are of this type.
    of_370: usize,
    stream: Stream,
}

const SCHOOL_TYPES: [Type; 8] = [
    Type { name: "primary", prefix: "Trường Tiểu học", of_370: 120, stream: Stream::Primary },
    Type { name: "preschool", prefix: "Trường Mầm non", of_370: 114, stream: Stream::Preschool },
    Type { name: "lower_secondary", prefix: "Trường THCS", of_370: 86, stream: Stream::LowerSecondary },
    Type { name: "upper_secondary", prefix: "Trường THPT", of_370: 28, stream: Stream::UpperSecondary },
    Type { name: "multi_level", prefix: "Trường TH và THCS", of_370: 12, stream: Stream::LowerSecondary },
    Type {
        name: "ethnic_boarding",
        prefix: "Trường PTDT Nội trú",
        of_370: 7,
        stream: Stream::UpperSecondary,
    },
    Type {
        name: "continuing_education",
        prefix: "Trung tâm GDNN-GDTX",
        of_370: 2,
        stream: Stream::UpperSecondary,
    },
    Type { name: "college", prefix: "Trường Cao đẳng", of_370: 1, stream: Stream::College },
];

/// How an institution stands to payment without cash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cashless {
    /// Payers use its accounts, and their providers report.
    Used,
    /// It has an account that nobody pays into.
    Unused,
    /// Its only account is at a bank that reports nothing, so nobody knows.
    Elsewhere,
    /// It has no account for fees.
    Absent,
}

/// A school or health facility.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institution {
    /// Its id in the registry.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `education` or `health`.
    pub sector: &'static str,
    /// Its type.
    pub type_name: &'static str,
    /// `public` or `private`.
    pub ownership: &'static str,
    /// `provincial`, `district` or `commune` in health, else empty.
    pub care_tier: &'static str,
    /// `core`, or `extended` where no verdict counts it.
    pub scope: &'static str,
    /// `province` or `police`.
    pub managed_by: &'static str,
    /// The province.
    pub place: &'static Place,
    /// Code of its administrative unit.
    pub unit_code: &'static str,
    /// Name of its administrative unit.
    pub unit_name: &'static str,
    /// The institution it belongs to, if it does.
    pub parent_id: String,
    /// Pupils or students.
    pub learners: i64,
    /// Beds.
    pub beds: i64,
    /// Visits of patients a year.
    pub visits: i64,
    /// The first day on which it exists.
    pub valid_from: BusinessDate,
    /// The first day on which it does not.
    pub valid_to: Option<BusinessDate>,
    pub(crate) cashless: Cashless,
    pub(crate) stream: Stream,
}

impl Institution {
    pub(crate) fn is_school(&self) -> bool {
        self.sector == "education"
    }

    /// Whether it exists on a day.
    #[must_use]
    pub fn exists(&self, date: BusinessDate) -> bool {
        self.valid_from <= date && self.valid_to.is_none_or(|valid_to| date < valid_to)
    }

    /// Learners, or visits in health: what its cash is imputed by.
    #[must_use]
    pub fn weight(&self) -> i64 {
        if self.is_school() { self.learners } else { self.visits }
    }
}

/// 2020-01-01, from which on everything exists that was not opened later.
pub(crate) const SINCE: BusinessDate = BusinessDate::from_days(18_262);

/// All institutions of one province, schools first.
pub(crate) fn all(random: &mut ChaCha8Rng, size: &ProvinceSize) -> Vec<Institution> {
    let place = size.place;
    let mut schools: Vec<_> =
        (0..size.schools.max(1)).map(|number| school(random, place, number, size.schools.max(1))).collect();
    schools.extend((0..size.child_groups).map(|_| child_group(random, place)));
    number(&mut schools, "EDU", place);

    let mut facilities: Vec<_> =
        (0..size.provincial_hospitals.max(1)).map(|number| hospital(place, number)).collect();
    let centres = facilities.len();
    facilities.extend((0..size.health_centres).map(|number| health_centre(place, number)));
    facilities.extend((0..size.stations).map(|number| station(random, place, number)));
    facilities.extend((0..size.private_hospitals).map(|_| private_hospital(random, place)));
    facilities.extend((0..size.clinics).map(|number| clinic(random, place, number)));
    if size.is_mixed && size.private_hospitals > 0 {
        let name = "Bệnh viện Công an tỉnh".into();
        let managed = Institution { managed_by: "police", ..facility(place, name, "general_hospital", 100) };
        facilities.push(Institution { care_tier: "provincial", ..managed });
    }
    number(&mut facilities, "HEA", place);
    let centre_ids: Vec<_> =
        facilities[centres..centres + size.health_centres].iter().map(|centre| centre.id.clone()).collect();
    for station in facilities.iter_mut().filter(|facility| facility.type_name == "commune_station") {
        let district = place.districts.iter().position(|(code, ..)| *code == station.unit_code);
        station.parent_id = district.and_then(|at| centre_ids.get(at)).cloned().unwrap_or_default();
    }
    let mut institutions = schools;
    institutions.extend(facilities);
    if size.is_mixed {
        mix(random, &mut institutions);
    }
    institutions
}

fn number(institutions: &mut [Institution], sector: &str, place: &Place) {
    for (at, institution) in institutions.iter_mut().enumerate() {
        institution.id = format!("{}-{sector}-{:04}", place.prefix, at + 1);
    }
}

fn school(random: &mut ChaCha8Rng, place: &'static Place, number: usize, schools: usize) -> Institution {
    let kind = school_type(number, schools);
    // Mean 500: the median of the lognormal is exp(-σ²/2) of it.
    let learners = lognormal_dong(random, 417.0, 0.6, 1).clamp(30, 4_000);
    let private = kind.stream == Stream::Preschool && chance(random, 0.15);
    let (unit_code, unit_name, _) = one_of(random, place.districts);
    Institution {
        // Without digits: a message may name the institution as beneficiary, and digits are not a name.
        name: format!("{} {} {}", kind.prefix, one_of(random, SCHOOL_WORDS), one_of(random, SCHOOL_WORDS)),
        sector: "education",
        ownership: if private { "private" } else { "public" },
        unit_code,
        unit_name,
        learners,
        stream: kind.stream,
        ..facility(place, String::new(), kind.name, 0)
    }
}

/// Nhóm trẻ độc lập, printed beside the verdict.
fn child_group(random: &mut ChaCha8Rng, place: &'static Place) -> Institution {
    let name = format!("Nhóm trẻ độc lập {} {}", one_of(random, SCHOOL_WORDS), one_of(random, SCHOOL_WORDS));
    let (unit_code, unit_name, _) = one_of(random, place.districts);
    Institution {
        sector: "education",
        ownership: "private",
        scope: "extended",
        unit_code,
        unit_name,
        learners: random.random_range(15..60),
        stream: Stream::Preschool,
        ..facility(place, name, "independent_child_group", 0)
    }
}

/// The first schools are one of each stream, so that small provinces have them all; the rest by share.
fn school_type(number: usize, schools: usize) -> Type {
    const ONE_OF_EACH: [usize; 5] = [0, 1, 2, 3, 7];
    if let Some(position) = ONE_OF_EACH.get(number) {
        return SCHOOL_TYPES[*position];
    }
    let of_370 = (number - ONE_OF_EACH.len()) * 365 / (schools - ONE_OF_EACH.len()).max(1);
    let mut sum = 0;
    SCHOOL_TYPES
        .into_iter()
        .find(|kind| {
            sum += kind.of_370 - usize::from(ONE_OF_EACH.map(|p| SCHOOL_TYPES[p].name).contains(&kind.name));
            of_370 < sum
        })
        .unwrap_or(SCHOOL_TYPES[0])
}

/// A public health facility of the province; beds bring visits.
fn facility(place: &'static Place, name: String, type_name: &'static str, beds: i64) -> Institution {
    Institution {
        id: String::new(),
        name,
        sector: "health",
        type_name,
        ownership: "public",
        care_tier: "",
        scope: "core",
        managed_by: "province",
        place,
        unit_code: place.code,
        unit_name: place.name,
        parent_id: String::new(),
        learners: 0,
        beds,
        visits: beds * 500,
        valid_from: SINCE,
        valid_to: None,
        cashless: Cashless::Used,
        stream: Stream::Outpatient,
    }
}

fn hospital(place: &'static Place, number: usize) -> Institution {
    let (name, type_name, beds) = match HOSPITALS.get(number) {
        _ if number == 0 => ("Bệnh viện Đa khoa tỉnh", "general_hospital", 500),
        Some(specialist) => {
            (*specialist, "specialist_hospital", 320 - 20 * i64::try_from(number).unwrap_or(0))
        }
        None => ("Bệnh viện Đa khoa khu vực", "general_hospital", 200),
    };
    Institution { care_tier: "provincial", ..facility(place, name.into(), type_name, beds) }
}

fn health_centre(place: &'static Place, number: usize) -> Institution {
    let (unit_code, unit_name, _) = place.districts[number % place.districts.len()];
    // Where a district has a hospital of its own, that one stands in the list.
    let is_hospital = place.has_district_hospitals && number.is_multiple_of(2);
    let (prefix, type_name) = if is_hospital {
        ("Bệnh viện Đa khoa", "general_hospital")
    } else {
        ("Trung tâm Y tế", "district_health_centre")
    };
    Institution {
        care_tier: "district",
        unit_code,
        unit_name,
        ..facility(place, format!("{prefix} {unit_name}"), type_name, 100)
    }
}

/// Stations are dealt to the districts by their number of communes.
fn station(random: &mut ChaCha8Rng, place: &'static Place, number: usize) -> Institution {
    let (district, commune) = place.commune(number);
    let (unit_code, unit_name, _) = place.districts[district];
    let word = SCHOOL_WORDS[commune % SCHOOL_WORDS.len()];
    Institution {
        care_tier: "commune",
        unit_code,
        unit_name,
        visits: lognormal_dong(random, 4_000.0, 0.5, 1).clamp(500, 20_000),
        stream: Stream::Station,
        ..facility(place, format!("Trạm Y tế {word} {unit_name}"), "commune_station", 0)
    }
}

fn private_hospital(random: &mut ChaCha8Rng, place: &'static Place) -> Institution {
    let name = format!("Bệnh viện tư nhân {}", one_of(random, SCHOOL_WORDS));
    Institution {
        ownership: "private",
        care_tier: "provincial",
        ..facility(place, name, "general_hospital", 80)
    }
}

/// Phòng khám, printed beside the verdict.
fn clinic(random: &mut ChaCha8Rng, place: &'static Place, number: usize) -> Institution {
    let (unit_code, unit_name, _) = place.districts[number % place.districts.len()];
    let (prefix, type_name) = if number.is_multiple_of(3) {
        ("Phòng khám Đa khoa", "polyclinic")
    } else {
        ("Phòng khám chuyên khoa", "clinic")
    };
    Institution {
        ownership: "private",
        scope: "extended",
        unit_code,
        unit_name,
        visits: random.random_range(2_000..15_000),
        ..facility(place, format!("{prefix} {}", one_of(random, SCHOOL_WORDS)), type_name, 0)
    }
}

/// Not everybody takes payments without cash yet, and schools come and go.
fn mix(random: &mut ChaCha8Rng, institutions: &mut [Institution]) {
    let ways = [Cashless::Used, Cashless::Unused, Cashless::Elsewhere, Cashless::Absent];
    for institution in institutions.iter_mut().filter(|institution| institution.beds == 0) {
        let percent = Habits::of(institution.place.habits.cashless, institution.is_school());
        institution.cashless = ways[Weighted::new(percent.map(f64::from)).draw(random)];
    }
    for (position, event) in EVENTS {
        let Some(school) = institutions.get_mut(position).filter(|one| one.type_name == "primary") else {
            continue;
        };
        school.cashless = Cashless::Used;
        match event {
            Event::Opens(day) => school.valid_from = BusinessDate::from_days(day),
            Event::Closes(day) | Event::MergesInto(_, day) => {
                school.valid_to = Some(BusinessDate::from_days(day));
            }
        }
    }
}

/// What happens to a school in 2022, on a first of a month.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Event {
    Opens(u16),
    Closes(u16),
    /// Into the school at another position.
    MergesInto(usize, u16),
}

/// By position in a province of its own. Primary schools stand there, if there are enough schools.
pub(crate) const EVENTS: [(usize, Event); 3] = [
    // 2022-09-01, 2022-07-01, 2022-08-01.
    (6, Event::Opens(19_236)),
    (7, Event::Closes(19_174)),
    (8, Event::MergesInto(9, 19_205)),
];

/// Who receives payments of a stream, the largest first.
pub(crate) fn payees(institutions: &[Institution], stream: Stream) -> Vec<usize> {
    let of = |wanted: &dyn Fn(&Institution) -> bool| -> Vec<usize> {
        (0..institutions.len())
            .filter(|position| institutions[*position].cashless == Cashless::Used)
            .filter(|position| wanted(&institutions[*position]))
            .collect()
    };
    let stream = match stream {
        Stream::InpatientDeposit | Stream::InpatientSettlement | Stream::Medicine => Stream::Outpatient,
        other => other,
    };
    let mut payees = of(&|institution| institution.stream == stream);
    if payees.is_empty() {
        payees = of(&|institution| institution.is_school() == stream.is_education());
    }
    payees.sort_by_key(|position| {
        let institution = &institutions[*position];
        (-institution.learners, -institution.beds, -institution.visits, *position)
    });
    payees
}
