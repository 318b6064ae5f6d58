//! Schools and health facilities: types, sizes, names.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use crate::amounts::{Stream, lognormal_dong};
use crate::draw::{chance, one_of};
use crate::names::{DISTRICTS, PROVINCE, SCHOOL_WORDS};

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
    stream: Stream,
}

impl Institution {
    pub(crate) fn is_school(&self) -> bool {
        self.sector == "education"
    }
}

/// All of them, schools first.
pub(crate) fn all(
    random: &mut ChaCha8Rng,
    schools: usize,
    health_centres: usize,
    stations: usize,
) -> Vec<Institution> {
    let mut institutions: Vec<_> = (0..schools).map(|number| school(random, number, schools)).collect();
    institutions.push(facility(1, "general_hospital", "provincial", Stream::Outpatient, 500));
    for number in 0..health_centres {
        let mut centre = facility(2 + number, "district_health_centre", "district", Stream::Outpatient, 100);
        let (code, unit, _) = DISTRICTS[number % DISTRICTS.len()];
        (centre.unit_code, centre.unit_name) = (code, unit);
        centre.name = format!("Trung tâm Y tế {unit}");
        institutions.push(centre);
    }
    for number in 0..stations {
        institutions.push(station(number, health_centres));
    }
    institutions
}

fn school(random: &mut ChaCha8Rng, number: usize, schools: usize) -> Institution {
    let kind = school_type(number, schools);
    // Mean 500: the median of the lognormal is exp(-σ²/2) of it.
    let learners = lognormal_dong(random, 417.0, 0.6, 1).clamp(30, 4_000);
    let private = kind.stream == Stream::Preschool && chance(random, 0.15);
    let (unit_code, unit_name, _) = DISTRICTS[random.random_range(0..DISTRICTS.len())];
    Institution {
        id: format!("DN-EDU-{:04}", number + 1),
        // Without digits: a message may name the institution as beneficiary, and digits are not a name.
        name: format!("{} {} {}", kind.prefix, one_of(random, SCHOOL_WORDS), one_of(random, SCHOOL_WORDS)),
        sector: "education",
        type_name: kind.name,
        ownership: if private { "private" } else { "public" },
        care_tier: "",
        unit_code,
        unit_name,
        parent_id: String::new(),
        learners,
        beds: 0,
        stream: kind.stream,
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

fn facility(
    number: usize,
    type_name: &'static str,
    tier: &'static str,
    stream: Stream,
    beds: i64,
) -> Institution {
    Institution {
        id: format!("DN-HEA-{number:04}"),
        name: "Bệnh viện Đa khoa tỉnh".into(),
        sector: "health",
        type_name,
        ownership: "public",
        care_tier: tier,
        unit_code: PROVINCE.0,
        unit_name: PROVINCE.1,
        parent_id: String::new(),
        learners: 0,
        beds,
        stream,
    }
}

/// Stations are dealt to the districts by their number of communes.
fn station(number: usize, health_centres: usize) -> Institution {
    let communes: u32 = DISTRICTS.iter().map(|(_, _, communes)| communes).sum();
    let mut left = u32::try_from(number).unwrap_or(0) % communes;
    let mut district = 0;
    while left >= DISTRICTS[district].2 {
        left -= DISTRICTS[district].2;
        district += 1;
    }
    let (code, unit, _) = DISTRICTS[district];
    let mut station =
        facility(1 + health_centres + 1 + number, "commune_station", "commune", Stream::Station, 0);
    (station.unit_code, station.unit_name) = (code, unit);
    station.name = format!("Trạm Y tế {} {unit}", SCHOOL_WORDS[left as usize]);
    if district < health_centres {
        station.parent_id = format!("DN-HEA-{:04}", 2 + district);
    }
    station
}

/// Who receives payments of a stream, the largest first.
pub(crate) fn payees(institutions: &[Institution], stream: Stream) -> Vec<usize> {
    let of = |wanted: &dyn Fn(&Institution) -> bool| -> Vec<usize> {
        (0..institutions.len()).filter(|position| wanted(&institutions[*position])).collect()
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
        (-institution.learners, -institution.beds, *position)
    });
    payees
}
