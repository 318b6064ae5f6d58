//! Money is read from the lexeme: no float ever holds it.

use cashless_domain::{AmountDong, DeadLetterReason};

use crate::item::Rejection;
use crate::tree::{Members, Node};

/// Reads an amount from its JSON lexeme: `25000`, `25000.0` or `"25000"`.
///
/// Signs, exponents, fractions of a dong, group separators, zero and more than 10^15 are refused.
pub(crate) fn amount_dong(lexeme: &str) -> Option<AmountDong> {
    let digits = match lexeme.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(text) => text,
        None => match lexeme.split_once('.') {
            Some((whole, zeros)) if zeros.bytes().all(|byte| byte == b'0') => whole,
            Some(_) => return None,
            None => lexeme,
        },
    };
    let plain = (1..=16).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !plain {
        return None;
    }
    AmountDong::new(digits.parse().ok()?).ok()
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

/// Reads text whose writer had no other type: behind a point stand one or two zeros, since three would be thousands.
pub(crate) fn written(text: &str) -> Option<AmountDong> {
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    amount_dong(text).filter(|_| decimals <= 2)
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
}
