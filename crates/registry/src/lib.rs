//! The registry: institutions, what is declared of them, their units, and which receiving identifier is whose, from when
//! to when.
//!
//! Operators keep CSV files that state the truth for everything they contain; any of them may be given alone. [`read()`]
//! checks them whole, together with what is stored, and either gives the [`Registry`] as it will be or every error there
//! is; [`plan()`] says how that differs from the current one; [`export()`] writes the files.
//!
//! Promises: nothing is half read; plain account numbers become keyed digests on reading and are in no error,
//! plan or debug output, where a masked tail stands for them; planning the same files twice plans nothing, nor do
//! exported ones.
//!
//! Left to others: storing a plan (`warehouse`), and resolving payments, which happens when figures are read.
//!
//! ```
//! use cashless_domain::IdKey;
//! use cashless_registry::{Files, PlanOptions, Registry, plan, read};
//!
//! let institutions = "institution_id,name,sector,type,ownership,care_tier,scope,unit_code,unit_name,parent_id,status,\
//!                     learners,beds,fee_collecting,valid_from,valid_to\n\
//!                     S1,Trường Ví Dụ,education,primary,public,,core,660,Gia Nghĩa,,active,500,,true,2020-01-01,\n";
//! let identifiers = "kind,provider,value,institution_id,purpose,valid_from,valid_to,evidence\n\
//!                    account,970405,0123456789,S1,fee_collection,2021-09-01,,contract\n";
//! let key = IdKey::new(&[7; 32]).expect("long enough");
//! let (none, options) = (Registry::default(), PlanOptions::default());
//! let files = Files { institutions: Some(institutions.as_bytes()), ..Files::default() };
//! let stored = read(&files, &none, options, &key).expect("valid files");
//! assert_eq!(plan(0, &none, &stored).lines(), ["+ institution S1: from 2020-01-01 (Trường Ví Dụ)"]);
//!
//! let files = Files { identifiers: Some(identifiers.as_bytes()), ..Files::default() };
//! let wanted = read(&files, &stored, options, &key).expect("valid files");
//! assert_eq!(
//!     plan(1, &stored, &wanted).lines(),
//!     ["+ identifier •••789 (account, 970405): from 2021-09-01 S1 for fee_collection"]
//! );
//! assert!(plan(2, &wanted, &wanted).is_empty());
//! ```

mod checks;
mod class_rules;
mod csv_file;
mod diff;
mod error;
mod export;
mod kinds;
mod masking;
mod portrait;
mod read;
mod rows;
mod spelling;
mod summary;
mod words;

pub use class_rules::{ClassRule, ClassRules, Combination, RuleError, RuleProblem};
pub use diff::{Change, ChangeKind, Plan, PlanOptions, plan};
pub use error::{FileError, FileName, Place, Problem};
pub use export::export;
pub use portrait::Portrait;
pub use read::{Files, read};
pub use rows::{
    AttributeRow, ConnectionRow, IdentifierRow, IndicatorRow, InstitutionRow, Interval, PayerAccountRow,
    Registry, SuccessionRow, UnitRow,
};
pub use summary::{Group, Summary};
pub use words::{
    Attribute, CareTier, Class, ConnectionState, IdentifierKind, InstitutionStatus, InstitutionType,
    ManagedBy, MethodFamily, Ownership, PayerKind, PlatformCategory, Purpose, Scope, Sector, SuccessionEvent,
    UnitLevel,
};
