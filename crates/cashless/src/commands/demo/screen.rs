//! What a demo shows while it runs: a table that stays in place on a terminal, single lines elsewhere.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use cashless_warehouse::InstitutionTotal;

/// One look at the running system.
pub(crate) struct Look {
    pub(crate) elapsed: Duration,
    pub(crate) answered: u64,
    pub(crate) visible: u64,
    pub(crate) visible_per_second: f64,
    pub(crate) fresh_p50: Duration,
    pub(crate) fresh_p99: Duration,
    pub(crate) fates: Vec<(&'static str, i128, i128)>,
    pub(crate) institutions: Vec<InstitutionTotal>,
}

/// Draws looks on stderr, so that stdout stays for results.
pub(crate) struct Screen {
    in_place: bool,
    lines_drawn: usize,
}

impl Screen {
    pub(crate) fn new() -> Self {
        Self { in_place: std::io::stderr().is_terminal(), lines_drawn: 0 }
    }

    pub(crate) fn say(&mut self, line: &str) {
        self.lines_drawn = 0;
        // A closed stderr is no reason to fail.
        drop(writeln!(std::io::stderr(), "{line}"));
    }

    pub(crate) fn draw(&mut self, look: &Look) {
        let lines = if self.in_place { table(look) } else { vec![line(look)] };
        let mut text = lines.join("\n");
        text.push('\n');
        if self.in_place && self.lines_drawn > 0 {
            // Up to where the last table began, and clear from there.
            text.insert_str(0, &format!("\x1b[{}A\x1b[J", self.lines_drawn));
        }
        self.lines_drawn = lines.len();
        drop(std::io::stderr().write_all(text.as_bytes()));
    }
}

fn line(look: &Look) -> String {
    format!(
        "{:>4} s  {} answered  {} visible  {:.0} events/s  fresh within {} ms (p50) {} ms (p99)",
        look.elapsed.as_secs(),
        look.answered,
        look.visible,
        look.visible_per_second,
        look.fresh_p50.as_millis(),
        look.fresh_p99.as_millis(),
    )
}

fn table(look: &Look) -> Vec<String> {
    let mut lines = vec![
        String::new(),
        format!(
            "  {}   {} s   {} requests answered   {} events visible   {:.0} events/s",
            bold("cashless demo", 0),
            look.elapsed.as_secs(),
            dotted(look.answered.into()),
            dotted(look.visible.into()),
            look.visible_per_second,
        ),
        format!(
            "  received → queryable: p50 {} ms, p99 {} ms",
            look.fresh_p50.as_millis(),
            look.fresh_p99.as_millis()
        ),
        String::new(),
        format!("  {}{:>14}{:>26}", bold("records", 16), "count", "dong"),
    ];
    lines.extend(
        look.fates.iter().map(|(fate, records, dong)| {
            format!("  {fate:<16}{:>14}{:>26}", dotted(*records), dotted(*dong))
        }),
    );
    lines.push(String::new());
    lines.push(format!("  {}{:>10}{:>22}", bold("institutions (cơ sở)", 46), "payments", "net dong"));
    lines.extend(look.institutions.iter().map(|total| {
        let name: String = total.name.chars().take(45).collect();
        let name = if name.is_empty() { &total.institution_id } else { &name };
        format!("  {name:<46}{:>10}{:>22}", dotted(total.payments.into()), dotted(total.net_dong))
    }));
    lines
}

fn bold(words: &str, width: usize) -> String {
    format!("\x1b[1m{words:<width$}\x1b[0m")
}

/// Thousands apart by dots, as Vietnamese readers expect: `1.250.000`.
pub(crate) fn dotted(number: i128) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    if number < 0 { format!("-{grouped}") } else { grouped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart_by_dots() {
        let written: Vec<_> = [0, 999, 1_000, 1_250_000, -45_000].into_iter().map(dotted).collect();
        assert_eq!(written, ["0", "999", "1.000", "1.250.000", "-45.000"]);
    }
}
