//! The documented body, `schemas/webhooks/payment.v1.schema.json`, as borrowed lexemes.

use std::fmt;

use serde::de::{
    Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer,
};

use crate::json::{Lexeme, Object, members};

/// How many statements a batch may have; more are counted as one malformed delivery.
pub(crate) const BATCH_ITEMS_MAX: usize = 500;

members! {
    /// The whole body: one statement, or a batch of them.
    Body {
        kind: Lexeme<'de> = "type",
        timestamp: Lexeme<'de> = "timestamp",
        data: Data<'de> = "data",
    }
}

members! {
    /// One statement of a batch.
    Statement {
        kind: Lexeme<'de> = "type",
        timestamp: Lexeme<'de> = "timestamp",
        data: Object<Transaction<'de>> = "data",
    }
}

members! {
    /// What a statement is about.
    Transaction {
        transaction_id: Lexeme<'de> = "transaction_id",
        transaction_time: Lexeme<'de> = "transaction_time",
        settled_at: Lexeme<'de> = "settled_at",
        version: Lexeme<'de> = "version",
        status_version: Lexeme<'de> = "status_version",
        receiver: Object<Receiver<'de>> = "receiver",
        amount_dong: Lexeme<'de> = "amount_dong",
        currency: Lexeme<'de> = "currency",
        method: Lexeme<'de> = "method",
        kind: Lexeme<'de> = "kind",
        bank_reference: Lexeme<'de> = "bank_reference",
        original: Object<Original<'de>> = "original",
        payer: Object<Payer<'de>> = "payer",
        beneficiary: Object<Beneficiary<'de>> = "beneficiary",
        reason: Lexeme<'de> = "reason",
        invoice_ref: Lexeme<'de> = "invoice_ref",
    }
}

members! {
    /// Who received the money.
    Receiver {
        bank: Lexeme<'de> = "bank",
        account: Lexeme<'de> = "account",
        virtual_account: Lexeme<'de> = "virtual_account",
        merchant: Lexeme<'de> = "merchant",
        terminal: Lexeme<'de> = "terminal",
    }
}

members! {
    /// The payment that a refund returns.
    Original {
        transaction_id: Lexeme<'de> = "transaction_id",
    }
}

members! {
    /// Who paid.
    Payer {
        name: Lexeme<'de> = "name",
        bank: Lexeme<'de> = "bank",
        account: Lexeme<'de> = "account",
    }
}

members! {
    /// Whom the money serves.
    Beneficiary {
        name: Lexeme<'de> = "name",
        code: Lexeme<'de> = "code",
        kind: Lexeme<'de> = "kind",
    }
}

/// The member `data` of a body.
pub(crate) enum Data<'de> {
    /// Of a statement, or of no documented type.
    One(Box<Object<Transaction<'de>>>),
    /// Of a batch.
    Many(Vec<Object<Statement<'de>>>),
    /// Of a batch with more than [`BATCH_ITEMS_MAX`] statements.
    TooMany,
}

impl Default for Data<'_> {
    fn default() -> Self {
        Self::One(Box::default())
    }
}

impl<'de> Deserialize<'de> for Data<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DataVisitor)
    }
}

struct DataVisitor;

impl<'de> Visitor<'de> for DataVisitor {
    type Value = Data<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Object::deserialize(MapAccessDeserializer::new(map)).map(|object| Data::One(Box::new(object)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut statements = Vec::new();
        while let Some(statement) = seq.next_element()? {
            statements.push(statement);
            if statements.len() > BATCH_ITEMS_MAX {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(Data::TooMany);
            }
        }
        Ok(Data::Many(statements))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Data::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Data::One(Box::new(Object::Wrong)))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Data::One(Box::new(Object::Wrong)))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Data::One(Box::new(Object::Wrong)))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Data::One(Box::new(Object::Wrong)))
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Data::One(Box::new(Object::Wrong)))
    }
}
