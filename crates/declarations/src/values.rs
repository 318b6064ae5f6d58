//! Numbers, months and times as offices write them. What could be read in two ways is refused.

use cashless_domain::{BusinessDate, DeclarationSource, Timestamp};

/// `1250000`, `1.250.000` or `1,250,000`. One group alone, as in `1.250`, might be a fraction and is refused.
pub(crate) fn whole(text: &str) -> Option<i64> {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if is_digits(text) {
        return text.parse().ok();
    }
    let separator = text.chars().find(|c| matches!(c, '.' | ','))?;
    let groups: Vec<&str> = text.split(separator).collect();
    let (first, rest) = groups.split_first()?;
    let is_grouped = (1..=3).contains(&first.len()) && !first.starts_with('0') && rest.len() >= 2;
    let is_whole = is_digits(first) && rest.iter().all(|group| group.len() == 3 && is_digits(group));
    if is_grouped && is_whole { groups.concat().parse().ok() } else { None }
}

/// `2022-09` or `09/2022`; of a spreadsheet's date the month it begins.
pub(crate) fn month(text: &str) -> Option<BusinessDate> {
    let iso = match text.split_once('/') {
        Some((month, year)) if month.len() == 2 && year.len() == 4 => format!("{year}-{month}-01"),
        Some(_) => return None,
        None if text.len() == 7 => format!("{text}-01"),
        None => text.strip_suffix("T00:00:00+07:00")?.to_owned(),
    };
    let date = if iso.len() == 10 { BusinessDate::parse(&iso).ok()? } else { return None };
    (date == date.first_of_month()).then_some(date)
}

/// RFC 3339 with an offset, or a local date, which stands for its first instant.
pub(crate) fn time(text: &str) -> Option<Timestamp> {
    if text.len() == 10 {
        return BusinessDate::parse(text).ok().map(BusinessDate::start);
    }
    Timestamp::parse_rfc3339(text).ok()
}

/// By name or by letter.
pub(crate) fn source(text: &str) -> Option<DeclarationSource> {
    match text {
        "A" => Some(DeclarationSource::SystemExport),
        "B" => Some(DeclarationSource::Declaration),
        "C" => Some(DeclarationSource::InvoiceTotal),
        name => DeclarationSource::from_name(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_only_where_it_can_be_one_alone() {
        let table = [
            ("0", Some(0)),
            ("1250000", Some(1_250_000)),
            ("1.250.000", Some(1_250_000)),
            ("1,250,000", Some(1_250_000)),
            ("12.500.000", Some(12_500_000)),
            ("1.250", None),
            ("1,250", None),
            ("1.250,000", None),
            ("1.250.00", None),
            ("1250000.0", None),
            ("1250.000.000", None),
            ("0.250.000", None),
            ("1.250.000,5", None),
            ("1e9", None),
            ("-5", None),
            ("+5", None),
            ("1 250 000", None),
            ("1..000", None),
            ("", None),
            ("99999999999999999999", None),
        ];
        for (text, number) in table {
            assert_eq!(whole(text), number, "{text}");
        }
    }

    #[test]
    fn a_month_is_read_in_both_spellings_and_never_out_of_a_day() {
        let september = BusinessDate::parse("2022-09-01").ok();
        for text in ["2022-09", "09/2022", "2022-09-01T00:00:00+07:00"] {
            assert_eq!(month(text), september, "{text}");
        }
        for text in [
            "2022-9",
            "9/2022",
            "2022-13",
            "2022-09-02T00:00:00+07:00",
            "2022-09-01",
            "202209",
            "",
            "01/09/2022",
        ] {
            assert_eq!(month(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_is_the_first_instant_of_its_local_day() {
        let midnight = Timestamp::parse_rfc3339("2022-10-03T00:00:00+07:00").ok();
        assert_eq!(time("2022-10-03"), midnight);
        assert_eq!(time("2022-10-02T17:00:00Z"), midnight);
        for text in ["03/10/2022", "2022-10-03T00:00:00", "", "2022-1-1"] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
