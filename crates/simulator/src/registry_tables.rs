//! The registry's files beside institutions and identifiers.

use std::collections::BTreeSet;

use cashless_domain::BusinessDate;

use crate::attributes::Attribute;
use crate::institutions::{EVENTS, Event};
use crate::places::Place;
use crate::province::Province;
use crate::registry_files::table;
use crate::sources::SILENT_BANK;

/// As it was known in 2022, nothing about the units ends: the reform of 2025 is not in these files.
const UNITS_VALID: (&str, &str) = ("2004-01-01", "");
const CONNECTED_SINCE: &str = "2021-01-01";

/// Accounts that pay institutions without being payers of fees: bank, number, whose it is.
const PAYER_ACCOUNTS: [(&str, &str, &str, &str); 3] = [
    ("970405", "3713000000001", "state_budget", "Kho bạc Nhà nước"),
    ("970415", "9523000000002", "bhyt_fund", "Bảo hiểm xã hội"),
    ("970418", "1100000000003", "donation", "Quỹ khuyến học Ví Dụ"),
];

/// Figures that the department of education of Đăk Nông types: target, numerator, denominator, from, to.
pub(crate) const INDICATORS: [(&str, u64, u64, &str, &str); 3] = [
    ("DN-M1", 340, 369, "2022-06-10", "2022-12-10"),
    ("DN-M1", 361, 368, "2022-12-10", ""),
    ("DN-M2", 5, 20, "2022-12-10", ""),
];

impl Province {
    /// Each province of this one.
    pub(crate) fn places(&self) -> Vec<&'static Place> {
        let mut places: Vec<&'static Place> = Vec::new();
        for institution in &self.institutions {
            if !places.contains(&institution.place) {
                places.push(institution.place);
            }
        }
        places
    }

    /// The text of `units.csv`.
    #[must_use]
    pub fn units_csv(&self) -> String {
        let (from, to) = UNITS_VALID;
        let line = |code: &str, level: &str, name: &str, parent: &str| {
            [code, level, name, parent, from, to].map(str::to_owned).to_vec()
        };
        let places = self.places();
        let lines = places.iter().flat_map(|place| {
            let districts =
                place.districts.iter().map(|(code, name, _)| line(code, "district", name, place.code));
            std::iter::once(line(place.code, "province", place.name, "")).chain(districts)
        });
        table("code,level,name,parent_code,valid_from,valid_to", lines)
    }

    /// The text of `attributes.csv`.
    #[must_use]
    pub fn attributes_csv(&self) -> String {
        let header =
            "institution_id,attribute,value,name,ministry_listed,declared_by,evidence,valid_from,valid_to";
        table(
            header,
            self.attributes.iter().map(|line| {
                let Attribute { attribute, value, name, ministry_listed, valid_from, valid_to, .. } = line;
                vec![
                    self.institutions[line.institution].id.clone(),
                    (*attribute).into(),
                    (*value).into(),
                    (*name).into(),
                    ministry_listed.to_string(),
                    "kế toán".into(),
                    "synthetic".into(),
                    valid_from.to_string(),
                    valid_to.map(|date| date.to_string()).unwrap_or_default(),
                ]
            }),
        )
    }

    /// The text of `connections.csv`: every provider of an identifier but one reports.
    #[must_use]
    pub fn connections_csv(&self) -> String {
        let providers: BTreeSet<_> = self.identifiers.iter().map(|one| one.provider.as_str()).collect();
        let connected = providers.into_iter().filter(|provider| *provider != SILENT_BANK);
        table(
            "provider,state,valid_from,valid_to,evidence",
            connected.map(|provider| {
                [provider, "connected", CONNECTED_SINCE, "", "synthetic"].map(str::to_owned).to_vec()
            }),
        )
    }

    /// The text of `payer_accounts.csv`.
    #[must_use]
    pub fn payer_accounts_csv(&self) -> String {
        table(
            "bank,account,kind,valid_from,valid_to,evidence",
            PAYER_ACCOUNTS.iter().map(|(bank, account, kind, evidence)| {
                [*bank, account, kind, CONNECTED_SINCE, "", evidence].map(str::to_owned).to_vec()
            }),
        )
    }

    /// The text of `successions.csv`.
    #[must_use]
    pub fn successions_csv(&self) -> String {
        let mut lines = Vec::new();
        for place in self.places() {
            let first = self.institutions.iter().position(|one| one.place == place).unwrap_or(0);
            for (position, event) in EVENTS {
                let school = &self.institutions[first + position.min(self.institutions.len() - 1 - first)];
                // Where nothing was mixed, nothing happened.
                let (on, word, to) = match event {
                    Event::Opens(day) => (day, "open", None),
                    Event::Closes(day) => (day, "close", None),
                    Event::MergesInto(heir, day) => (day, "merge", Some(&self.institutions[first + heir].id)),
                };
                let on = BusinessDate::from_days(on);
                if school.valid_from == on || school.valid_to == Some(on) {
                    let to = to.cloned().unwrap_or_default();
                    lines.push(vec![on.to_string(), word.into(), school.id.clone(), to, "synthetic".into()]);
                }
            }
        }
        lines.sort();
        table("on,event,from_institution_id,to_institution_id,evidence", lines.into_iter())
    }

    /// The text of `indicators.csv`; empty but for its header without Đăk Nông of 2022.
    #[must_use]
    pub fn indicators_csv(&self) -> String {
        let is_there =
            self.institutions.iter().any(|one| one.place.prefix == "DN" && one.scope == "extended");
        table(
            "target_id,numerator,denominator,declared_by,evidence,valid_from,valid_to",
            INDICATORS.iter().filter(|_| is_there).map(|(target, numerator, denominator, from, to)| {
                vec![
                    (*target).into(),
                    numerator.to_string(),
                    denominator.to_string(),
                    "Sở Giáo dục và Đào tạo".into(),
                    "synthetic".into(),
                    (*from).into(),
                    (*to).into(),
                ]
            }),
        )
    }
}
