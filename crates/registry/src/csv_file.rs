//! A CSV file whose header names known columns, in any order.

use std::str::FromStr;

use cashless_domain::{BusinessDate, IdentifierId, holds_private_number};

use crate::error::{FileError, FileName, Place, Problem};
use crate::masking::{is_masked, masked};
use crate::rows::Interval;
use crate::spelling::Spelling;

/// Begins a value that is a digest already, as exported files have it.
const DIGEST: &str = "digest:";

/// What reading finds besides rows.
#[derive(Default)]
pub(crate) struct Findings {
    /// Every error there is.
    pub(crate) errors: Vec<FileError>,
    /// Institutions that lines name, also lines with errors.
    pub(crate) named: Vec<(FileName, Place, String)>,
}

impl Findings {
    pub(crate) fn push(&mut self, file: FileName, place: Place, problem: Problem) {
        self.errors.push(FileError { file, place, problem });
    }
}

/// One row, asked column by column. What is wrong is noted and the row goes on, so that one pass finds all.
pub(crate) struct Row<'r> {
    file: FileName,
    pub(crate) place: Place,
    columns: &'r [&'static str],
    /// Where each known column is in the record; optional ones need not be.
    positions: &'r [Option<usize>],
    record: &'r csv::StringRecord,
    findings: &'r mut Findings,
}

