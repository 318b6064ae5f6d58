//! The two provinces whose plans are tracked, as they were divided in 2022.

/// A province and its districts.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    /// Its code.
    pub code: &'static str,
    /// Its official name.
    pub name: &'static str,
    /// What the ids of its institutions begin with.
    pub prefix: &'static str,
    /// Code, name and number of communes of each district.
    pub districts: &'static [(&'static str, &'static str, u32)],
    /// Whether hospitals, not health centres, serve every other district.
    pub(crate) has_district_hospitals: bool,
    pub(crate) habits: Habits,
}

/// What the institutions of a province are like; each in percent, schools before health facilities.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Habits {
    /// How institutions without beds stand to payment without cash: used, not used, elsewhere, no account.
    pub(crate) cashless: [[u32; 4]; 2],
    /// With a digital platform.
    pub(crate) platform: [u32; 2],
    /// With at least one method declared as installed.
    pub(crate) installed: [u32; 2],
    /// The share of payments without cash in January, as tenths of the two parameters of a beta distribution.
    pub(crate) share_tenths: [(u32, u32); 2],
}

impl Habits {
    /// One of a pair for a sector.
    pub(crate) fn of<T: Copy>(pair: [T; 2], is_school: bool) -> T {
        pair[usize::from(!is_school)]
    }
}

/// Đắk Nông, a province until 2025.
pub static DAK_NONG: Place = Place {
    code: "67",
    name: "Tỉnh Đắk Nông",
    prefix: "DN",
    districts: &[
        ("660", "Thành phố Gia Nghĩa", 8),
        ("661", "Huyện Đăk Glong", 7),
        ("662", "Huyện Cư Jút", 8),
        ("663", "Huyện Đắk Mil", 10),
        ("664", "Huyện Krông Nô", 12),
        ("665", "Huyện Đắk Song", 9),
        ("666", "Huyện Đắk R'Lấp", 11),
        ("667", "Huyện Tuy Đức", 6),
    ],
    has_district_hospitals: false,
    habits: Habits {
        cashless: [[84, 10, 0, 6], [66, 16, 0, 18]],
        platform: [66, 44],
        installed: [72, 58],
        share_tenths: [(50, 95), (40, 80)],
    },
};

/// Thanh Hóa.
pub static THANH_HOA: Place = Place {
    code: "38",
    name: "Tỉnh Thanh Hóa",
    prefix: "TH",
    districts: &[
        ("380", "Thành phố Thanh Hóa", 34),
        ("381", "Thị xã Bỉm Sơn", 7),
        ("382", "Thành phố Sầm Sơn", 11),
        ("384", "Huyện Mường Lát", 8),
        ("385", "Huyện Quan Hóa", 15),
        ("386", "Huyện Bá Thước", 21),
        ("387", "Huyện Quan Sơn", 12),
        ("388", "Huyện Lang Chánh", 10),
        ("389", "Huyện Ngọc Lặc", 21),
        ("390", "Huyện Cẩm Thủy", 17),
        ("391", "Huyện Thạch Thành", 25),
        ("392", "Huyện Hà Trung", 20),
        ("393", "Huyện Vĩnh Lộc", 13),
        ("394", "Huyện Yên Định", 26),
        ("395", "Huyện Thọ Xuân", 30),
        ("396", "Huyện Thường Xuân", 16),
        ("397", "Huyện Triệu Sơn", 34),
        ("398", "Huyện Thiệu Hóa", 25),
        ("399", "Huyện Hoằng Hóa", 37),
        ("400", "Huyện Hậu Lộc", 23),
        ("401", "Huyện Nga Sơn", 24),
        ("402", "Huyện Như Xuân", 16),
        ("403", "Huyện Như Thanh", 14),
        ("404", "Huyện Nông Cống", 29),
        ("405", "Huyện Đông Sơn", 14),
        ("406", "Huyện Quảng Xương", 26),
        ("407", "Thị xã Nghi Sơn", 31),
    ],
    has_district_hospitals: true,
    habits: Habits {
        cashless: [[90, 5, 2, 3], [68, 13, 4, 15]],
        platform: [58, 49],
        installed: [78, 60],
        share_tenths: [(72, 92), (53, 88)],
    },
};

impl Place {
    /// The district of the `number`-th commune, and the commune's place in it, counted round and round.
    pub(crate) fn commune(&self, number: usize) -> (usize, usize) {
        let all: usize = self.districts.iter().map(|(_, _, communes)| *communes as usize).sum();
        let mut left = number % all;
        for (district, (_, _, communes)) in self.districts.iter().enumerate() {
            if left < *communes as usize {
                return (district, left);
            }
            left -= *communes as usize;
        }
        (0, 0)
    }
}
