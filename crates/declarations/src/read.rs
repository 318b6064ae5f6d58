use std::collections::BTreeMap;

use cashless_domain::{CashDeclaration, DeclarationSource, ExportedCashless, Method, SourceId, Timestamp};

use crate::columns::{
    CASH_DONG, CASH_N, CASH_REFUNDS_DONG, DECLARED_AT, EXPORTED_DONG, EXPORTED_N, Header, INSTITUTION_ID,
    MONTH, SIGNER_ROLE, SOURCE, VERSION,
};
use crate::error::{FileError, Problem};
use crate::table::File;
use crate::values;

/// The channel of declarations that come by file.
pub const FILE_CHANNEL: &str = "file";

/// A declaration and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The file.
    pub file: String,
    /// The row, the header's being 1.
    pub row: usize,
    /// What it declares, as received now.
    pub declaration: CashDeclaration,
}

/// Reads files whole. `is_institution` says whether the registry knows an id.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn read(
    files: &[File<'_>],
    is_institution: impl Fn(&str) -> bool,
    now: Timestamp,
) -> Result<Vec<Row>, Vec<FileError>> {
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for file in files {
        read_file(file, &is_institution, now, &mut rows, &mut errors);
    }
    repetitions(&rows, &mut errors);
    if errors.is_empty() { Ok(rows) } else { Err(errors) }
}

fn read_file(
    file: &File<'_>,
    is_institution: &impl Fn(&str) -> bool,
    now: Timestamp,
    rows: &mut Vec<Row>,
    errors: &mut Vec<FileError>,
) {
    let mut wrong = |row, problem| errors.push(FileError { file: file.name.to_owned(), row, problem });
    let table = match file.table() {
        Ok(table) => table,
        Err((row, problem)) => return wrong(row, problem),
    };
    let mut lines = table.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()));
    let Some((header_row, header)) = lines.next() else { return wrong(1, Problem::Empty) };
    let header = match Header::read(&header.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(header) => header,
        Err(problems) => return problems.into_iter().for_each(|problem| wrong(header_row, problem)),
    };
    let mut is_empty = true;
    for (row, cells) in lines {
        is_empty = false;
        let mut line = Line { header: &header, cells: &cells, problems: Vec::new() };
        let declaration = line.declaration(is_institution, now);
        match declaration {
            Some(declaration) if line.problems.is_empty() => {
                rows.push(Row { file: file.name.to_owned(), row, declaration });
            }
            _ => line.problems.into_iter().for_each(|problem| wrong(row, problem)),
        }
    }
    if is_empty {
        wrong(header_row, Problem::Empty);
    }
}

/// One row, asked column by column. What is wrong is noted, so that one pass finds all.
struct Line<'l> {
    header: &'l Header,
    cells: &'l [String],
    problems: Vec<Problem>,
}

impl Line<'_> {
    fn text(&self, column: &str) -> &str {
        let place = self.header.place(column);
        place.and_then(|place| self.cells.get(place)).map_or("", String::as_str)
    }

    /// What must be there, read or complained of.
    fn required<T>(
        &mut self,
        column: &'static str,
        read: impl Fn(&str) -> Option<T>,
        problem: Problem,
    ) -> Option<T> {
        let text = self.text(column);
        let problem = if text.is_empty() { Problem::EmptyValue(column) } else { problem };
        let found = read(text);
        if found.is_none() {
            self.problems.push(problem);
        }
        found
    }

    /// A number that may be missing; the outer `None` was complained of.
    fn number(&mut self, column: &'static str) -> Option<Option<i64>> {
        if self.text(column).is_empty() {
            return Some(None);
        }
        self.required(column, values::whole, Problem::NotANumber(column)).map(Some)
    }

    fn declaration(
        &mut self,
        is_institution: &impl Fn(&str) -> bool,
        now: Timestamp,
    ) -> Option<CashDeclaration> {
        let some_text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let institution_id = self.required(INSTITUTION_ID, some_text, Problem::EmptyValue(INSTITUTION_ID));
        let month = self.required(MONTH, values::month, Problem::NotAMonth);
        let source = self.required(SOURCE, values::source, Problem::NotASource);
        let version = |text: &str| values::whole(text).and_then(|number| u32::try_from(number).ok());
        let version = self.required(VERSION, version, Problem::NotANumber(VERSION));
        let cash_n = self.number(CASH_N);
        let cash_dong = self.required(CASH_DONG, values::whole, Problem::NotANumber(CASH_DONG));
        let cash_refunds_dong = self.number(CASH_REFUNDS_DONG);
        let exported = (self.number(EXPORTED_N), self.number(EXPORTED_DONG));
        let signer_role = self.required(SIGNER_ROLE, some_text, Problem::EmptyValue(SIGNER_ROLE));
        let declared_at = self.required(DECLARED_AT, values::time, Problem::NotATime);

        if let Some(id) = institution_id.as_ref().filter(|id| !is_institution(id)) {
            self.problems.push(Problem::UnknownInstitution(id.chars().take(40).collect()));
        }
        if month.is_some_and(|month| month > now.business_date()) {
            self.problems.push(Problem::MonthNotBegun);
        }
        if declared_at.is_some_and(|time| time > now) {
            self.problems.push(Problem::DeclaredInFuture);
        }
        // An empty count is told even where something else is wrong with the row.
        let counts = source.is_some_and(|source| source != DeclarationSource::InvoiceTotal);
        if counts && cash_n == Some(None) && cash_dong.is_none() {
            self.problems.push(cashless_domain::DeclarationProblem::CountMissing.into());
        }
        let exported_cashless = match (exported.0?, exported.1?) {
            (None, None) => Vec::new(),
            (Some(n), Some(dong)) => vec![ExportedCashless { method: Method::Unknown, n, dong }],
            _ => {
                self.problems.push(Problem::HalfExported);
                return None;
            }
        };
        let declaration = CashDeclaration {
            institution_id: institution_id?,
            month: month?,
            source: source?,
            version: version?,
            cash_n: cash_n?,
            cash_dong: cash_dong?,
            cash_refunds_dong: cash_refunds_dong?.unwrap_or(0),
            exported_cashless,
            signer_role: signer_role?,
            declared_at: declared_at?,
            recorded_at: now,
            channel: SourceId::new(FILE_CHANNEL).expect("the name keeps the rules of names"),
        };
        self.problems.extend(declaration.problems().into_iter().map(Problem::from));
        Some(declaration)
    }
}

/// Two rows of one institution, month, source and version, be they equal or not.
fn repetitions(rows: &[Row], errors: &mut Vec<FileError>) {
    let mut known: BTreeMap<_, &Row> = BTreeMap::new();
    for row in rows {
        let CashDeclaration { institution_id, month, source, version, .. } = &row.declaration;
        match known.entry((institution_id, month, source, version)) {
            std::collections::btree_map::Entry::Vacant(place) => drop(place.insert(row)),
            std::collections::btree_map::Entry::Occupied(first) => {
                let Row { file, row: number, .. } = first.get();
                let problem = Problem::Repeated { file: file.clone(), row: *number };
                errors.push(FileError { file: row.file.clone(), row: row.row, problem });
            }
        }
    }
}