impl Row<'_> {
    pub(crate) fn wrong(&mut self, problem: Problem) {
        self.findings.push(self.file, self.place, problem);
    }

    pub(crate) fn text(&self, column: &'static str) -> &str {
        let index = self.columns.iter().position(|known| *known == column);
        let position = index.and_then(|index| *self.positions.get(index)?);
        position.and_then(|position| self.record.get(position)).unwrap_or_default().trim()
    }

    pub(crate) fn required(&mut self, column: &'static str) -> Option<String> {
        let text = self.text(column).to_owned();
        if text.is_empty() {
            self.wrong(Problem::Empty(column));
            return None;
        }
        Some(text)
    }

    /// A name or a role in people's words, or nothing.
    pub(crate) fn words(&mut self, column: &'static str) -> Option<String> {
        let text = self.text(column).to_owned();
        if holds_private_number(&text) {
            self.wrong(Problem::HoldsNumber(column));
            return None;
        }
        Some(text)
    }

    pub(crate) fn required_words(&mut self, column: &'static str) -> Option<String> {
        self.required(column)?;
        self.words(column)
    }

    pub(crate) fn spelled(&mut self, column: &'static str, spelling: &Spelling) -> Option<String> {
        let text = self.required(column)?;
        self.is_spelled(column, &text, spelling).then_some(text)
    }

    fn is_spelled(&mut self, column: &'static str, text: &str, spelling: &Spelling) -> bool {
        let problem = spelling.problem(column, text);
        let is_spelled = problem.is_none();
        if let Some(problem) = problem {
            self.wrong(problem);
        }
        is_spelled
    }

    /// The id of an institution, which has to exist.
    pub(crate) fn institution(&mut self, column: &'static str) -> Option<String> {
        let id = self.required(column)?;
        self.findings.named.push((self.file, self.place, id.clone()));
        Some(id)
    }

    pub(crate) fn optional_institution(&mut self, column: &'static str) -> String {
        if self.text(column).is_empty() {
            return String::new();
        }
        self.institution(column).unwrap_or_default()
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

    pub(crate) fn truth(&mut self, column: &'static str) -> Option<bool> {
        self.word(column, &[true, false], |yes| if yes { "true" } else { "false" })
    }

    /// Nothing is zero.
    pub(crate) fn number<T: FromStr + Default>(&mut self, column: &'static str) -> Option<T> {
        if self.text(column).is_empty() { Some(T::default()) } else { self.required_number(column) }
    }

    pub(crate) fn required_number<T: FromStr>(&mut self, column: &'static str) -> Option<T> {
        let number = self.text(column).parse().ok();
        if number.is_none() {
            self.wrong(Problem::NotANumber(column));
        }
        number
    }

    /// A value that is kept as its digest and a masked tail. Exported files have both already. Without a spelling nobody
    /// knows how it is spelled.
    pub(crate) fn pseudonym(
        &mut self,
        column: &'static str,
        spelling: Option<&Spelling>,
        digest: impl FnOnce(&str) -> Option<IdentifierId>,
    ) -> Option<(Option<IdentifierId>, String)> {
        let value = self.required(column)?;
        let Some(hexadecimal) = value.strip_prefix(DIGEST) else {
            let is_fit = spelling.is_none_or(|spelling| self.is_spelled(column, &value, spelling));
            return is_fit.then(|| (digest(&value), masked(&value)));
        };
        let identifier = from_hexadecimal(hexadecimal);
        if identifier.is_none() {
            self.wrong(Problem::NotADigest(column));
        }
        let tail = match self.text("tail") {
            "" => masked(""),
            tail => tail.to_owned(),
        };
        if !is_masked(&tail) {
            self.wrong(Problem::NotATail);
        }
        identifier.filter(|_| is_masked(&tail)).map(|identifier| (Some(identifier), tail))
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

    pub(crate) fn date(&mut self, column: &'static str) -> Option<BusinessDate> {
        let text = self.text(column);
        // Other spellings of ISO 8601 would be read too, but a person should see one only.
        let date = if text.len() == 10 { BusinessDate::parse(text).ok() } else { None };
        if date.is_none() {
            self.wrong(Problem::NotADate(column));
        }
        date
    }
}

fn from_hexadecimal(text: &str) -> Option<IdentifierId> {
    let digits = text.as_bytes();
    if digits.len() != 32 || !digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    u128::from_str_radix(text, 16).ok().map(|number| IdentifierId(number.to_be_bytes()))
}

/// Gives every row of a file to `take`; says whether the header was fit for it. `optional` are those of the `columns`
/// that may be missing.
pub(crate) fn for_each_row(
    file: FileName,
    text: &[u8],
    columns: &[&'static str],
    optional: &[&'static str],
    findings: &mut Findings,
    mut take: impl FnMut(&mut Row<'_>),
) -> bool {
    // Spreadsheet programs begin UTF-8 files with a byte-order mark.
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().from_reader(text);
    let Ok(header) = reader.headers().cloned() else {
        findings.push(file, Place::Line(1), Problem::Unreadable);
        return false;
    };
    if is_of_semicolons(&header) {
        findings.push(file, Place::Line(1), Problem::Semicolons);
        return false;
    }
    let Some(positions) = positions(file, &header, columns, optional, findings) else { return false };
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return true,
            Ok(true) => {
                let place = Place::Line(line_of(text, record.position()));
                take(&mut Row { file, place, columns, positions: &positions, record: &record, findings });
            }
            // The reader's own message can quote the row.
            Err(error) => {
                let line = line_of(text, Some(error.position().unwrap_or(reader.position())));
                findings.push(file, Place::Line(line), Problem::Unreadable);
            }
        }
    }
}

/// The line on which a record of a text begins, 0 if that is not known. The reader takes the ends of lines before it for a part of it, where those
/// have two characters or where lines are empty.
pub(crate) fn line_of(text: &[u8], position: Option<&csv::Position>) -> u64 {
    let Some(position) = position else { return 0 };
    let rest = usize::try_from(position.byte()).ok().and_then(|byte| text.get(byte..)).unwrap_or_default();
    let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    ends.fold(position.line(), |line, byte| line + u64::from(*byte == b'\n'))
}

/// Whether the header is one column with semicolons in its name.
pub(crate) fn is_of_semicolons(header: &csv::StringRecord) -> bool {
    header.len() == 1 && header[0].contains(';')
}

fn positions(
    file: FileName,
    header: &csv::StringRecord,
    columns: &[&'static str],
    optional: &[&'static str],
    findings: &mut Findings,
) -> Option<Vec<Option<usize>>> {
    let before = findings.errors.len();
    let mut wrong = |problem| findings.push(file, Place::Line(1), problem);
    for name in header {
        if !columns.contains(&name.trim()) {
            wrong(Problem::UnknownColumn(name.trim().to_owned()));
        }
    }
    let mut positions = Vec::with_capacity(columns.len());
    for column in columns {
        let mut found = (0..header.len()).filter(|position| header[*position].trim() == *column);
        let position = found.next();
        if position.is_none() && !optional.contains(column) {
            wrong(Problem::MissingColumn(column));
        }
        positions.push(position);
        if found.next().is_some() {
            wrong(Problem::RepeatedColumn(column));
        }
    }
    (findings.errors.len() == before).then_some(positions)
}
