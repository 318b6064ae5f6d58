use cashless_domain::IdKey;

use super::{Kept, ends};
use crate::csv_file::Row;
use crate::error::FileName;
use crate::rows::{ConnectionRow, Interval};
use crate::words::ConnectionState;

impl Kept for ConnectionRow {
    type Key = String;
    const FILE: FileName = FileName::Connections;
    const COLUMNS: &'static [&'static str] = &["provider", "state", "valid_from", "valid_to", "evidence"];

    fn read(line: &mut Row<'_>, _key: &IdKey) -> (Option<String>, Option<Self>) {
        let provider = line.required("provider");
        let state = line.word("state", ConnectionState::ALL, ConnectionState::name);
        let valid = line.interval();
        let evidence = line.text("evidence").to_owned();
        let row = || Some(Self { valid: valid?, state: state?, evidence });
        (provider, row())
    }

    fn cells(&self, key: &String) -> Vec<String> {
        let [from, to] = ends(self.valid);
        vec![key.clone(), self.state.name().into(), from, to, self.evidence.clone()]
    }

    fn valid(&self) -> Interval {
        self.valid
    }

    fn head(&self, key: &String) -> String {
        format!("connection of {key}")
    }

    fn detail(&self) -> String {
        self.state.name().to_owned()
    }
}
