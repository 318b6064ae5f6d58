//! A CSV file whose header names known columns, in any order.

use cashless_domain::BusinessDate;

use crate::error::{FileError, FileName, Problem};
use crate::rows::Interval;

/// Collects every error there is.
pub(crate) struct Errors {
    pub(crate) found: Vec<FileError>,
}

impl Errors {
    pub(crate) fn push(&mut self, file: FileName, line: u64, problem: Problem) {
        self.found.push(FileError { file, line, problem });
    }
}

/// One row, asked column by column. What is wrong is noted and a stand-in returned, so that one pass finds all.
pub(crate) struct Row<'r> {
    file: FileName,
    pub(crate) line: u64,
    columns: &'r [&'static str],
    /// Where each known column is in the record; optional ones need not be.
    positions: &'r [Option<usize>],
    record: &'r csv::StringRecord,
    errors: &'r mut Errors,
}

impl Row<'_> {
    pub(crate) fn wrong(&mut self, problem: Problem) {
        self.errors.push(self.file, self.line, problem);
    }

    pub(crate) fn text(&self, column: &'static str) -> &str {
        let index = self.columns.iter().position(|known| *known == column);
        let position = index.and_then(|index| *self.positions.get(index)?);
        position.and_then(|position| self.record.get(position)).unwrap_or_default().trim()
    }

    pub(crate) fn required(&mut self, column: &'static str) -> String {
        let text = self.text(column).to_owned();
        if text.is_empty() {
            self.wrong(Problem::Empty(column));
        }
        text
    }

    pub(crate) fn word<T: Copy>(
        &mut self,
        column: &'static str,
        all: &'static [T],
        name: fn(T) -> &'static str,
    ) -> Option<T> {
        let found = all.iter().copied().find(|word| name(*word) == self.text(column));
        if found.is_none() {
            let expected = all.iter().map(|word| name(*word)).collect::<Vec<_>>().join(", ");
            self.wrong(Problem::NotAWord { column, expected });
        }
        found
    }

    pub(crate) fn number(&mut self, column: &'static str) -> u32 {
        match self.text(column) {
            "" => 0,
            text => text.parse().unwrap_or_else(|_| {
                self.wrong(Problem::NotANumber(column));
                0
            }),
        }
    }

    pub(crate) fn interval(&mut self) -> Option<Interval> {
        let from = self.date("valid_from");
        let to = if self.text("valid_to").is_empty() { Some(Interval::OPEN) } else { self.date("valid_to") };
        let interval = Interval { from: from?, to: to? };
        if interval.from < interval.to {
            return Some(interval);
        }
        self.wrong(Problem::EmptyInterval);
        None
    }

    fn date(&mut self, column: &'static str) -> Option<BusinessDate> {
        let text = self.text(column);
        // Other spellings of ISO 8601 would be read too, but a person should see one only.
        let date = if text.len() == 10 { BusinessDate::parse(text).ok() } else { None };
        if date.is_none() {
            self.wrong(Problem::NotADate(column));
        }
        date
    }
}

/// Gives every row of a file to `take`. `optional` are those of the `columns` that may be missing.
pub(crate) fn for_each_row(
    file: FileName,
    text: &str,
    columns: &[&'static str],
    optional: &[&'static str],
    errors: &mut Errors,
    mut take: impl FnMut(&mut Row<'_>),
) {
    // Spreadsheet programs begin UTF-8 files with a byte-order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let Ok(header) = reader.headers().cloned() else {
        errors.push(file, 1, Problem::Unreadable);
        return;
    };
    let Some(positions) = positions(file, &header, columns, optional, errors) else { return };
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return,
            Ok(true) => {
                let line = record.position().map_or(0, csv::Position::line);
                take(&mut Row { file, line, columns, positions: &positions, record: &record, errors });
            }
            // The reader's own message can quote the row.
            Err(error) => {
                let line = error.position().map_or_else(|| reader.position().line(), csv::Position::line);
                errors.push(file, line, Problem::Unreadable);
            }
        }
    }
}

fn positions(
    file: FileName,
    header: &csv::StringRecord,
    columns: &[&'static str],
    optional: &[&'static str],
    errors: &mut Errors,
) -> Option<Vec<Option<usize>>> {
    let before = errors.found.len();
    for name in header {
        if !columns.contains(&name.trim()) {
            errors.push(file, 1, Problem::UnknownColumn(name.trim().to_owned()));
        }
    }
    let mut positions = Vec::with_capacity(columns.len());
    for column in columns {
        let mut found = (0..header.len()).filter(|position| header[*position].trim() == *column);
        let position = found.next();
        if position.is_none() && !optional.contains(column) {
            errors.push(file, 1, Problem::MissingColumn(column));
        }
        positions.push(position);
        if found.next().is_some() {
            errors.push(file, 1, Problem::RepeatedColumn(column));
        }
    }
    (errors.found.len() == before).then_some(positions)
}
