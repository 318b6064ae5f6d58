//! The closed vocabularies of the files.

/// Names that are the same in files, in storage and in figures.
macro_rules! words {
    ($($(#[$doc:meta])* $set:ident { $($(#[$member_doc:meta])* $member:ident $name:literal,)+ })+) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        pub enum $set { $($(#[$member_doc])* #[serde(rename = $name)] $member,)+ }

        impl $set {
            /// Every member.
            pub const ALL: &'static [Self] = &[$(Self::$member,)+];

            /// The spelling in files and in storage.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$member => $name,)+ }
            }

            /// The member with this spelling.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$member),)+ _ => None }
            }
        }
    )+ };
}

words! {
    /// Whose target an institution belongs to.
    Sector {
        /// Schools.
        Education "education",
        /// Hospitals and other health facilities.
        Health "health",
    }
    /// What an institution is.
    InstitutionType {
        /// Mầm non, mẫu giáo, nhà trẻ.
        Preschool "preschool",
        /// Tiểu học.
        Primary "primary",
        /// Trung học cơ sở.
        LowerSecondary "lower_secondary",
        /// Trung học phổ thông.
        UpperSecondary "upper_secondary",
        /// Phổ thông nhiều cấp.
        MultiLevel "multi_level",
        /// Phổ thông dân tộc nội trú.
        EthnicBoarding "ethnic_boarding",
        /// Phổ thông dân tộc bán trú.
        EthnicSemiBoarding "ethnic_semi_boarding",
        /// GDTX, GDNN-GDTX.
        ContinuingEducation "continuing_education",
        /// Trung cấp.
        VocationalSecondary "vocational_secondary",
        /// Cao đẳng.
        College "college",
        /// Đại học.
        University "university",
        /// Nhóm trẻ độc lập.
        IndependentChildGroup "independent_child_group",
        /// Trung tâm ngoại ngữ.
        LanguageCentre "language_centre",
        /// Bệnh viện đa khoa.
        GeneralHospital "general_hospital",
        /// Bệnh viện chuyên khoa.
        SpecialistHospital "specialist_hospital",
        /// Trung tâm y tế có giường.
        DistrictHealthCentre "district_health_centre",
        /// Trạm y tế.
        CommuneStation "commune_station",
        /// Phòng khám đa khoa.
        Polyclinic "polyclinic",
        /// Phòng khám chuyên khoa.
        Clinic "clinic",
        /// Nhà hộ sinh.
        MaternityHome "maternity_home",
        /// None of these.
        Other "other",
    }
    /// Who owns an institution.
    Ownership {
        /// Công lập.
        Public "public",
        /// Tư nhân, dân lập.
        Private "private",
    }
    /// Tuyến of a health facility.
    CareTier {
        /// Trung ương.
        Central "central",
        /// Tỉnh.
        Provincial "provincial",
        /// Huyện.
        District "district",
        /// Xã.
        Commune "commune",
    }
    /// Whether the verdict counts an institution.
    Scope {
        /// It does.
        Core "core",
        /// Printed beside it.
        Extended "extended",
    }
    /// Whether an institution works.
    InstitutionStatus {
        /// It does.
        Active "active",
        /// For a while not.
        Suspended "suspended",
        /// No more.
        Closed "closed",
    }
    /// What a receiving identifier is.
    IdentifierKind {
        /// A bank account.
        Account "account",
        /// The leading part of virtual-account numbers at a bank.
        VirtualAccountPrefix "virtual_account_prefix",
        /// A merchant of an intermediary.
        Merchant "merchant",
        /// A card terminal.
        Terminal "terminal",
    }
    /// What an identifier is kept for.
    Purpose {
        /// Fees of pupils and patients.
        FeeCollection "fee_collection",
        /// Everything.
        General "general",
        /// Deposits of hospital patients.
        Deposit "deposit",
        /// Salaries.
        Payroll "payroll",
        /// One project.
        Project "project",
        /// Nobody said.
        Unknown "unknown",
    }
    /// What a movement of money is in the figures (loại tiền thu).
    Class {
        /// A fee paid (học phí, viện phí, …); counted.
        FeePayment "fee_payment",
        /// A hospital deposit (tạm ứng viện phí); counted.
        Deposit "deposit",
        /// Money out that returns nothing.
        Outflow "outflow",
        /// An intermediary's lump sum.
        Settlement "settlement",
        /// Cash at a counter.
        CounterCash "counter_cash",
        /// From the state budget (kho bạc).
        StateBudget "state_budget",
        /// From the health insurance fund (BHXH).
        HealthInsuranceFund "bhyt_fund",
        /// A donation (tài trợ).
        Donation "donation",
        /// Interest.
        Interest "interest",
        /// A loan.
        Loan "loan",
        /// Money back from a supplier.
        SupplierRefund "supplier_refund",
        /// Between accounts of one institution or its parent.
        InternalTransfer "internal_transfer",
        /// Nobody knows what for; shown with its value, in no ratio.
        Unknown "unknown",
        /// Nobody knows whose; shown with its value, in no ratio.
        UnknownOwner "UNKNOWN",
    }
    /// Who runs a public institution.
    ManagedBy {
        /// The province: a department (sở) or a commune.
        Province "province",
        /// A ministry (bộ).
        Ministry "ministry",
        /// Quân đội.
        Army "army",
        /// Công an.
        Police "police",
    }
    /// Level of an administrative unit.
    UnitLevel {
        /// Tỉnh, thành phố trực thuộc trung ương.
        Province "province",
        /// Huyện, quận, thị xã, thành phố thuộc tỉnh; until 2025-07-01.
        District "district",
        /// Xã, phường, thị trấn.
        Commune "commune",
    }
    /// What is declared of an institution besides what it is.
    Attribute {
        /// A management platform (nền tảng) is in use; its value is a [`PlatformCategory`], its name the product.
        Platform "platform",
        /// Equipment for a family of methods is installed; its value is a [`MethodFamily`].
        MethodReady "method_ready",
        /// At least one cashless method is accepted.
        Accepting "accepting",
        /// Đầu mối: somebody is named who answers for cashless payment.
        FocalPoint "focal_point",
        /// Payment is a module of the management software.
        PaymentModule "payment_module",
        /// The data template is agreed with a provider, its value.
        TemplateAgreed "template_agreed",
    }
    /// What a management platform is for.
    PlatformCategory {
        /// Quản lý giáo dục.
        EducationManagement "education_management",
        /// Quản lý bệnh viện.
        HospitalManagement "hospital_management",
        /// Khám chữa bệnh từ xa.
        Telehealth "telehealth",
        /// Đơn thuốc điện tử.
        EPrescription "e_prescription",
        /// Hồ sơ sức khoẻ cá nhân.
        PersonalHealthRecord "personal_health_record",
        /// Tiêm chủng.
        Vaccination "vaccination",
        /// Tư vấn trực tuyến.
        OnlineAdvice "online_advice",
    }
    /// The four ways to pay that the plans name.
    MethodFamily {
        /// Mã QR.
        Qr "QR",
        /// Cổng thanh toán trên mạng.
        Web "WEB",
        /// Mobile Money.
        MobileMoney "MOBILE_MONEY",
        /// Thẻ, máy POS.
        CardPos "CARD_POS",
    }
    /// Whether a provider's data reaches us.
    ConnectionState {
        /// It does.
        Connected "connected",
        /// It should, but is known not to.
        Silent "silent",
    }
    /// Whose a paying account is, and so what its money is: never a fee.
    PayerKind {
        /// Ngân sách, kho bạc.
        StateBudget "state_budget",
        /// Quỹ bảo hiểm y tế.
        BhytFund "bhyt_fund",
        /// Tài trợ.
        Donation "donation",
        /// Lãi tiền gửi.
        Interest "interest",
        /// Vay.
        Loan "loan",
        /// Nhà cung cấp hoàn tiền.
        SupplierRefund "supplier_refund",
    }
    /// What happens to an institution on a day.
    SuccessionEvent {
        /// Thành lập.
        Open "open",
        /// Sáp nhập: it ends in another one.
        Merge "merge",
        /// Chia, tách: it ends in several others, an edge each.
        Split "split",
        /// Đổi tên.
        Rename "rename",
        /// Another parent, the edge's target.
        ChangeParent "change_parent",
        /// Giải thể.
        Close "close",
    }
}

impl InstitutionType {
    /// The only sector that has it; none of what either may have.
    #[must_use]
    pub const fn sector(self) -> Option<Sector> {
        match self {
            Self::Preschool
            | Self::Primary
            | Self::LowerSecondary
            | Self::UpperSecondary
            | Self::MultiLevel
            | Self::EthnicBoarding
            | Self::EthnicSemiBoarding
            | Self::ContinuingEducation
            | Self::VocationalSecondary
            | Self::College
            | Self::University
            | Self::IndependentChildGroup
            | Self::LanguageCentre => Some(Sector::Education),
            Self::GeneralHospital
            | Self::SpecialistHospital
            | Self::DistrictHealthCentre
            | Self::CommuneStation
            | Self::Polyclinic
            | Self::Clinic
            | Self::MaternityHome => Some(Sector::Health),
            Self::Other => None,
        }
    }
}

impl Class {
    /// Whether money of this class is a payment that counts.
    #[must_use]
    pub const fn is_counted(self) -> bool {
        matches!(self, Self::FeePayment | Self::Deposit)
    }
}
