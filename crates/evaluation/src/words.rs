//! The closed vocabularies of plans and results.

/// Names that are the same in plan files, in storage and in figures.
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
        }
    )+ };
}

words! {
    /// What a target measures.
    Metric {
        /// Institutions with a digital platform (nền tảng số) of their sector, of all.
        PlatformShare "platform_share",
        /// Institutions with a counted payment in the target year, of all (sử dụng).
        UseShare "use_share",
        /// Institutions with a method installed and a counted payment, of all (lắp đặt, sử dụng).
        InstallAndUseShare "install_and_use_share",
        /// Institutions that declare to accept and have a receiving identifier, of all (chấp nhận).
        AcceptShare "accept_share",
        /// Counted payments, of these and the cash receipts (số lượng giao dịch).
        CountShare "count_share",
        /// Net dong of counted payments, of this and the net cash (giá trị giao dịch).
        ValueShare "value_share",
        /// Counted payments with the minimum fields (trường thông tin tối thiểu), of all.
        MinimumFieldsShare "minfields_share",
        /// Institutions with enough families of methods ready, of all (sẵn sàng phương thức).
        MethodsReady "methods_ready",
        /// Typed by the department: schools that teach online.
        ManualOnlineTeachingShare "manual_online_teaching_share",
        /// Typed by the department: content taught online.
        ManualOnlineContentShare "manual_online_content_share",
        /// Typed by the department: anything else.
        ManualShare "manual_share",
    }
    /// How a share is compared with a threshold.
    Comparator {
        /// Tối thiểu, từ … trở lên.
        AtLeast ">=",
        /// Trên.
        Above ">",
    }
    /// What the bounds say about a target.
    Verdict {
        /// Đạt: even the lower bound meets it.
        Achieved "achieved",
        /// Không đạt: even the upper bound fails it.
        Missed "missed",
        /// Chưa đủ số liệu: neither.
        Undetermined "undetermined",
    }
    /// Why a verdict is what it is.
    Reason {
        /// The lower bound meets the threshold.
        LowMeets "low_meets",
        /// The upper bound fails the threshold.
        HighFails "high_fails",
        /// The threshold lies between the bounds.
        BetweenBounds "between_bounds",
        /// The upper bound fails, but money may come in that we cannot see.
        HighIsOpen "high_is_open",
        /// Cash is missing, and there is nothing to impute it from.
        NoLowBound "no_low_bound",
        /// Nothing to divide by.
        NoFigure "no_figure",
        /// No institution is in the population.
        EmptyPopulation "empty_population",
        /// The department has typed no figure for the reference date.
        NothingTyped "nothing_typed",
        /// Of a pair: every member is achieved.
        AllAchieved "all_achieved",
        /// Of a pair: a member is missed.
        MemberMissed "member_missed",
        /// Of a pair: no member is missed, but one is undetermined.
        MemberUndetermined "member_undetermined",
    }
    /// What is so of an institution's month. In the order in which they are shown.
    MonthState {
        /// The first declaration came after the due day (muộn).
        Late "late",
        /// System export and declaration differ by more than the tolerance (mâu thuẫn).
        Conflict "conflict",
        /// Declared, and nothing was taken in cash (khai bằng không).
        Zero "zero",
        /// Declared (đã khai).
        Declared "declared",
        /// Only a total of invoices: the number of cash receipts is missing.
        CountMissing "count_missing",
        /// It has ended, the institution was active, and nothing is declared (thiếu). Never read as zero.
        Missing "missing",
        /// The institution's software knows of cashless money that we have not seen.
        NumeratorIncomplete "numerator_incomplete",
        /// Not ended on the day of the evaluation: nothing has to be declared yet.
        Running "running",
        /// Money or a declaration in a month in which the institution was not active on the 1st.
        Outside "outside",
    }
    /// Whether an institution uses cashless payment (sử dụng).
    UseState {
        /// No payment was seen, and every receiving identifier is of a connected provider.
        No "no",
        /// A payment was counted.
        Yes "yes",
        /// No payment was seen, but one could have gone unseen.
        Unknown "unknown",
    }
    /// What coverage is weighed by.
    WeightKind {
        /// Last year's receipts, cashless and cash.
        Receipts "receipts",
        /// Pupils and students.
        Learners "learners",
        /// Patients' visits a year.
        Visits "visits",
        /// Each institution alike.
        Institutions "institutions",
    }
    /// Why an institution has no rank.
    UnrankedReason {
        /// Not active at the reference instant.
        NotActive "not_active",
        /// No declaration at all in the window.
        NoDeclaration "no_declaration",
        /// Fewer receipts than the plan asks for.
        FewReceipts "few_receipts",
    }
    /// A minimum field (trường thông tin tối thiểu) of a payment.
    MinimumField {
        /// Họ và tên người trả tiền.
        PayerName "payer_name",
        /// Họ và tên người thụ hưởng.
        BeneficiaryName "beneficiary_name",
        /// Lý do thanh toán.
        Reason "reason",
        /// Mã, số hóa đơn.
        InvoiceRef "invoice_ref",
    }
    /// Whether a target is about a moment or a year.
    Period {
        /// The end of the reference date.
        Instant "instant",
        /// The target year.
        TargetYear "target_year",
    }
}

impl Verdict {
    /// As officials read it.
    #[must_use]
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::Achieved => "đạt",
            Self::Missed => "không đạt",
            Self::Undetermined => "chưa đủ số liệu",
        }
    }
}

impl Metric {
    /// Whether it is a share of money received, with cash in its denominator.
    #[must_use]
    pub const fn has_cash(self) -> bool {
        matches!(self, Self::CountShare | Self::ValueShare)
    }

    /// Whether a department types it.
    #[must_use]
    pub const fn is_manual(self) -> bool {
        matches!(self, Self::ManualOnlineTeachingShare | Self::ManualOnlineContentShare | Self::ManualShare)
    }

    /// The period that a target of this metric is about.
    #[must_use]
    pub const fn period(self) -> Period {
        match self {
            Self::UseShare
            | Self::InstallAndUseShare
            | Self::CountShare
            | Self::ValueShare
            | Self::MinimumFieldsShare => Period::TargetYear,
            _ => Period::Instant,
        }
    }
}
