//! A synthetic province.
