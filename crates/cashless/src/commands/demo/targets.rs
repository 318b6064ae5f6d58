//! The targets as a demo shows them: a table a plan, in the words of the officials who read it.

use cashless_evaluation::Plan;
use cashless_warehouse::TargetNow;

use super::screen::{Colour, Line, dotted};

/// What stands beside a figure, in the order of its columns.
const HEADINGS: [&str; 11] = [
    "tử số",
    "mẫu số",
    "tỷ lệ %",
    "từ đầu",
    "cận dưới",
    "cận trên",
    "ngưỡng",
    "độ phủ kê khai",
    "kết luận đến nay",
    "cần đạt",
    "dự báo",
];
/// Columns that are left out one group after the other where there is no room: the verdict and what it is about stay.
const DISPENSABLE: [&[usize]; 6] = [&[10], &[9], &[3], &[0, 1], &[7], &[4, 5]];
const ID_WIDTH: usize = 11;
const TITLE_WIDTH: (usize, usize) = (18, 58);
const PAIR: &str = "pair";
/// The position of the verdict among the columns.
const VERDICT: usize = 8;

/// A plan's table at one moment.
pub(super) struct Table<'a> {
    pub(super) plan: &'a Plan,
    pub(super) now: &'a [TargetNow],
    /// How the targets stood when the demo began.
    pub(super) before: &'a [TargetNow],
    pub(super) titles: Titles,
}

/// What happens to titles that are longer than their column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Titles {
    /// They go on below.
    Wrapped,
    /// They end after a word: a line a target.
    Shortened,
}

/// A column that is shown.
struct Column {
    /// Its position among the headings.
    at: usize,
    width: usize,
}

impl Table<'_> {
    /// The table in lines of at most `width` characters.
    pub(super) fn lines(&self, width: usize) -> Vec<Line> {
        let rows: Vec<&TargetNow> = self.ids().iter().filter_map(|id| find(self.now, id)).collect();
        let columns = self.columns(&rows, width);
        let title = width.saturating_sub(taken(&columns)).clamp(TITLE_WIDTH.0, TITLE_WIDTH.1);
        let mut heading = Line::new().bold(&format!("  {}", pad(&self.plan.id, ID_WIDTH)));
        heading = heading.bold(&format!(" {}", pad("chỉ tiêu", title)));
        for column in &columns {
            heading = heading.bold(&format!(" {}", pad_left(HEADINGS[column.at], column.width)));
        }
        let mut lines = vec![heading];
        for row in rows {
            lines.extend(self.row(row, &columns, title));
        }
        let is_left_out = |at: &usize| columns.iter().all(|column| column.at != *at);
        let left_out: Vec<&str> = (0..HEADINGS.len()).filter(is_left_out).map(|at| HEADINGS[at]).collect();
        if !left_out.is_empty() {
            let text = format!("Cửa sổ hẹp, không có chỗ cho: {}.", left_out.join(", "));
            let text = wrap(&text, width.saturating_sub(2));
            lines.extend(text.iter().map(|text| Line::new().faint(&format!("  {text}"))));
        }
        lines
    }

    /// As wide as what stands in them.
    fn columns(&self, rows: &[&TargetNow], width: usize) -> Vec<Column> {
        let column = |at: usize| {
            let cells = rows.iter().filter(|row| row.row_kind != PAIR || at == VERDICT);
            let widths = cells.map(|row| self.cell(row, at).chars().count());
            Column { at, width: widths.chain([HEADINGS[at].chars().count()]).max().unwrap_or_default() }
        };
        let mut columns: Vec<Column> = (0..HEADINGS.len()).map(column).collect();
        for dispensable in DISPENSABLE {
            if taken(&columns) + TITLE_WIDTH.0 <= width {
                break;
            }
            columns.retain(|column| !dispensable.contains(&column.at));
        }
        columns
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

    fn row(&self, row: &TargetNow, columns: &[Column], title_width: usize) -> Vec<Line> {
        if row.row_kind == PAIR {
            return vec![self.pair(row, columns, title_width)];
        }
        let title = self.title(row);
        let mut parts = match self.titles {
            Titles::Wrapped => wrap(&title, title_width),
            Titles::Shortened => vec![clip(&title, title_width)],
        }
        .into_iter();
        let mut line = Line::new()
            .plain(&format!("  {}", pad(&row.target_id, ID_WIDTH)))
            .plain(&format!(" {}", pad(&parts.next().unwrap_or_default(), title_width)));
        for column in columns {
            let cell = format!(" {}", pad_left(&self.cell(row, column.at), column.width));
            line = if column.at == VERDICT {
                line.coloured(&cell, colour(&row.verdict))
            } else {
                line.plain(&cell)
            };
        }
        let rest = parts.map(|part| Line::new().plain(&format!("  {} {part}", " ".repeat(ID_WIDTH))));
        [line].into_iter().chain(rest).collect()
    }

    /// A pair has a verdict and no figures: its title takes their room.
    fn pair(&self, row: &TargetNow, columns: &[Column], title_width: usize) -> Line {
        let before = columns.iter().filter(|column| column.at < VERDICT);
        let width = title_width + before.map(|column| column.width + 1).sum::<usize>();
        let of_verdict = columns.iter().find(|column| column.at == VERDICT);
        let verdict =
            format!(" {}", pad_left(verdict(&row.verdict), of_verdict.map_or(0, |column| column.width)));
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
            9 => required(row),
            _ => or_dash(&row.projected_display),
        }
    }
}

