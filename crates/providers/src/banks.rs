//! The banks of Viet Nam by the names that providers use for them.
//!
//! An account is known under the same id to every source, so each of a bank's names has to lead to one BIN, the six
//! digits that VietQR uses. The list is part of the ids: entries are added, never changed.

/// BIN, SWIFT code, and the names seen in messages, all in capitals without spaces.
type Bank = (&'static str, &'static str, &'static [&'static str]);

const BANKS: &[Bank] = &[
    ("970400", "SBITVNVX", &["SGICB", "SAIGONBANK"]),
    ("970403", "SGTTVNVX", &["STB", "SACOMBANK"]),
    ("970405", "VBAAVNVX", &["VBA", "VARB", "AGRIBANK"]),
    ("970406", "EACBVNVX", &["DOB", "DAB", "DONGABANK", "VIKKI", "VIKKIBANK"]),
    ("970407", "VTCBVNVX", &["TCB", "TECHCOMBANK"]),
    ("970408", "GBNKVNVX", &["GPB", "GPBANK"]),
    ("970409", "NASCVNVX", &["BAB", "BACABANK"]),
    ("970412", "WBVNVNVX", &["PVCB", "PVCOMBANK"]),
    ("970414", "OJBAVNVX", &["OJB", "OCEANBANK", "MBV"]),
    ("970415", "ICBVVNVX", &["ICB", "CTG", "VTB", "VIETINBANK"]),
    ("970416", "ASCBVNVX", &["ACB"]),
    ("970418", "BIDVVNVX", &["BIDV"]),
    ("970419", "NVBAVNVX", &["NCB"]),
    ("970422", "MSCBVNVX", &["MB", "MBB", "MBBANK"]),
    ("970423", "TPBVVNVX", &["TPB", "TPBANK"]),
    ("970424", "SHBKVNVX", &["SHBVN", "SHINHANBANK"]),
    ("970425", "ABBKVNVX", &["ABB", "ABBANK"]),
    ("970426", "MCOBVNVX", &["MSB"]),
    ("970427", "VNACVNVX", &["VAB", "VIETABANK"]),
    ("970428", "NAMAVNVX", &["NAB", "NAMABANK"]),
    ("970429", "SACLVNVX", &["SCB"]),
    ("970430", "PGBLVNVX", &["PGB", "PGBANK"]),
    ("970431", "EBVIVNVX", &["EIB", "EXIMBANK"]),
    ("970432", "VPBKVNVX", &["VPB", "VPBANK"]),
    ("970433", "VNTTVNVX", &["VBB", "VIETBANK"]),
    ("970436", "BFTVVNVX", &["VCB", "VIETCOMBANK"]),
    ("970437", "HDBCVNVX", &["HDB", "HDBANK"]),
    ("970438", "BVBVVNVX", &["BVB", "BAOVIETBANK"]),
    ("970440", "SEAVVNVX", &["SEAB", "SSB", "SEABANK"]),
    ("970441", "VNIBVNVX", &["VIB"]),
    ("970443", "SHBAVNVX", &["SHB"]),
    ("970446", "COOPVNVX", &["COOPBANK", "COOP"]),
    ("970448", "ORCOVNVX", &["OCB"]),
    ("970449", "LVBKVNVX", &["LPB", "LPBANK", "LIENVIETPOSTBANK"]),
    ("970452", "KLBKVNVX", &["KLB", "KIENLONGBANK"]),
    ("970454", "VCBCVNVX", &["VCCB", "BVBANK", "BANVIET", "VIETCAPITALBANK"]),
    ("970457", "HVBKVNVX", &["WVN", "WOORI", "WOORIBANK"]),
    ("970458", "UOVBVNVX", &["UOB"]),
];

/// The BIN of a bank by its BIN, SWIFT code (8 or 11 characters) or name, in any case, with or without spaces.
pub(crate) fn bin_of(name: &str) -> Option<&'static str> {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect();
    let is_it = |(bin, swift, names): &&Bank| {
        plain == *bin
            || names.contains(&plain.as_str())
            || (plain.get(..8) == Some(*swift) && matches!(plain.len(), 8 | 11))
    };
    BANKS.iter().find(is_it).map(|(bin, ..)| *bin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_bank_leads_to_its_bin() {
        for name in ["970436", "Vietcombank", "VCB", "BFTVVNVX", "bftvvnvx001", "Viet com bank"] {
            assert_eq!(bin_of(name), Some("970436"), "{name}");
        }
        for name in ["", "970499", "BANK OF NOWHERE", "BFTVVNVX0"] {
            assert_eq!(bin_of(name), None, "{name}");
        }
    }

    #[test]
    fn no_name_leads_to_two_banks() {
        let mut names: Vec<&str> = BANKS
            .iter()
            .flat_map(|(bin, swift, names)| [*bin, *swift].into_iter().chain(names.iter().copied()))
            .collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
