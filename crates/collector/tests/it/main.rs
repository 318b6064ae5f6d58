//! The collector as its senders see it: real sockets, a log in memory.

mod bounds;
mod declarations;
mod deliveries;
mod harness;
mod pages;
mod privacy;
