//! The kinds of rows, a module each: their columns, how a line is read, written and spoken of.

mod attributes;
mod connections;
mod identifiers;
mod indicators;
mod institutions;
mod payer_accounts;
mod successions;
mod units;

use cashless_domain::IdKey;

use crate::csv_file::Row;
use crate::error::FileName;
use crate::rows::Interval;

/// What all kinds have in common. Rows of one key state all that is known of it.
pub(crate) trait Kept: Clone + PartialEq {
    /// Whose rows they are.
    type Key: Ord + Clone;
    /// Their file.
    const FILE: FileName;
    /// The file's columns, in the order in which they are written.
    const COLUMNS: &'static [&'static str];
    /// Those that a file may lack.
    const OPTIONAL: &'static [&'static str] = &[];

    /// Reads a line. A line with errors has a key, if that much could be read, and no row.
    fn read(line: &mut Row<'_>, key: &IdKey) -> (Option<Self::Key>, Option<Self>);

    /// What stands in the columns.
    fn cells(&self, key: &Self::Key) -> Vec<String>;

    /// When it holds.
    fn valid(&self) -> Interval;

    /// What tells rows apart that may share days.
    fn aspect(&self) -> [&str; 3] {
        [""; 3]
    }

    /// Institutions that have to be there.
    fn institutions<'r>(&'r self, _key: &'r Self::Key) -> [&'r str; 2] {
        [""; 2]
    }

    /// What it is about, for a person.
    fn head(&self, key: &Self::Key) -> String;

    /// What it says, for a person.
    fn detail(&self) -> String;

    /// When, for a person.
    fn days(&self) -> String {
        self.valid().to_string()
    }
}

/// The last two columns of an interval.
fn ends(valid: Interval) -> [String; 2] {
    let to = if valid.to == Interval::OPEN { String::new() } else { valid.to.to_string() };
    [valid.from.to_string(), to]
}

fn truth(yes: bool) -> String {
    if yes { "true" } else { "false" }.to_owned()
}
