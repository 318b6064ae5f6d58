use cashless_domain::{BusinessDate, IdKey};

use super::Kept;
use crate::csv_file::Row;
use crate::error::{FileName, Problem};
use crate::rows::{Interval, SuccessionRow};
use crate::words::SuccessionEvent;

impl Kept for SuccessionRow {
    type Key = String;
    const FILE: FileName = FileName::Successions;
    const COLUMNS: &'static [&'static str] =
        &["on", "event", "from_institution_id", "to_institution_id", "evidence"];

    fn read(line: &mut Row<'_>, _key: &IdKey) -> (Option<String>, Option<Self>) {
        let on = line.date("on");
        let event = line.word("event", SuccessionEvent::ALL, SuccessionEvent::name);
        let from = line.institution("from_institution_id");
        let to_institution_id = event.and_then(|event| match event {
            SuccessionEvent::Merge | SuccessionEvent::Split | SuccessionEvent::ChangeParent => {
                line.institution("to_institution_id")
            }
            SuccessionEvent::Open | SuccessionEvent::Rename | SuccessionEvent::Close => {
                if line.text("to_institution_id").is_empty() {
                    return Some(String::new());
                }
                line.wrong(Problem::NotEmpty { column: "to_institution_id", of: event.name() });
                None
            }
        });
        if from.is_some() && from == to_institution_id {
            line.wrong(Problem::SucceedsItself);
        }
        let evidence = line.text("evidence").to_owned();
        let row = || Some(Self { on: on?, event: event?, to_institution_id: to_institution_id?, evidence });
        (from, row())
    }

    fn cells(&self, key: &String) -> Vec<String> {
        vec![
            self.on.to_string(),
            self.event.name().into(),
            key.clone(),
            self.to_institution_id.clone(),
            self.evidence.clone(),
        ]
    }

    /// The day itself, so that one edge cannot be there twice.
    fn valid(&self) -> Interval {
        Interval { from: self.on, to: BusinessDate::from_days(self.on.days().saturating_add(1)) }
    }

    fn aspect(&self) -> [&str; 3] {
        [self.event.name(), &self.to_institution_id, ""]
    }

    fn institutions<'r>(&'r self, key: &'r String) -> [&'r str; 2] {
        [key, &self.to_institution_id]
    }

    fn head(&self, key: &String) -> String {
        format!("succession of {key}")
    }

    fn detail(&self) -> String {
        format!("{} {}", self.event.name(), self.to_institution_id).trim_end().to_owned()
    }

    fn days(&self) -> String {
        format!("on {}", self.on)
    }
}
