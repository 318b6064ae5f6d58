//! The registry: which institution a receiving identifier belongs to, from when to when.
//!
//! Operators keep two CSV files that state the truth for everything they contain. [`read()`] checks them whole and
//! either gives a [`Registry`] or every error there is; [`plan()`] says how a registry differs from the current one.
//!
//! Promises: nothing is half read; plain account numbers become keyed digests on reading and are in no error,
//! plan or debug output, where a masked tail stands for them; planning the same files twice plans nothing.
//!
//! Left to others: storing a plan (`warehouse`), and resolving payments, which happens when figures are read.
//!
//! ```
//! use cashless_domain::IdKey;
//! use cashless_registry::{Files, PlanOptions, Registry, plan, read};
//!
//! let files = Files {
//!     institutions: "institution_id,name,sector,type,ownership,care_tier,scope,unit_code,unit_name,parent_id,status,\
//!                    learners,beds,fee_collecting,valid_from,valid_to\n\
//!                    S1,Trường Ví Dụ,education,primary,public,,core,660,Gia Nghĩa,,active,500,,true,2020-01-01,\n",
//!     identifiers: "kind,provider,value,institution_id,purpose,valid_from,valid_to,evidence\n\
//!                   account,970405,0123456789,S1,fee_collection,2021-09-01,,contract\n",
//! };
//! let key = IdKey::new(&[7; 32]).expect("long enough");
//! let wanted = read(&files, &key).expect("valid files");
//! let change = plan(0, &Registry::default(), &wanted, PlanOptions::default());
//! assert_eq!(change.lines()[0], "+ institution S1: from 2020-01-01 (Trường Ví Dụ)");
//! assert_eq!(change.lines()[1], "+ identifier •••789 (account, 970405): from 2021-09-01 S1 for fee_collection");
//! assert!(plan(1, &wanted, &wanted, PlanOptions::default()).is_empty());
//! ```

mod csv_file;
mod diff;
mod error;
mod read;
mod rows;
mod words;

pub use diff::{Change, ChangeKind, Plan, PlanOptions, plan};
pub use error::{FileError, FileName, Problem};
pub use read::{Files, read};
pub use rows::{
    AttributeRow, ConnectionRow, IdentifierRow, IndicatorRow, InstitutionRow, Interval, PayerAccountRow,
    Registry, SuccessionRow, UnitRow,
};
pub use words::{
    Attribute, CareTier, ConnectionState, IdentifierKind, InstitutionStatus, InstitutionType, ManagedBy,
    MethodFamily, Ownership, PayerKind, PlatformCategory, Purpose, Scope, Sector, SuccessionEvent, UnitLevel,
};
