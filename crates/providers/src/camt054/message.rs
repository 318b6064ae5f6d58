//! Which elements of a camt.054 are read, and where they stand.
//!
//! Versions 001.02 to 001.08 and later differ in a few levels between the same names; both ways lead to one [`Leaf`].

use std::borrow::Cow;

/// Longer texts are no camt.054: its longest element has 500 characters.
pub(super) const TEXT_BYTES_MAX: usize = 4_096;

macro_rules! leaves {
    ($($leaf:ident $path:literal,)+) => {
        /// An element whose text is read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Leaf { $($leaf,)+ }

        impl Leaf {
            const COUNT: usize = [$(Self::$leaf,)+].len();

            /// Where it stands, for rejections.
            pub(super) const fn path(self) -> &'static str {
                match self { $(Self::$leaf => $path,)+ }
            }
        }
    };
}

leaves! {
    MessageId "GrpHdr/MsgId",
    NotificationId "Ntfctn/Id",
    Copy "Ntfctn/CpyDplctInd",
    Account "Ntfctn/Acct/Id",
    AccountName "Ntfctn/Acct/Nm",
    Holder "Ntfctn/Acct/Ownr/Nm",
    Servicer "Ntfctn/Acct/Svcr/FinInstnId/BICFI",
    ServicerName "Ntfctn/Acct/Svcr/FinInstnId/Nm",
    Amount "Amt",
    Currency "Amt/@Ccy",
    TransactionAmount "AmtDtls/TxAmt/Amt",
    TransactionCurrency "AmtDtls/TxAmt/Amt/@Ccy",
    InstructedAmount "AmtDtls/InstdAmt/Amt",
    InstructedCurrency "AmtDtls/InstdAmt/Amt/@Ccy",
    Direction "CdtDbtInd",
    Reversal "RvslInd",
    Status "Sts",
    Booked "BookgDt",
    Valued "ValDt",
    BankReference "AcctSvcrRef",
    EntryReference "NtryRef",
    EndToEnd "Refs/EndToEndId",
    TransactionId "Refs/TxId",
    InstructionId "Refs/InstrId",
    Uetr "Refs/UETR",
    Domain "BkTxCd/Domn/Cd",
    Family "BkTxCd/Domn/Fmly/Cd",
    SubFamily "BkTxCd/Domn/Fmly/SubFmlyCd",
    Payer "RltdPties/Dbtr/Nm",
    UltimatePayer "RltdPties/UltmtDbtr/Nm",
    PayerAccount "RltdPties/DbtrAcct/Id",
    PayerBank "RltdAgts/DbtrAgt/FinInstnId/BICFI",
    PayeeAccount "RltdPties/CdtrAcct/Id",
    Remittance "RmtInf/Ustrd",
    StructuredText "RmtInf/Strd/AddtlRmtInf",
    CreditorReference "RmtInf/Strd/CdtrRefInf/Ref",
    DocumentNumber "RmtInf/Strd/RfrdDocInf/Nb",
    FreeText "AddtlTxInf",
    ReturnReason "RtrInf/Rsn",
    Card "CardTx",
    CardBatch "CardTx/Tx/Aggtd",
    Terminal "CardTx/POI/Id/Id",
    SaleReference "CardTx/Tx/Indv/SaleRefNb",
}

/// A place in the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// In front of the root.
    Root,
    /// Where nothing is read.
    Elsewhere,
    Document,
    Message,
    Header,
    Notification,
    AccountOf(Leaf),
    NumberOf(Leaf),
    OtherNumberOf(Leaf),
    NameOf(Leaf),
    AgentOf(Leaf),
    InstitutionOf(Leaf),
    Entry,
    DateOf(Leaf),
    Codes,
    Domain,
    Family,
    Details,
    Transaction,
    References,
    Amounts,
    AmountOf(Leaf),
    Parties,
    Agents,
    Remittance,
    Structured,
    CreditorReference,
    ReferredDocument,
    Return,
    ReturnReason,
    Card,
    Point,
    PointId,
    CardUse,
    CardSale,
    /// Its mere presence says something.
    Mark(Leaf),
    Text(Leaf),
}

