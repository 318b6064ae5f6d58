//! The targets as a demo shows them: a table a plan, in the words of the officials who read it.

use cashless_evaluation::Plan;
use cashless_warehouse::TargetNow;

use super::screen::{Colour, Line, dotted};

/// What stands beside a figure, in the order of its columns.
const HEADINGS: [(&str, usize); 11] = [
    ("tử số", 15),
    ("mẫu số", 15),
    ("tỷ lệ %", 8),
    ("từ đầu", 7),
    ("cận dưới", 8),
    ("cận trên", 9),
    ("ngưỡng", 7),
    ("độ phủ kê khai", 20),
    ("kết luận", 15),
    ("cần đạt", 8),
    ("dự báo", 8),
];
/// Columns that are left out one after the other where there is no room, the last ones first.
const DISPENSABLE: [usize; 3] = [10, 9, 3];
const ID_WIDTH: usize = 12;
const TITLE_WIDTH: (usize, usize) = (24, 58);
const PAIR: &str = "pair";
/// The position of the verdict among the columns.
const VERDICT: usize = 8;

/// A plan's table at one moment.
pub(super) struct Table<'a> {
    pub(super) plan: &'a Plan,
    pub(super) now: &'a [TargetNow],
    /// How the targets stood when the demo began.
    pub(super) before: &'a [TargetNow],
}

impl Table<'_> {
    /// The table in lines of at most `width` characters.
    pub(super) fn lines(&self, width: usize) -> Vec<Line> {
        let columns = columns(width);
        let numbers: usize = columns.iter().map(|at| HEADINGS[*at].1 + 1).sum();
        let title = (width.saturating_sub(numbers + ID_WIDTH + 4)).clamp(TITLE_WIDTH.0, TITLE_WIDTH.1);
        let mut heading = Line::new().bold(&format!("  {}", pad(&self.plan.id, ID_WIDTH)));
        heading = heading.bold(&format!(" {}", pad("chỉ tiêu", title)));
        for at in &columns {
            let (name, width) = HEADINGS[*at];
            heading = heading.bold(&format!(" {}", pad_left(name, width)));
        }
        let mut lines =
            vec![Line::new().bold(&format!("  {}", clip(&self.plan.title_vi, width - 3))), heading];
        for id in self.ids() {
            if let Some(row) = find(self.now, &id) {
                lines.push(self.row(row, &columns, title));
            }
        }
        lines
    }

    /// In the order of the plan, a pair below its last member.
    fn ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        for target in &self.plan.targets {
            ids.push(target.id.clone());
            let pairs = self.plan.pairs.iter().filter(|pair| pair.all_of.last() == Some(&target.id));
            ids.extend(pairs.map(|pair| pair.id.clone()));
        }
        ids
    }

    fn title(&self, row: &TargetNow) -> String {
        let targets = self.plan.targets.iter().map(|target| (&target.id, &target.title_vi));
        let pairs = self.plan.pairs.iter().map(|pair| (&pair.id, &pair.title_vi));
        let title = targets.chain(pairs).find(|(id, _)| **id == row.target_id).map_or("", |(_, title)| title);
        // As officials shorten it.
        title.replace("thanh toán không dùng tiền mặt", "TTKDTM").replace("không dùng tiền mặt", "KDTM")
    }

    fn row(&self, row: &TargetNow, columns: &[usize], title_width: usize) -> Line {
        if row.row_kind == PAIR {
            return self.pair(row, columns, title_width);
        }
        let mut line = Line::new()
            .plain(&format!("  {}", pad(&row.target_id, ID_WIDTH)))
            .plain(&format!(" {}", pad(&self.title(row), title_width)));
        for at in columns {
            let width = HEADINGS[*at].1;
            let cell = format!(" {}", pad_left(&self.cell(row, *at), width));
            line =
                if *at == VERDICT { line.coloured(&cell, colour(&row.verdict)) } else { line.plain(&cell) };
        }
        line
    }

    /// A pair has a verdict and no figures: its title takes their room.
    fn pair(&self, row: &TargetNow, columns: &[usize], title_width: usize) -> Line {
        let before = columns.iter().filter(|at| **at < VERDICT);
        let width = title_width + before.map(|at| HEADINGS[*at].1 + 1).sum::<usize>();
        let verdict = format!(" {}", pad_left(verdict(&row.verdict), HEADINGS[VERDICT].1));
        Line::new()
            .plain(&format!(
                "  {} {}",
                pad(&format!("└ {}", row.target_id), ID_WIDTH),
                pad(&self.title(row), width)
            ))
            .coloured(&verdict, colour(&row.verdict))
    }

    fn cell(&self, row: &TargetNow, column: usize) -> String {
        let number = |part: Option<i128>| part.map_or("–".to_owned(), dotted);
        let or_dash = |text: &str| if text.is_empty() { "–".to_owned() } else { comma(text) };
        match column {
            0 => number(row.observed.map(|(numerator, _)| numerator)),
            1 => number(row.observed.map(|(_, denominator)| denominator)),
            2 if row.display.is_empty() => "chưa có".to_owned(),
            2 => comma(&row.display),
            3 => find(self.before, &row.target_id).map_or(String::new(), |before| moved(before, row)),
            4 => or_dash(&row.low_display),
            5 => format!("{}{}", or_dash(&row.high_display), if row.high_is_open { "↑" } else { "" }),
            6 => threshold(row),
            7 => coverage(row),
            VERDICT => verdict(&row.verdict).to_owned(),
            // No share is above 100%: it cannot be made up for any more.
            9 if is_above_hundred(&row.required_display) => "trên 100".to_owned(),
            9 => or_dash(&row.required_display),
            _ => or_dash(&row.projected_display),
        }
    }
}

