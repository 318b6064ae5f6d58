//! What a demo shows: while it runs, a picture that stays in place on a terminal, single lines elsewhere; its results at
//! the end.

use std::io::{IsTerminal, Write as _};
use std::time::{Duration, Instant};

use cashless_domain::RecordFate;
use cashless_warehouse::InstitutionTotal;

use crate::telemetry::{print, say_error};

const WITHOUT_TERMINAL: usize = 160;
const BAR_WIDTH: usize = 40;
/// How often a bar is a line of its own where nothing stays in place.
const BAR_LINE_EVERY: Duration = Duration::from_secs(5);

/// A colour that means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    Green,
    Red,
    Yellow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Bold,
    Faint,
    Coloured(Colour),
}

/// A line whose pieces know how they look; they look so on a terminal only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line(Vec<(Style, String)>);

impl Line {
    pub(super) fn new() -> Self {
        Self::default()
    }

    fn with(mut self, style: Style, text: &str) -> Self {
        self.0.push((style, text.to_owned()));
        self
    }

    pub(super) fn plain(self, text: &str) -> Self {
        self.with(Style::Plain, text)
    }

    pub(super) fn bold(self, text: &str) -> Self {
        self.with(Style::Bold, text)
    }

    pub(super) fn faint(self, text: &str) -> Self {
        self.with(Style::Faint, text)
    }

    pub(super) fn coloured(self, text: &str, colour: Colour) -> Self {
        self.with(Style::Coloured(colour), text)
    }

    /// Without any looks.
    pub(super) fn text(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// At most `width` characters, with looks.
    fn styled(&self, width: usize) -> String {
        let mut out = String::new();
        let mut left = width;
        for (style, text) in &self.0 {
            let clipped: String = text.chars().take(left).collect();
            left -= clipped.chars().count();
            let code = match style {
                Style::Plain => {
                    out.push_str(&clipped);
                    continue;
                }
                Style::Bold => "1",
                Style::Faint => "2",
                Style::Coloured(Colour::Green) => "32",
                Style::Coloured(Colour::Red) => "31",
                Style::Coloured(Colour::Yellow) => "33",
            };
            out.push_str(&format!("\x1b[{code}m{clipped}\x1b[0m"));
        }
        out
    }
}

/// One look at the running system.
#[derive(Default)]
pub(super) struct Look {
    pub(super) elapsed: Duration,
    pub(super) day: String,
    pub(super) answered: u64,
    pub(super) visible: u64,
    pub(super) visible_per_second: f64,
    pub(super) fresh_p50: Duration,
    pub(super) fresh_p99: Duration,
    pub(super) fates: Vec<(RecordFate, i128, i128)>,
    pub(super) institutions: Vec<InstitutionTotal>,
    /// The plans' tables and what their signs mean.
    pub(super) targets: Vec<Line>,
}

/// Where results are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Results {
    Stdout,
    /// Where standard output is for machines.
    Stderr,
}

/// Draws looks on stderr, and says results where they belong.
pub(crate) struct Screen {
    in_place: bool,
    lines_drawn: usize,
    bar_said_at: Option<Instant>,
    results: Results,
}

impl Screen {
    pub(crate) fn new(results: Results) -> Self {
        let in_place = std::io::stderr().is_terminal();
        Self { in_place, lines_drawn: 0, bar_said_at: None, results }
    }

    /// Whether pictures stay in place.
    pub(super) fn is_in_place(&self) -> bool {
        self.in_place
    }

    /// Columns there are.
    pub(super) fn width(&self) -> usize {
        self.size().0
    }

    /// Columns there are for results.
    pub(super) fn results_width(&self) -> usize {
        match self.results {
            Results::Stdout => size_of(&std::io::stdout()).0,
            Results::Stderr => self.width(),
        }
    }

    fn size(&self) -> (usize, usize) {
        size_of(&std::io::stderr())
    }

    pub(crate) fn say(&mut self, line: &str) {
        self.lines_drawn = 0;
        say_error(line);
    }

    /// A line of what the demo came to.
    pub(super) fn result(&mut self, line: &str) {
        match self.results {
            Results::Stdout => print(line),
            Results::Stderr => self.say(line),
        }
    }

    /// Says lines that stay.
    pub(super) fn say_lines(&mut self, lines: &[Line]) {
        let width = self.width();
        for line in lines {
            let text = if self.in_place { line.styled(width) } else { line.text() };
            self.say(&text);
        }
    }

    /// What was drawn last stays where it is.
    pub(super) fn keep(&mut self) {
        self.lines_drawn = 0;
    }

    /// How far something is that has an end.
    pub(super) fn bar(&mut self, what: &str, done: u64, of: u64) {
        if self.in_place {
            let filled = usize::try_from(done * BAR_WIDTH as u64 / of.max(1)).unwrap_or(0).min(BAR_WIDTH);
            let bar = format!("{}{}", "█".repeat(filled), "░".repeat(BAR_WIDTH - filled));
            self.replace(&[Line::new().plain(&format!("  {bar}  {what}"))]);
        } else if self.bar_said_at.is_none_or(|at| at.elapsed() >= BAR_LINE_EVERY) || done >= of {
            self.bar_said_at = Some(Instant::now());
            self.say(&format!("  {what}"));
        }
    }

    /// The last look as a result, whole, in the place of the last picture.
    pub(super) fn conclude(&mut self, look: &Look) {
        if self.in_place {
            self.replace(&[]);
        }
        let width = self.results_width();
        let has_looks = match self.results {
            Results::Stdout => std::io::stdout().is_terminal(),
            Results::Stderr => self.in_place,
        };
        for line in figures(look) {
            let text = if has_looks { line.styled(width) } else { line.text() };
            self.result(text.trim_end());
        }
    }

