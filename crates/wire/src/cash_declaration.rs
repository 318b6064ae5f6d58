//! A declared month of cash between its domain type and its Avro record. Few a month: the general library does it all.

use cashless_domain::{
    BusinessDate, CashDeclaration, DeclarationSource, ExportedCashless, Method, SourceId, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::DecodeError;

#[derive(Serialize, Deserialize)]
#[serde(rename = "CashDeclaration")]
pub(crate) struct CashDeclarationV1 {
    institution_id: String,
    month: i32,
    source: DeclarationSource,
    version: i32,
    cash_n: Option<i64>,
    cash_dong: i64,
    cash_refunds_dong: i64,
    exported_cashless: Vec<ExportedCashlessV1>,
    signer_role: String,
    declared_at: i64,
    recorded_at: i64,
    channel: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "ExportedCashless")]
struct ExportedCashlessV1 {
    method: Method,
    n: i64,
    dong: i64,
}

impl From<&CashDeclaration> for CashDeclarationV1 {
    fn from(declaration: &CashDeclaration) -> Self {
        let exported = declaration.exported_cashless.iter();
        Self {
            institution_id: declaration.institution_id.clone(),
            month: declaration.month.days().into(),
            source: declaration.source,
            version: i32::try_from(declaration.version).unwrap_or(i32::MAX),
            cash_n: declaration.cash_n,
            cash_dong: declaration.cash_dong,
            cash_refunds_dong: declaration.cash_refunds_dong,
            exported_cashless: exported
                .map(|ExportedCashless { method, n, dong }| ExportedCashlessV1 {
                    method: *method,
                    n: *n,
                    dong: *dong,
                })
                .collect(),
            signer_role: declaration.signer_role.clone(),
            declared_at: declaration.declared_at.as_micros(),
            recorded_at: declaration.recorded_at.as_micros(),
            channel: declaration.channel.to_string(),
        }
    }
}

impl TryFrom<CashDeclarationV1> for CashDeclaration {
    type Error = DecodeError;

    fn try_from(record: CashDeclarationV1) -> Result<Self, DecodeError> {
        let time = |micros, member| Timestamp::from_micros(micros).map_err(|_| DecodeError::Value(member));
        let days = u16::try_from(record.month).map_err(|_| DecodeError::Value("month"))?;
        let exported = record.exported_cashless.into_iter();
        let declaration = Self {
            institution_id: record.institution_id,
            month: BusinessDate::from_days(days),
            source: record.source,
            version: u32::try_from(record.version).map_err(|_| DecodeError::Value("version"))?,
            cash_n: record.cash_n,
            cash_dong: record.cash_dong,
            cash_refunds_dong: record.cash_refunds_dong,
            exported_cashless: exported
                .map(|ExportedCashlessV1 { method, n, dong }| ExportedCashless { method, n, dong })
                .collect(),
            signer_role: record.signer_role,
            declared_at: time(record.declared_at, "declared_at")?,
            recorded_at: time(record.recorded_at, "recorded_at")?,
            channel: SourceId::new(&record.channel).map_err(|_| DecodeError::Value("channel"))?,
        };
        match declaration.problems().first() {
            None => Ok(declaration),
            Some(problem) => Err(DecodeError::Body(Box::new(*problem))),
        }
    }
}
