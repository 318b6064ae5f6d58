//! The registry: which institution a receiving identifier belongs to, and from when to when.