/// What the signs in the tables mean, in lines of at most `width` characters.
pub(super) fn legend(today: &str, months_left: u16, titles: Titles, width: usize) -> Vec<Line> {
    let lines = [
        format!(
            "Lũy kế từ 01/01/2022 đến {today}, còn {months_left} tháng chưa kết thúc. Tử số, mẫu số: cơ sở, giao dịch, hoặc \
             đồng (chỉ tiêu giá trị). Từ đầu: tăng, giảm bao nhiêu điểm % từ khi bắt đầu demo. KDTM: không dùng tiền mặt."
        ),
        "Tỷ lệ chỉ gồm các tháng đã kê khai tiền mặt; hai cận gồm mọi tháng, nên tỷ lệ có thể nằm ngoài hai cận. Cận dưới: \
         tháng thiếu kê khai lấy như cùng kỳ năm trước, hoặc mức cao của cơ sở cùng loại (phân vị 90). Cận trên: coi như \
         không thu tiền mặt; ↑ còn tài khoản ở tổ chức chưa kết nối nên chưa xác định được cận trên."
            .to_owned(),
        "Đạt khi cả cận dưới đạt ngưỡng, không đạt khi cả cận trên không đạt. Độ phủ: cơ sở kê khai đủ / cơ sở phải kê khai (% \
         theo số người học, lượt khám; dưới 90% là sơ bộ); của chỉ tiêu đếm cơ sở: cơ sở xác định được / mọi cơ sở."
            .to_owned(),
        "Cần đạt: tỷ lệ % mà phần còn lại của năm phải có để vừa đủ ngưỡng (trên 100: không kịp nữa), hoặc số cơ sở còn \
         thiếu. Dự báo: tỷ lệ % cả năm nếu phần còn lại như 3 tháng gần nhất. Cách hiểu khác: target_progress_now, variant."
            .to_owned(),
    ];
    // A picture has room for the first.
    let shown = if titles == Titles::Wrapped { lines.len() } else { 1 };
    lines[..shown]
        .iter()
        .flat_map(|text| wrap(text, width.saturating_sub(4)).into_iter().enumerate())
        .map(|(at, text)| Line::new().faint(&format!("{}{text}", if at == 0 { "  " } else { "    " })))
        .collect()
}

/// What is still needed: a share of what is to come, or institutions.
fn required(row: &TargetNow) -> String {
    match (row.required_display.as_str(), row.required_institutions) {
        ("0.00", _) | (_, Some(0)) => "đã đủ".to_owned(),
        (_, Some(institutions)) => format!("+{institutions} cơ sở"),
        ("", None) => "–".to_owned(),
        // No share is above 100%: it cannot be made up for any more.
        (share, None) if is_above_hundred(share) => "trên 100".to_owned(),
        (share, None) => comma(share),
    }
}

/// What the columns leave no room for titles.
fn taken(columns: &[Column]) -> usize {
    columns.iter().map(|column| column.width + 1).sum::<usize>() + ID_WIDTH + 3
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

/// The first words, with a sign that there are more.
fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let words = wrap(text, width.saturating_sub(2)).into_iter().next().unwrap_or_default();
    let shortened: String = words.chars().take(width.saturating_sub(2)).collect();
    format!("{shortened} …")
}

