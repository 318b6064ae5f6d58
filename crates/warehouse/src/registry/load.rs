//! From blocks to rows, the columns in the order of the queries: key, first day, day after the last, then the rest.

use cashless_domain::{BusinessDate, IdentifierId};
use cashless_registry::{
    Attribute, AttributeRow, CareTier, ConnectionRow, ConnectionState, IdentifierKind, IdentifierRow,
    IndicatorRow, InstitutionRow, InstitutionStatus, InstitutionType, Interval, ManagedBy, Ownership,
    PayerAccountRow, PayerKind, Purpose, Scope, Sector, SuccessionEvent, SuccessionRow, UnitLevel, UnitRow,
};

use crate::error::Cause;
use crate::native::Block;

/// A row that comes out of a table of its kind.
pub(super) trait Loaded: Sized {
    type Key: Ord;
    fn load(line: &Line<'_>) -> Result<(Self::Key, Self), Cause>;
}

/// One row of a block.
pub(super) struct Line<'b> {
    pub(super) block: &'b Block,
    pub(super) row: usize,
}

impl Line<'_> {
    pub(super) fn text(&self, position: usize) -> Result<String, Cause> {
        Ok(self.block.strings(position)?.get(self.row)?.to_owned())
    }

    pub(super) fn number(&self, position: usize) -> Result<u32, Cause> {
        Ok(self.block.fixed::<u32>(position, "UInt32")?.get(self.row))
    }

    fn large_number(&self, position: usize) -> Result<u64, Cause> {
        Ok(self.block.fixed::<u64>(position, "UInt64")?.get(self.row))
    }

    fn truth(&self, position: usize) -> Result<bool, Cause> {
        Ok(self.block.fixed::<u8>(position, "UInt8")?.get(self.row) != 0)
    }

    fn digest(&self) -> Result<IdentifierId, Cause> {
        Ok(IdentifierId(self.block.fixed::<[u8; 16]>(0, "FixedString(16)")?.get(self.row)))
    }

    fn valid(&self) -> Result<Interval, Cause> {
        let day = |position| {
            let days = self.block.fixed::<u16>(position, "Date")?.get(self.row);
            Ok::<_, Cause>(BusinessDate::from_days(days))
        };
        Ok(Interval { from: day(1)?, to: day(2)? })
    }

    fn word<T>(&self, position: usize, from: fn(&str) -> Option<T>) -> Result<T, Cause> {
        let name = self.block.strings(position)?.get(self.row)?;
        from(name).ok_or(Cause::InvalidRow("word of the registry"))
    }
}

impl Loaded for InstitutionRow {
    type Key = String;
    fn load(line: &Line<'_>) -> Result<(String, Self), Cause> {
        let has_tier = !line.text(7)?.is_empty();
        let row = Self {
            valid: line.valid()?,
            name: line.text(3)?,
            sector: line.word(4, Sector::from_name)?,
            institution_type: line.word(5, InstitutionType::from_name)?,
            ownership: line.word(6, Ownership::from_name)?,
            care_tier: if has_tier { Some(line.word(7, CareTier::from_name)?) } else { None },
            scope: line.word(8, Scope::from_name)?,
            unit_code: line.text(9)?,
            unit_name: line.text(10)?,
            parent_id: line.text(11)?,
            status: line.word(12, InstitutionStatus::from_name)?,
            learners: line.number(13)?,
            beds: line.number(14)?,
            fee_collecting: line.truth(15)?,
            visits: line.number(16)?,
            managed_by: line.word(17, ManagedBy::from_name)?,
        };
        Ok((line.text(0)?, row))
    }
}

impl Loaded for IdentifierRow {
    type Key = IdentifierId;
    fn load(line: &Line<'_>) -> Result<(IdentifierId, Self), Cause> {
        let row = Self {
            valid: line.valid()?,
            kind: line.word(3, IdentifierKind::from_name)?,
            provider: line.text(4)?,
            tail: line.text(5)?,
            institution_id: line.text(6)?,
            purpose: line.word(7, Purpose::from_name)?,
            evidence: line.text(8)?,
        };
        Ok((line.digest()?, row))
    }
}

impl Loaded for UnitRow {
    type Key = String;
    fn load(line: &Line<'_>) -> Result<(String, Self), Cause> {
        let row = Self {
            valid: line.valid()?,
            level: line.word(3, UnitLevel::from_name)?,
            name: line.text(4)?,
            parent_code: line.text(5)?,
        };
        Ok((line.text(0)?, row))
    }
}

impl Loaded for AttributeRow {
    type Key = String;
    fn load(line: &Line<'_>) -> Result<(String, Self), Cause> {
        let row = Self {
            valid: line.valid()?,
            attribute: line.word(3, Attribute::from_name)?,
            value: line.text(4)?,
            name: line.text(5)?,
            ministry_listed: line.truth(6)?,
            declared_by: line.text(7)?,
            evidence: line.text(8)?,
        };
        Ok((line.text(0)?, row))
    }
}

impl Loaded for ConnectionRow {
    type Key = String;
    fn load(line: &Line<'_>) -> Result<(String, Self), Cause> {
        let row = Self {
            valid: line.valid()?,
            state: line.word(3, ConnectionState::from_name)?,
            evidence: line.text(4)?,
        };
        Ok((line.text(0)?, row))
    }
}

impl Loaded for PayerAccountRow {
    type Key = IdentifierId;
    fn load(line: &Line<'_>) -> Result<(IdentifierId, Self), Cause> {
        let row = Self {
            valid: line.valid()?,
            kind: line.word(3, PayerKind::from_name)?,
            provider: line.text(4)?,
            tail: line.text(5)?,
            evidence: line.text(6)?,
        };
        Ok((line.digest()?, row))
    }
}

impl Loaded for SuccessionRow {
    type Key = String;
    fn load(line: &Line<'_>) -> Result<(String, Self), Cause> {
        let row = Self {
            on: line.valid()?.from,
            event: line.word(3, SuccessionEvent::from_name)?,
            to_institution_id: line.text(4)?,
            evidence: line.text(5)?,
        };
        Ok((line.text(0)?, row))
    }
}

impl Loaded for IndicatorRow {
    type Key = String;
    fn load(line: &Line<'_>) -> Result<(String, Self), Cause> {
        let row = Self {
            valid: line.valid()?,
            numerator: line.large_number(3)?,
            denominator: line.large_number(4)?,
            declared_by: line.text(5)?,
            evidence: line.text(6)?,
        };
        Ok((line.text(0)?, row))
    }
}
