//! Money is read from the lexeme: no float ever holds it.

use cashless_domain::{AmountDong, DeadLetterReason};

use crate::item::Rejection;
use crate::statement::Said;
use crate::tree::{Members, Node};

/// Reads an amount from its JSON lexeme: `25000`, `25000.0` or `"25000"`.
///
/// Signs, exponents, fractions of a dong, group separators, zero and more than 10^15 are refused.
pub(crate) fn amount_dong(lexeme: &str) -> Option<AmountDong> {
    AmountDong::new(whole(lexeme)?).ok()
}

fn whole(lexeme: &str) -> Option<i64> {
    let digits = match lexeme.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(text) => text,
        None => match lexeme.split_once('.') {
            Some((whole, zeros)) if zeros.bytes().all(|byte| byte == b'0') => whole,
            Some(_) => return None,
            None => lexeme,
        },
    };
    let plain = (1..=18).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

/// The amount of a statement in units of which `divisor` make a dong, as 100 where it is sent times 100. There may be
/// none, written as zero, where no money moved.
///
/// # Errors
/// Anything else than whole dong.
pub(crate) fn amount_of(
    said: &Said<'_>,
    text: &str,
    divisor: i64,
    path: &'static str,
) -> Result<Option<AmountDong>, Rejection> {
    let units = has_point_of_decimals(text).then(|| whole(text)).flatten();
    let dong = units.filter(|units| units % divisor == 0).map(|units| units / divisor);
    match dong.and_then(|dong| AmountDong::new(dong).ok()) {
        None if dong == Some(0) && !said.moves_money() => Ok(None),
        None => Err(no_amount(path)),
        amount => Ok(amount),
    }
}

/// Reads a member: its amount, and whether a minus sign stands before it.
///
/// Text is digits alone: `"350.000"` is how people here write 350000.
pub(crate) fn signed_amount(node: &Node<'_>) -> Option<(bool, AmountDong)> {
    let (text, is_text) = match node {
        Node::Number(lexeme) => (*lexeme, false),
        Node::Text(text) => (text.as_ref(), true),
        _ => return None,
    };
    let digits = text.strip_prefix('-');
    let (is_negative, digits) = (digits.is_some(), digits.unwrap_or(text));
    if is_text && !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((is_negative, amount_dong(digits)?))
}

/// As [`signed_amount`], where a sign has no meaning.
pub(crate) fn unsigned_amount(node: &Node<'_>) -> Option<AmountDong> {
    signed_amount(node).and_then(|(is_negative, amount)| (!is_negative).then_some(amount))
}

/// The amount of a statement that moves money.
///
/// # Errors
/// The member is missing, or no amount.
pub(crate) fn moved(members: &Members<'_>, name: &'static str) -> Result<AmountDong, Rejection> {
    members.get(name).and_then(unsigned_amount).ok_or(no_amount(name))
}

/// Reads text whose writer may have meant it for people.
pub(crate) fn written(text: &str) -> Option<AmountDong> {
    amount_dong(text).filter(|_| has_point_of_decimals(text))
}

/// Behind a point stand one or two digits, since three would be thousands: `350.000` is how people here write 350000.
fn has_point_of_decimals(text: &str) -> bool {
    text.split_once('.').is_none_or(|(_, decimals)| decimals.len() <= 2)
}

/// What is wrong with an amount that is none.
pub(crate) const fn no_amount(path: &'static str) -> Rejection {
    Rejection::new(DeadLetterReason::InvalidAmount, path, "not whole dong from 1 to 1000000000000000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_have_a_sign_and_their_text_no_point() {
        let signed = |node| signed_amount(&node).map(|(is_negative, amount)| (is_negative, amount.get()));
        let text = |text: &'static str| signed(Node::Text(text.into()));
        assert_eq!(signed(Node::Number("25000.0")), Some((false, 25_000)));
        assert_eq!(signed(Node::Number("-25000")), Some((true, 25_000)));
        assert_eq!((text("25000"), text("-25000")), (Some((false, 25_000)), Some((true, 25_000))));
        for wrong in ["350.000", "25000.0", "--5", "-", "", "\"5\"", "-0"] {
            assert_eq!(text(wrong), None, "{wrong}");
        }
        assert_eq!(
            (signed(Node::Null), signed(Node::Bool(true)), signed(Node::Number("-0"))),
            (None, None, None)
        );
    }

    #[test]
    fn whole_dong_are_read_in_three_spellings() {
        for lexeme in ["25000", "25000.0", "25000.00", "\"25000\"", "\"0025000\""] {
            assert_eq!(amount_dong(lexeme).map(AmountDong::get), Some(25_000), "{lexeme}");
        }
        assert_eq!(amount_dong("1000000000000000").map(AmountDong::get), Some(AmountDong::MAX));
    }

    #[test]
    fn everything_that_is_not_whole_dong_is_refused() {
        let refused = [
            "0",
            "-1",
            "-0",
            "25000.5",
            "25000.01",
            "25e3",
            "2.5E4",
            "1000000000000001",
            "99999999999999999999",
            "\"\"",
            "\"25000.0\"",
            "\"1.250.000\"",
            "\"1,250\"",
            "\"-5\"",
            "\" 5\"",
            "\"5 \"",
            "\"+5\"",
            "true",
            "[5]",
            "{}",
            "\"",
            "",
        ];
        for lexeme in refused {
            assert_eq!(amount_dong(lexeme), None, "{lexeme}");
        }
    }

    #[test]
    fn amounts_in_smaller_units_divide_without_a_remainder() {
        let read = |lexeme, divisor| {
            amount_of(&Said::Paid, lexeme, divisor, "").map(|amount| amount.map(AmountDong::get))
        };
        assert_eq!(read("485000000", 100), Ok(Some(4_850_000)));
        assert_eq!(read("485000000.0", 100), Ok(Some(4_850_000)));
        assert_eq!(read("4850000", 1), Ok(Some(4_850_000)));
        assert_eq!(read("100000000000000000", 100), Ok(Some(AmountDong::MAX)));
        for wrong in [
            "485000001",
            "485000050",
            "25000.00.00",
            "100000000000000100",
            "-100",
            "1e2",
            "50",
            "0",
            "00",
            "",
        ] {
            assert!(read(wrong, 100).is_err(), "{wrong}");
        }
        assert_eq!(amount_of(&Said::Failed, "0", 100, ""), Ok(None));
        assert!(amount_of(&Said::Failed, "-100", 100, "").is_err());
        assert!(read("350.000", 1).is_err(), "thousands");
    }
}