/// What the signs in the tables mean.
pub(super) fn legend(today: &str, months_left: u16) -> Vec<Line> {
    [
        format!(
            "  Số liệu lũy kế từ 01/01/2022 đến {today}, còn {months_left} tháng chưa kết thúc: kết luận là \"tính đến nay\". \
             Tử số, mẫu số: cơ sở, giao dịch, hoặc đồng (chỉ tiêu giá trị)."
        ),
        "  Cận dưới: tháng thiếu kê khai tính theo cùng kỳ năm trước hoặc mức P90; cận trên: coi như không thu tiền mặt; \
         ↑ có tài khoản ở tổ chức chưa kết nối nên chưa chặn được."
            .to_owned(),
        "  Độ phủ: số cơ sở kê khai đủ / tổng (% theo số người học, lượt khám; dưới 90% là sơ bộ). Cần đạt: % ở \
         các tháng còn lại; dự báo: % cả năm theo nhịp 3 tháng gần nhất đã kết thúc."
            .to_owned(),
    ]
    .into_iter()
    .map(|text| Line::new().faint(&text))
    .collect()
}

fn columns(width: usize) -> Vec<usize> {
    let mut columns: Vec<usize> = (0..HEADINGS.len()).collect();
    for dispensable in DISPENSABLE {
        let numbers: usize = columns.iter().map(|at| HEADINGS[*at].1 + 1).sum();
        if numbers + ID_WIDTH + TITLE_WIDTH.0 + 4 <= width {
            break;
        }
        columns.retain(|at| *at != dispensable);
    }
    columns
}

fn find<'r>(rows: &'r [TargetNow], id: &str) -> Option<&'r TargetNow> {
    rows.iter().find(|row| row.target_id == id)
}

fn threshold(row: &TargetNow) -> String {
    let (numerator, denominator) = row.threshold;
    let sign = if row.comparator == ">=" { "≥" } else { ">" };
    if denominator == 100 {
        format!("{sign} {numerator}%")
    } else {
        format!("{sign} {numerator}/{denominator}")
    }
}

fn coverage(row: &TargetNow) -> String {
    if row.coverage_of == 0 {
        return "–".to_owned();
    }
    let weight = (row.coverage_weight * 100).checked_div(row.coverage_weight_of);
    let weight = weight.map_or(String::new(), |percent| format!(" ({percent}%)"));
    let preliminary = if row.is_preliminary { " sơ bộ" } else { "" };
    format!("{}/{}{weight}{preliminary}", row.coverage_n, row.coverage_of)
}

