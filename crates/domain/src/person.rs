use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// One spelling for a person's name or code: upper case, no accents, single spaces.
///
/// Banks send `Nguyễn Thị Ví Dụ`, `NGUYEN THI VI DU` and decomposed forms of the same name; they must meet in
/// one digest. `Đ` has no decomposition and is mapped by hand.
///
/// ```
/// assert_eq!(cashless_domain::normalized_name("  Đỗ  Thị Ví Dụ "), "DO THI VI DU");
/// ```
#[must_use]
pub fn normalized_name(name: &str) -> String {
    let mut normalized = String::with_capacity(name.len());
    for word in name.split_whitespace() {
        if !normalized.is_empty() {
            normalized.push(' ');
        }
        word.chars().for_each(|letter| push_plain(letter, &mut normalized));
    }
    normalized
}

/// Upper case and no accents, with everything else left as it is.
///
/// ```
/// assert_eq!(cashless_domain::without_accents("Nộp  học phí/kỳ 2"), "NOP  HOC PHI/KY 2");
/// ```
#[must_use]
pub fn without_accents(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    text.chars().for_each(|letter| push_plain(letter, &mut plain));
    plain
}

/// A letter without its accents. One at a time is enough: what a neighbour could reorder are accents, and none stay.
fn push_plain(letter: char, plain: &mut String) {
    if letter.is_ascii() {
        plain.push(letter.to_ascii_uppercase());
        return;
    }
    decompose_canonical(letter, |part| match part {
        'đ' | 'Đ' => plain.push('D'),
        accent if is_combining_mark(accent) => {}
        other => plain.extend(other.to_uppercase()),
    });
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization as _;

    use super::*;

    #[test]
    fn all_spellings_of_a_name_meet() {
        let composed = "Nguyễn Văn Thử";
        let decomposed: String = composed.nfd().collect();
        assert_eq!(normalized_name(composed), "NGUYEN VAN THU");
        assert_eq!(normalized_name(&decomposed), "NGUYEN VAN THU");
        assert_eq!(normalized_name("nguyen van thu"), "NGUYEN VAN THU");
    }
}
