//! Names and places, so that nothing in a stream can belong to a living person.
//!
//! Every invented person carries a syllable with a letter that Vietnamese does not have (f, j, w, z). Such a
//! syllable stands in no real name and in no institution's name, so finding one anywhere behind the collector
//! proves a leak.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

/// Family name and middle syllable, accented and not.
const LEADING: &[(&str, &str)] = &[
    ("Nguyễn Văn", "NGUYEN VAN"),
    ("Trần Thị", "TRAN THI"),
    ("Lê Đức", "LE DUC"),
    ("Phạm Ngọc", "PHAM NGOC"),
    ("Hoàng Thị", "HOANG THI"),
    ("Đặng Quốc", "DANG QUOC"),
    ("Bùi Thanh", "BUI THANH"),
    ("H'", "H'"),
    ("Y", "Y"),
    ("Nông Thị", "NONG THI"),
    ("Đỗ Hữu", "DO HUU"),
    ("Vũ Minh", "VU MINH"),
];

/// Given names that no person bears.
const GIVEN: &[(&str, &str)] = &[
    ("Zân", "ZAN"),
    ("Fương", "FUONG"),
    ("Jiệp", "JIEP"),
    ("Wính", "WINH"),
    ("Zuệ", "ZUE"),
    ("Fụng", "FUNG"),
    ("Wạch", "WACH"),
    ("Jũng", "JUNG"),
    ("Zoàn", "ZOAN"),
    ("Fáo", "FAO"),
    ("Jển", "JEN"),
    ("Zưỡng", "ZUONG"),
];

/// Ordinary words that schools are called after.
pub(crate) const SCHOOL_WORDS: &[&str] = &[
    "Hoa Mai",
    "Hướng Dương",
    "Sơn Ca",
    "Bình Minh",
    "Ban Mai",
    "Tuổi Thơ",
    "Họa Mi",
    "Măng Non",
    "Sao Sáng",
    "Hòa Bình",
    "Thống Nhất",
    "Đoàn Kết",
    "Quyết Thắng",
    "Tiến Bộ",
    "Tân Lập",
    "Đồng Tâm",
    "Phú Sơn",
    "Nam Hòa",
];

/// Provincial hospitals in the order of their size; the first is the general one.
pub(crate) const HOSPITALS: &[&str] = &[
    "Bệnh viện Đa khoa tỉnh",
    "Bệnh viện Phụ sản",
    "Bệnh viện Nhi",
    "Bệnh viện Ung bướu",
    "Bệnh viện Y dược cổ truyền",
    "Bệnh viện Nội tiết",
    "Bệnh viện Phổi",
    "Bệnh viện Mắt",
    "Bệnh viện Da liễu",
    "Bệnh viện Tâm thần",
    "Bệnh viện Phục hồi chức năng",
];

/// The syllables, accented and not, of which every generated person's name carries one.
pub fn canaries() -> impl Iterator<Item = &'static str> {
    GIVEN.iter().flat_map(|(accented, plain)| [*accented, *plain])
}

/// Writes an invented person's name; `plain` as banks do, in upper case without accents.
pub(crate) fn write_person(random: &mut ChaCha8Rng, plain: bool, out: &mut String) {
    let leading = LEADING[random.random_range(0..LEADING.len())];
    let given = GIVEN[random.random_range(0..GIVEN.len())];
    let second = GIVEN[random.random_range(0..GIVEN.len())];
    let pick = |pair: (&'static str, &'static str)| if plain { pair.1 } else { pair.0 };
    out.push_str(pick(leading));
    out.push(' ');
    out.push_str(pick(given));
    out.push(' ');
    out.push_str(pick(second));
}