impl At {
    /// Where a child of this name stands.
    pub(super) fn child(self, name: &str) -> Self {
        use Leaf as L;
        match (self, name) {
            (Self::Root, "Document") => Self::Document,
            (Self::Document, "BkToCstmrDbtCdtNtfctn") => Self::Message,
            (Self::Message, "GrpHdr") => Self::Header,
            (Self::Message, "Ntfctn") => Self::Notification,
            (Self::Header, "MsgId") => Self::Text(L::MessageId),

            (Self::Notification, "Id") => Self::Text(L::NotificationId),
            (Self::Notification, "CpyDplctInd") => Self::Text(L::Copy),
            (Self::Notification, "Acct") => Self::AccountOf(L::Account),
            (Self::Notification, "Ntry") => Self::Entry,
            (Self::AccountOf(L::Account), "Nm") => Self::Text(L::AccountName),
            (Self::AccountOf(L::Account), "Ownr") => Self::NameOf(L::Holder),
            (Self::AccountOf(L::Account), "Svcr") => Self::AgentOf(L::Servicer),

            (Self::AccountOf(leaf), "Id") => Self::NumberOf(leaf),
            (Self::NumberOf(leaf), "IBAN") => Self::Text(leaf),
            (Self::NumberOf(leaf), "Othr") => Self::OtherNumberOf(leaf),
            (Self::OtherNumberOf(leaf), "Id") => Self::Text(leaf),
            (Self::NameOf(leaf), "Nm") => Self::Text(leaf),
            (Self::NameOf(leaf), "Pty") => Self::NameOf(leaf),
            (Self::AgentOf(leaf), "FinInstnId") => Self::InstitutionOf(leaf),
            (Self::InstitutionOf(leaf), "BICFI" | "BIC") => Self::Text(leaf),
            (Self::InstitutionOf(L::Servicer), "Nm") => Self::Text(L::ServicerName),
            (Self::DateOf(leaf), "Dt" | "DtTm") => Self::Text(leaf),

            (Self::Entry, "NtryDtls") => Self::Details,
            (Self::Details, "TxDtls") => Self::Transaction,
            (Self::Entry, "NtryRef") => Self::Text(L::EntryReference),
            (Self::Entry, "RvslInd") => Self::Text(L::Reversal),
            (Self::Entry, "Sts") => Self::Text(L::Status),
            // Plain text up to 001.04, one level deeper later.
            (Self::Text(L::Status), "Cd" | "Prtry") => Self::Text(L::Status),
            (Self::Entry, "BookgDt") => Self::DateOf(L::Booked),
            (Self::Entry, "ValDt") => Self::DateOf(L::Valued),
            (Self::Entry | Self::References, "AcctSvcrRef") => Self::Text(L::BankReference),
            (Self::Entry, "AddtlNtryInf") | (Self::Transaction, "AddtlTxInf") => Self::Text(L::FreeText),

            (Self::Entry | Self::Transaction, "Amt") => Self::Text(L::Amount),
            (Self::Entry | Self::Transaction, "CdtDbtInd") => Self::Text(L::Direction),
            (Self::Entry | Self::Transaction, "BkTxCd") => Self::Codes,
            (Self::Entry | Self::Transaction, "CardTx") => Self::Card,
            (Self::Codes, "Domn") => Self::Domain,
            (Self::Domain, "Cd") => Self::Text(L::Domain),
            (Self::Domain, "Fmly") => Self::Family,
            (Self::Family, "Cd") => Self::Text(L::Family),
            (Self::Family, "SubFmlyCd") => Self::Text(L::SubFamily),
            (Self::Card, "POI") => Self::Point,
            (Self::Point, "Id") => Self::PointId,
            (Self::PointId, "Id") => Self::Text(L::Terminal),
            (Self::Card, "Tx") => Self::CardUse,
            // Of an entry; of a transaction it is the one below.
            (Self::Card, "AggtdNtry") => Self::Mark(L::CardBatch),
            (Self::CardUse, "Aggtd") => Self::Mark(L::CardBatch),
            (Self::CardUse, "Indv") => Self::CardSale,
            (Self::CardSale, "SaleRefNb") => Self::Text(L::SaleReference),

            (Self::Transaction, "Refs") => Self::References,
            (Self::References, "EndToEndId") => Self::Text(L::EndToEnd),
            (Self::References, "TxId") => Self::Text(L::TransactionId),
            (Self::References, "InstrId") => Self::Text(L::InstructionId),
            (Self::References, "UETR") => Self::Text(L::Uetr),
            (Self::Transaction, "AmtDtls") => Self::Amounts,
            (Self::Amounts, "TxAmt") => Self::AmountOf(L::TransactionAmount),
            (Self::Amounts, "InstdAmt") => Self::AmountOf(L::InstructedAmount),
            (Self::AmountOf(leaf), "Amt") => Self::Text(leaf),
            (Self::Transaction, "RltdPties") => Self::Parties,
            (Self::Parties, "Dbtr") => Self::NameOf(L::Payer),
            (Self::Parties, "UltmtDbtr") => Self::NameOf(L::UltimatePayer),
            (Self::Parties, "DbtrAcct") => Self::AccountOf(L::PayerAccount),
            (Self::Parties, "CdtrAcct") => Self::AccountOf(L::PayeeAccount),
            (Self::Transaction, "RltdAgts") => Self::Agents,
            (Self::Agents, "DbtrAgt") => Self::AgentOf(L::PayerBank),
            (Self::Transaction, "RmtInf") => Self::Remittance,
            (Self::Remittance, "Ustrd") => Self::Text(L::Remittance),
            (Self::Remittance, "Strd") => Self::Structured,
            (Self::Structured, "CdtrRefInf") => Self::CreditorReference,
            (Self::CreditorReference, "Ref") => Self::Text(L::CreditorReference),
            (Self::Structured, "RfrdDocInf") => Self::ReferredDocument,
            (Self::ReferredDocument, "Nb") => Self::Text(L::DocumentNumber),
            (Self::Structured, "AddtlRmtInf") => Self::Text(L::StructuredText),
            (Self::Transaction, "RtrInf") => Self::Return,
            (Self::Return, "Rsn") => Self::ReturnReason,
            (Self::ReturnReason, "Cd" | "Prtry") => Self::Text(L::ReturnReason),
            _ => Self::Elsewhere,
        }
    }
}

