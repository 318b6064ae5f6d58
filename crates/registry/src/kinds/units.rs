use cashless_domain::IdKey;

use super::{Kept, ends};
use crate::csv_file::Row;
use crate::error::{FileName, Problem};
use crate::rows::{Interval, UnitRow};
use crate::words::UnitLevel;

impl Kept for UnitRow {
    type Key = String;
    const FILE: FileName = FileName::Units;
    const COLUMNS: &'static [&'static str] =
        &["code", "level", "name", "parent_code", "valid_from", "valid_to"];

    fn read(line: &mut Row<'_>, _key: &IdKey) -> (Option<String>, Option<Self>) {
        let code = line.required("code");
        let level = line.word("level", UnitLevel::ALL, UnitLevel::name);
        let name = line.required_words("name");
        let parent_code = match level {
            Some(UnitLevel::Province) if !line.text("parent_code").is_empty() => {
                line.wrong(Problem::NotEmpty { column: "parent_code", of: "a province" });
                None
            }
            Some(UnitLevel::Province) | None => Some(line.text("parent_code").to_owned()),
            Some(UnitLevel::District | UnitLevel::Commune) => line.required("parent_code"),
        };
        let valid = line.interval();
        let row = || Some(Self { valid: valid?, level: level?, name: name?, parent_code: parent_code? });
        (code, row())
    }

    fn cells(&self, key: &String) -> Vec<String> {
        let [from, to] = ends(self.valid);
        vec![key.clone(), self.level.name().into(), self.name.clone(), self.parent_code.clone(), from, to]
    }

    fn valid(&self) -> Interval {
        self.valid
    }

    fn head(&self, key: &String) -> String {
        format!("unit {key}")
    }

    fn detail(&self) -> String {
        match self.level {
            UnitLevel::Province => format!("({})", self.name),
            UnitLevel::District | UnitLevel::Commune => {
                format!("({}, part of {})", self.name, self.parent_code)
            }
        }
    }
}