/// In lines of at most `width` characters that end after a word; a longer word has a line of its own.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut().filter(|line| line.chars().count() + 1 + word.chars().count() <= width) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
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
            ..TargetNow::default()
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
        let table = Table { plan: &plan, now: &now, before: &before, titles: Titles::Wrapped };
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
            assert!(lines[1].contains(part), "{part}: {}", lines[1]);
        }
        for width in [80, 120, 160, 200, 240] {
            let longest = table.lines(width).iter().map(|line| line.text().chars().count()).max();
            assert!(longest <= Some(width), "{longest:?} on {width}");
        }
    }

    #[test]
    fn no_column_and_no_word_is_lost_on_160_characters() {
        let plan = plan();
        let now: Vec<TargetNow> = (plan.targets.iter())
            .map(|target| TargetNow {
                target_id: target.id.clone(),
                observed: Some((123_456_789_012, 234_567_890_123)),
                verdict: "undetermined".into(),
                required_display: "133.92".into(),
                projected_display: "50.0012".into(),
                ..row()
            })
            .collect();
        let table = |titles| Table { plan: &plan, now: &now, before: &[], titles };
        let lines: Vec<String> = table(Titles::Wrapped).lines(160).iter().map(Line::text).collect();
        assert!(lines.iter().all(|line| line.chars().count() <= 160), "{lines:#?}");
        let text = lines.join("\n");
        assert!(HEADINGS.iter().all(|heading| text.contains(heading)), "{text}");
        assert!(text.contains("trên 100 50,0012") || text.contains("trên 100  50,0012"), "{text}");
        assert!(!text.contains('…'), "{text}");
        let words = text.split_whitespace().filter(|word| *word == "tuyến").count();
        assert_eq!(words, 1, "the title of the provincial hospitals is whole: {text}");
        // A picture has a line a target, whose title ends after a word.
        let shortened: Vec<String> = table(Titles::Shortened).lines(160).iter().map(Line::text).collect();
        assert_eq!(shortened.len(), 1 + now.len());
        assert!(shortened.iter().all(|line| line.chars().count() <= 160), "{shortened:#?}");
        assert!(shortened[1].contains("Cơ sở giáo dục sử … "), "{}", shortened[1]);
    }

    #[test]
    fn the_legend_says_all_its_words_within_the_screen() {
        let text = |width| {
            let lines = legend("20/12/2022", 1, Titles::Wrapped, width);
            let lines: Vec<String> = lines.iter().map(Line::text).collect();
            assert!(lines.iter().all(|line| line.chars().count() <= width), "{lines:#?}");
            lines.iter().flat_map(|line| line.split_whitespace()).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(text(160), text(2_000));
    }

    #[test]
    fn the_verdict_stays_on_every_screen_and_what_is_left_out_is_named() {
        let (plan, now) = (plan(), [row()]);
        let table = Table { plan: &plan, now: &now, before: &[], titles: Titles::Shortened };
        let text = |width| table.lines(width).iter().map(Line::text).collect::<Vec<_>>().join("\n");
        for width in [80, 100, 120] {
            let text = text(width);
            for part in ["52,69", "> 50%", " đạt", "không có chỗ cho", "dự báo"] {
                assert!(text.contains(part), "{part} on {width}: {text}");
            }
        }
        assert!(!text(200).contains("không có chỗ cho"));
    }

    #[test]
    fn what_is_needed_is_a_share_or_institutions_or_nothing() {
        let said = |required_display: &str, required_institutions| {
            required(&TargetNow { required_display: required_display.into(), required_institutions, ..row() })
        };
        assert_eq!(said("12.00", None), "12,00");
        assert_eq!(said("0.00", None), "đã đủ");
        assert_eq!(said("", Some(5)), "+5 cơ sở");
        assert_eq!(said("", Some(0)), "đã đủ");
        assert_eq!(said("", None), "–");
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
        let table = Table { plan: &plan, now: &now, before: &[], titles: Titles::Wrapped };
        let line = table.lines(200)[1].text();
        assert!(line.contains("chưa có") && line.contains("chưa đủ số liệu"), "{line}");
    }
}