impl Leaf {
    /// Where an amount's currency is kept.
    pub(super) fn currency(self) -> Option<Self> {
        match self {
            Self::Amount => Some(Self::Currency),
            Self::TransactionAmount => Some(Self::TransactionCurrency),
            Self::InstructedAmount => Some(Self::InstructedCurrency),
            _ => None,
        }
    }

    /// Whether every character of it is somebody's own writing.
    fn is_free(self) -> bool {
        matches!(
            self,
            Self::Remittance
                | Self::StructuredText
                | Self::FreeText
                | Self::Payer
                | Self::UltimatePayer
                | Self::Holder
                | Self::AccountName
        )
    }
}

/// What was read of a message, a notification, an entry or a transaction.
pub(super) struct Part<'d> {
    texts: [Option<Cow<'d, str>>; Leaf::COUNT],
    /// An element that contradicts itself.
    pub(super) fault: Option<Leaf>,
}

impl Default for Part<'_> {
    fn default() -> Self {
        Self { texts: [const { None }; Leaf::COUNT], fault: None }
    }
}

impl<'d> Part<'d> {
    /// The text of an element; an empty one is the same as none.
    pub(super) fn get(&self, leaf: Leaf) -> Option<&Cow<'d, str>> {
        self.texts[leaf as usize].as_ref().filter(|text| !text.is_empty())
    }

    /// Whether the element is there.
    pub(super) fn has(&self, leaf: Leaf) -> bool {
        self.texts[leaf as usize].is_some()
    }

    pub(super) fn put(&mut self, leaf: Leaf, text: Cow<'d, str>) {
        let text = if leaf.is_free() { text } else { trimmed(text) };
        if text.is_empty() && leaf != Leaf::Card && leaf != Leaf::CardBatch {
            return;
        }
        match &mut self.texts[leaf as usize] {
            slot @ None => *slot = Some(text),
            // Banks cut at 140 characters, in the middle of a word or a code.
            Some(before) if matches!(leaf, Leaf::Remittance | Leaf::StructuredText) => {
                if before.len() + text.len() > TEXT_BYTES_MAX {
                    self.fault = Some(leaf);
                } else {
                    before.to_mut().push_str(&text);
                }
            }
            // Several invoices name none.
            Some(before) if matches!(leaf, Leaf::CreditorReference | Leaf::DocumentNumber) => {
                if *before != text {
                    *before = Cow::Borrowed("");
                }
            }
            // Two readers could see two different payments.
            Some(_) => self.fault = Some(leaf),
        }
    }
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii()),
        Cow::Owned(text) if text.trim_ascii().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim_ascii().to_owned()),
    }
}
