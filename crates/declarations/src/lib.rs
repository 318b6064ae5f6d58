//! Files of declared cash (khai báo thu tiền mặt), CSV or XLSX: read whole or not at all, and compared with what is stored.
//!
//! [`read()`] gives every declaration of the files, or every mistake in them with file and row; [`plan()`] says which are
//! new, which revise a month, and which are stored already.
//!
//! Promises: nothing is half read; a number is a number of dong or refused, never guessed; a declaration that is stored is
//! never replaced, only followed by a higher version; planning the same files after they were applied plans nothing.
//! The crate is pure: no sockets, no clock.
//!
//! Left to others: appending a plan to the log (the executable), storing it (the aggregator).
//!
//! ```
//! use cashless_declarations::{File, plan, read};
//! use cashless_domain::Timestamp;
//!
//! let now = Timestamp::parse_rfc3339("2022-10-03T09:00:00+07:00")?;
//! let file = File {
//!     name: "thang-9.csv",
//!     bytes: "mã cơ sở;tháng;nguồn;phiên bản;số phiếu thu;tiền mặt;chức vụ;ngày khai\n\
//!             TH-0012;2022-09;B;1;42;12.500.000;Hiệu trưởng;2022-10-02\n".as_bytes(),
//! };
//! let rows = read(&[file], |id| id == "TH-0012", now).expect("no mistake");
//! assert_eq!(rows[0].declaration.cash_dong, 12_500_000);
//! let first = plan(&rows, &[]).expect("nothing is stored");
//! assert_eq!((first.new.len(), first.revised.len(), first.unchanged), (1, 0, 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod columns;
mod error;
mod plan;
mod read;
mod table;
mod values;

pub use error::{FileError, Problem};
pub use plan::{Plan, Revision, plan};
pub use read::{FILE_CHANNEL, Row, read};
pub use table::File;
