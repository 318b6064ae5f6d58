use cashless_domain::IdKey;

use super::{Kept, ends};
use crate::csv_file::Row;
use crate::error::{FileName, Problem};
use crate::rows::{IndicatorRow, Interval};

impl Kept for IndicatorRow {
    type Key = String;
    const FILE: FileName = FileName::Indicators;
    const COLUMNS: &'static [&'static str] =
        &["target_id", "numerator", "denominator", "declared_by", "evidence", "valid_from", "valid_to"];

    fn read(line: &mut Row<'_>, _key: &IdKey) -> (Option<String>, Option<Self>) {
        let target = line.required("target_id");
        let (numerator, denominator) =
            (line.required_number("numerator"), line.required_number("denominator"));
        let is_part = is_part(line, numerator, denominator);
        let valid = line.interval();
        let declared_by = line.words("declared_by");
        let evidence = line.text("evidence").to_owned();
        let row = || {
            is_part.then_some(())?;
            Some(Self {
                valid: valid?,
                numerator: numerator?,
                denominator: denominator?,
                declared_by: declared_by?,
                evidence,
            })
        };
        (target, row())
    }

    fn cells(&self, key: &String) -> Vec<String> {
        let [from, to] = ends(self.valid);
        vec![
            key.clone(),
            self.numerator.to_string(),
            self.denominator.to_string(),
            self.declared_by.clone(),
            self.evidence.clone(),
            from,
            to,
        ]
    }

    fn valid(&self) -> Interval {
        self.valid
    }

    fn head(&self, key: &String) -> String {
        format!("indicator {key}")
    }

    fn detail(&self) -> String {
        format!("{} of {} (declared by {})", self.numerator, self.denominator, self.declared_by)
    }
}

/// Numbers that are none are told already.
fn is_part(line: &mut Row<'_>, numerator: Option<u64>, denominator: Option<u64>) -> bool {
    let (Some(numerator), Some(denominator)) = (numerator, denominator) else { return true };
    let problem = match denominator {
        0 => Problem::OfNothing,
        _ if numerator > denominator => Problem::MoreThanAll,
        _ => return true,
    };
    line.wrong(problem);
    false
}
