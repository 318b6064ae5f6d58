//! The reason of a payment, from the words that payers and institutions write.

use cashless_domain::{Reason, normalized_name};

/// Words without accents, the more telling ones first: "tam ung vien phi" is a deposit.
const WORDS: &[(&str, Reason)] = &[
    ("TAM UNG", Reason::InpatientDeposit),
    ("DAT COC", Reason::InpatientDeposit),
    ("BHYT", Reason::Insurance),
    ("BAO HIEM", Reason::Insurance),
    ("TIEN AN", Reason::Meals),
    ("BAN TRU", Reason::Meals),
    ("LE PHI THI", Reason::Exam),
    ("TIEN THUOC", Reason::Medicine),
    ("VIEN PHI", Reason::InpatientSettlement),
    ("HOC PHI", Reason::Tuition),
    ("KHAM BENH", Reason::Services),
    ("DICH VU", Reason::Services),
];

/// The reason a text speaks of; unknown where it says nothing that is known. The text itself goes no further.
pub(crate) fn reason_of(text: &str) -> Reason {
    let plain = normalized_name(text);
    WORDS.iter().find(|(words, _)| plain.contains(words)).map_or(Reason::Unknown, |(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_read_with_and_without_accents() {
        let table = [
            ("HP26A00123 nộp học phí kỳ 2", Reason::Tuition),
            ("BN0012345 tam ung vien phi", Reason::InpatientDeposit),
            ("Viện phí BN0012345", Reason::InpatientSettlement),
            ("tiền ăn bán trú tháng 9", Reason::Meals),
            ("CHUYEN TIEN", Reason::Unknown),
            ("", Reason::Unknown),
        ];
        for (text, reason) in table {
            assert_eq!(reason_of(text), reason, "{text}");
        }
    }
}
