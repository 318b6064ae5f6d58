//! The columns and the names they go by.

use cashless_domain::without_accents;

use crate::error::Problem;

/// A column, its names without accents, and whether a file has to have it. The first name is the one in messages.
struct Column {
    names: &'static [&'static str],
    is_required: bool,
}

const fn required(names: &'static [&'static str]) -> Column {
    Column { names, is_required: true }
}

const fn optional(names: &'static [&'static str]) -> Column {
    Column { names, is_required: false }
}

pub(crate) const INSTITUTION_ID: &str = "institution_id";
pub(crate) const MONTH: &str = "month";
pub(crate) const SOURCE: &str = "source";
pub(crate) const VERSION: &str = "version";
pub(crate) const CASH_N: &str = "cash_n";
pub(crate) const CASH_DONG: &str = "cash_dong";
pub(crate) const CASH_REFUNDS_DONG: &str = "cash_refunds_dong";
pub(crate) const EXPORTED_N: &str = "exported_cashless_n";
pub(crate) const EXPORTED_DONG: &str = "exported_cashless_dong";
pub(crate) const SIGNER_ROLE: &str = "signer_role";
pub(crate) const DECLARED_AT: &str = "declared_at";

/// The names are in `deploy/README.md`, too.
const COLUMNS: [Column; 11] = [
    required(&[INSTITUTION_ID, "ma co so", "ma don vi"]),
    required(&[MONTH, "thang"]),
    required(&[SOURCE, "nguon"]),
    required(&[VERSION, "phien ban", "lan khai"]),
    required(&[CASH_N, "so phieu thu"]),
    required(&[CASH_DONG, "tien mat", "so tien mat"]),
    optional(&[CASH_REFUNDS_DONG, "hoan tra tien mat"]),
    optional(&[EXPORTED_N, "so giao dich khong dung tien mat"]),
    optional(&[EXPORTED_DONG, "so tien khong dung tien mat"]),
    required(&[SIGNER_ROLE, "chuc vu"]),
    required(&[DECLARED_AT, "ngay khai", "ngay khai bao"]),
];

/// Where each column is.
pub(crate) struct Header(Vec<(&'static str, usize)>);

impl Header {
    pub(crate) fn read(cells: &[&str]) -> Result<Self, Vec<Problem>> {
        let (mut places, mut problems) = (Vec::new(), Vec::new());
        for (place, cell) in cells.iter().enumerate() {
            let plain = without_accents(cell).to_lowercase();
            let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
            // Spreadsheets end in columns without a word.
            if plain.is_empty() {
                continue;
            }
            match COLUMNS.iter().find(|column| column.names.contains(&plain.as_str())) {
                None => problems.push(Problem::UnknownColumn(cell.trim().chars().take(40).collect())),
                Some(Column { names, .. }) if places.iter().any(|(known, _)| *known == names[0]) => {
                    problems.push(Problem::RepeatedColumn(names[0]));
                }
                Some(Column { names, .. }) => places.push((names[0], place)),
            }
        }
        let missing = COLUMNS.iter().filter(|column| {
            column.is_required && !places.iter().any(|(known, _)| *known == column.names[0])
        });
        problems.extend(missing.map(|column| Problem::MissingColumn(column.names[0])));
        if problems.is_empty() { Ok(Self(places)) } else { Err(problems) }
    }

    pub(crate) fn place(&self, column: &str) -> Option<usize> {
        self.0.iter().find(|(known, _)| *known == column).map(|(_, place)| *place)
    }
}
