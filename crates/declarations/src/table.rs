//! A file as rows of texts, whether it is CSV or a spreadsheet.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};

use crate::error::Problem;

/// A file of declarations.
#[derive(Debug, Clone, Copy)]
pub struct File<'f> {
    /// What it is called in messages.
    pub name: &'f str,
    /// Its content: CSV in UTF-8 with commas or semicolons, or XLSX, of which the first sheet is read.
    pub bytes: &'f [u8],
}

/// Rows of trimmed texts, each with its number as spreadsheet programs count it.
pub(crate) type Table = Vec<(usize, Vec<String>)>;

const ZIP_MAGIC: &[u8] = b"PK\x03\x04";

impl File<'_> {
    /// # Errors
    /// The row at which reading failed.
    pub(crate) fn table(&self) -> Result<Table, (usize, Problem)> {
        if self.bytes.starts_with(ZIP_MAGIC) { self.sheet() } else { self.lines() }
    }

    fn sheet(&self) -> Result<Table, (usize, Problem)> {
        let unreadable = || (1, Problem::Unreadable);
        let mut workbook = Xlsx::new(Cursor::new(self.bytes)).map_err(|_| unreadable())?;
        let sheet = workbook.worksheet_range_at(0).ok_or_else(unreadable)?.map_err(|_| unreadable())?;
        let first = sheet.start().map_or(0, |(row, _)| usize::try_from(row).unwrap_or(0));
        let rows = sheet.rows().enumerate();
        Ok(rows.map(|(index, cells)| (first + index + 1, cells.iter().map(text).collect())).collect())
    }

    fn lines(&self) -> Result<Table, (usize, Problem)> {
        let text = std::str::from_utf8(self.bytes).map_err(|_| (1, Problem::Unreadable))?;
        // Spreadsheet programs begin UTF-8 files with a byte-order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let header = text.lines().next().unwrap_or_default();
        let delimiter = if header.contains(';') && !header.contains(',') { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .delimiter(delimiter)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let (mut table, mut record, mut place) = (Table::new(), csv::StringRecord::new(), Place::default());
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {
                    let begins = record.position().map_or(0, csv::Position::byte);
                    place.move_to(text, usize::try_from(begins).unwrap_or(0));
                    table.push((place.line, record.iter().map(str::to_owned).collect()));
                }
                Ok(false) => return Ok(table),
                // The reader's own message can quote the row.
                Err(error) => {
                    let line = error.position().map_or_else(|| reader.position().line(), csv::Position::line);
                    return Err((usize::try_from(line).unwrap_or(0), Problem::Unreadable));
                }
            }
        }
    }
}

/// How far a text was looked at. The reader takes the empty lines before a record for a part of it.
struct Place {
    byte: usize,
    line: usize,
}

impl Default for Place {
    fn default() -> Self {
        Self { byte: 0, line: 1 }
    }
}

impl Place {
    /// To the first line at or behind a byte that is not empty.
    fn move_to(&mut self, text: &str, byte: usize) {
        let bytes = text.as_bytes();
        while let Some(next) = bytes.get(self.byte) {
            if self.byte >= byte && !matches!(next, b'\r' | b'\n') {
                return;
            }
            self.line += usize::from(*next == b'\n');
            self.byte += 1;
        }
    }
}

/// What a cell says. Numbers of spreadsheets are fractions by nature; Rust writes a whole one without a point and without
/// an exponent, so that the rule for texts judges it.
fn text(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.trim().to_owned(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::Bool(value) => value.to_string(),
        Data::DateTime(moment) => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+07:00")
        }
    }
}