/// By how many points a share has moved, in hundredths cut off.
fn moved(before: &TargetNow, now: &TargetNow) -> String {
    let basis_points = |row: &TargetNow| row.observed.and_then(|(n, of)| (n * 10_000).checked_div(of));
    match basis_points(before).zip(basis_points(now)) {
        Some((before, now)) if before != now => {
            let (sign, by) = if now > before { ('+', now - before) } else { ('-', before - now) };
            format!("{sign}{},{:02}", by / 100, by % 100)
        }
        _ => "·".to_owned(),
    }
}

fn verdict(word: &str) -> &'static str {
    match word {
        "achieved" => "đạt",
        "missed" => "không đạt",
        _ => "chưa đủ số liệu",
    }
}

fn colour(verdict: &str) -> Colour {
    match verdict {
        "achieved" => Colour::Green,
        "missed" => Colour::Red,
        _ => Colour::Yellow,
    }
}

/// Of a figure in percent with two decimals.
fn is_above_hundred(display: &str) -> bool {
    let hundredths: Option<u64> = display.replace('.', "").parse().ok();
    hundredths.is_some_and(|hundredths| hundredths > 10_000)
}

fn comma(display: &str) -> String {
    display.replace('.', ",")
}

/// The first characters, with a sign that there are more.
fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

fn pad(text: &str, width: usize) -> String {
    format!("{:<width$}", clip(text, width))
}

fn pad_left(text: &str, width: usize) -> String {
    format!("{:>width$}", clip(text, width))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> TargetNow {
        TargetNow {
            plan_id: "TH-2022".into(),
            target_id: "TH-T3-EDU-C".into(),
            row_kind: "target".into(),
            metric: "count_share".into(),
            comparator: ">".into(),
            threshold: (50, 100),
            observed: Some((20_849, 39_564)),
            low: Some((22_572, 44_906)),
            high: Some((24_409, 43_124)),
            display: "52.69".into(),
            low_display: "50.26".into(),
            high_display: "56.60".into(),
            verdict: "achieved".into(),
            reason: "low_meets".into(),
            high_is_open: true,
            coverage_n: 336,
            coverage_of: 500,
            coverage_weight: 170_000,
            coverage_weight_of: 250_000,
            is_preliminary: true,
            imputed_n: 400,
            months_left: 1,
            required_display: "12.00".into(),
            projected_display: String::new(),
        }
    }

    fn plan() -> Plan {
        let text = include_str!("../../../../../deploy/plans/th-2022.json");
        Plan::parse(text).expect("a shipped plan")
    }

    #[test]
    fn a_row_says_everything_that_a_verdict_rests_on_and_fits_the_screen() {
        let (plan, before) = (plan(), TargetNow { observed: Some((18_092, 37_244)), ..row() });
        let (now, before) = ([row()], [before]);
        let table = Table { plan: &plan, now: &now, before: &before };
        let lines: Vec<String> = table.lines(200).iter().map(Line::text).collect();
        for part in [
            "20.849",
            "39.564",
            "52,69",
            "+4,12",
            "50,26",
            "56,60↑",
            "> 50%",
            "336/500 (68%) sơ bộ",
            " đạt",
            "12,00",
        ] {
            assert!(lines[2].contains(part), "{part}: {}", lines[2]);
        }
        for width in [100, 120, 160, 200, 240] {
            let longest = table.lines(width).iter().map(|line| line.text().chars().count()).max();
            assert!(longest <= Some(width.max(148)), "{longest:?} on {width}");
        }
    }

    #[test]
    fn a_share_that_cannot_be_reached_any_more_is_said_so() {
        let above: Vec<_> = ["99.99", "100.00", "100.01", "133.92", ""].map(is_above_hundred).to_vec();
        assert_eq!(above, [false, false, true, true, false]);
    }

    #[test]
    fn a_target_without_a_figure_shows_none() {
        let row = TargetNow {
            observed: None,
            display: String::new(),
            coverage_of: 0,
            verdict: "undetermined".into(),
            ..row()
        };
        let (plan, now) = (plan(), [row]);
        let line = Table { plan: &plan, now: &now, before: &[] }.lines(200)[2].text();
        assert!(line.contains("chưa có") && line.contains("chưa đủ số liệu"), "{line}");
    }
}
