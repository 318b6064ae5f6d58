//! Entropy for passwords, cluster ids and port numbers, straight from the kernel.

use std::fs::File;
use std::io::{self, Read};

/// 64 letters and digits, two of them twice, so that every byte maps without bias worth a loop.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789xy";

pub(crate) fn bytes<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Letters and digits only, so that it needs no quoting in a shell, a URL or a configuration file.
pub(crate) fn token<const LENGTH: usize>() -> io::Result<String> {
    Ok(bytes::<LENGTH>()?.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 64)])).collect())
}