    pub(super) fn draw(&mut self, look: &Look) {
        if self.in_place {
            self.replace(&picture(look));
        } else {
            self.say(&summary(look));
        }
    }

    /// Draws over what was drawn last, no more than the terminal has room for.
    fn replace(&mut self, lines: &[Line]) {
        let (width, height) = self.size();
        let shown = &lines[..lines.len().min(height.saturating_sub(1))];
        let mut text = String::new();
        if self.lines_drawn > 0 {
            // Up to where the last picture began, and clear from there.
            text.push_str(&format!("\x1b[{}A\x1b[J", self.lines_drawn));
        }
        for line in shown {
            text.push_str(&line.styled(width));
            text.push('\n');
        }
        self.lines_drawn = shown.len();
        drop(std::io::stderr().write_all(text.as_bytes()));
    }
}

/// Columns and rows of a terminal; elsewhere as many as are needed.
fn size_of(stream: &(impl std::os::fd::AsFd + IsTerminal)) -> (usize, usize) {
    let size = rustix::termios::tcgetwinsize(stream).ok().filter(|size| size.ws_col > 0);
    match size {
        Some(size) if stream.is_terminal() => (size.ws_col.into(), size.ws_row.into()),
        _ => (WITHOUT_TERMINAL, usize::MAX),
    }
}

fn summary(look: &Look) -> String {
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

fn picture(look: &Look) -> Vec<Line> {
    let mut lines = vec![
        Line::new(),
        Line::new().bold("  cashless demo").plain(&format!(
            "   phát lại ngày {}   {} giây   {} yêu cầu đã trả lời   {} sự kiện vào số liệu ({:.0}/giây), độ trễ: p50 {} ms, \
             p99 {} ms",
            look.day,
            look.elapsed.as_secs(),
            dotted(look.answered.into()),
            dotted(look.visible.into()),
            look.visible_per_second,
            look.fresh_p50.as_millis(),
            look.fresh_p99.as_millis(),
        )),
        Line::new(),
    ];
    lines.extend(figures(look));
    lines
}

/// The targets, and below them what became of the records, and who received most.
fn figures(look: &Look) -> Vec<Line> {
    let mut lines = look.targets.clone();
    lines.push(Line::new());
    lines.extend(beside(&fates(look), &institutions(look)));
    lines.push(Line::new().faint(
        "  Loại trừ có thể nhiều đồng hơn ghi nhận: ngân sách, quỹ BHYT, tiền quyết toán gộp… là những khoản lớn, không phải \
         tiền người nộp trả.",
    ));
    lines
}

fn fates(look: &Look) -> Vec<Line> {
    let row = |fate: &str, in_vietnamese: &str, records: &str, dong: &str| {
        format!("  {in_vietnamese:<21}{fate:<12}{records:>11}{dong:>20}")
    };
    let mut lines = vec![Line::new().bold(&row("mã", "bản ghi", "số lượng", "đồng"))];
    lines.extend(look.fates.iter().map(|(fate, records, dong)| {
        Line::new().plain(&row(fate.name(), in_vietnamese(*fate), &dotted(*records), &dotted(*dong)))
    }));
    lines
}

fn in_vietnamese(fate: RecordFate) -> &'static str {
    match fate {
        RecordFate::Counted => "ghi nhận",
        RecordFate::Refunded => "hoàn tiền",
        RecordFate::Merged => "trùng, đã gộp",
        RecordFate::Voided => "đã hủy",
        RecordFate::Excluded => "loại trừ",
        RecordFate::Unsettled => "chưa thu được tiền",
    }
}

fn institutions(look: &Look) -> Vec<Line> {
    let mut lines =
        vec![Line::new().bold(&format!(
            "     {:<44}{:>12}{:>20}",
            "cơ sở thu nhiều nhất", "giao dịch", "đồng, đã trừ hoàn"
        ))];
    lines.extend(look.institutions.iter().map(|total| {
        // Hospitals of two provinces may bear one name.
        let name = format!("{} {}", total.institution_id, total.name);
        let name: String = name.chars().take(43).collect();
        Line::new().plain(&format!(
            "     {name:<44}{:>12}{:>20}",
            dotted(total.payments.into()),
            dotted(total.net_dong)
        ))
    }));
    lines
}

/// Two blocks side by side.
fn beside(left: &[Line], right: &[Line]) -> Vec<Line> {
    let width = left.iter().map(|line| line.text().chars().count()).max().unwrap_or(0);
    (0..left.len().max(right.len()))
        .map(|at| {
            let mut line = left.get(at).cloned().unwrap_or_default();
            let missing = width - line.text().chars().count();
            line = line.plain(&" ".repeat(missing));
            line.0.extend(right.get(at).cloned().unwrap_or_default().0);
            line
        })
        .collect()
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

    #[test]
    fn a_line_is_cut_where_the_terminal_ends_and_its_looks_end_with_it() {
        let line = Line::new().plain("abc").coloured("đạt", Colour::Green);
        assert_eq!(line.styled(5), "abc\x1b[32mđạ\x1b[0m");
        assert_eq!(line.text(), "abcđạt");
    }

    #[test]
    fn blocks_stand_side_by_side_whatever_their_heights() {
        let block = |texts: &[&str]| texts.iter().map(|text| Line::new().plain(text)).collect::<Vec<_>>();
        let both = beside(&block(&["a"]), &block(&["x", "y"]));
        let texts: Vec<_> = both.iter().map(Line::text).collect();
        assert_eq!(texts, ["ax", " y"]);
    }
}
