//! Free ports on loopback.
//!
//! A port can be lost between being found free and being bound, so whoever uses one has to be ready to try another. Ports are
//! looked for below the range the kernel gives to outgoing connections: otherwise, while a killed broker is down, a client's
//! connection could be given the very port the broker has to come back on.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;

use crate::random;

/// Below Linux's default `ip_local_port_range`, which begins at 32768, and above what well-known services use.
const CANDIDATES: Range<u16> = 20_000..32_000;
const ATTEMPTS_MAX: u32 = 64;

/// `N` different ports that were free a moment ago.
pub(crate) fn free<const N: usize>() -> io::Result<[u16; N]> {
    // All stay bound until the last is found, so that they differ.
    let listeners: Vec<TcpListener> = (0..N).map(|_| bind_any()).collect::<io::Result<_>>()?;
    let mut ports = [0; N];
    for (port, listener) in ports.iter_mut().zip(&listeners) {
        *port = listener.local_addr()?.port();
    }
    Ok(ports)
}

fn bind_any() -> io::Result<TcpListener> {
    for _ in 0..ATTEMPTS_MAX {
        let offset = u16::from_le_bytes(random::bytes()?) % (CANDIDATES.end - CANDIDATES.start);
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, CANDIDATES.start + offset)) {
            return Ok(listener);
        }
    }
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_found_together_differ_and_can_be_bound() {
        let mut ports = free::<8>().expect("loopback has free ports");
        for port in ports {
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("a free port can be bound");
        }
        ports.sort_unstable();
        assert!(ports.windows(2).all(|pair| pair[0] < pair[1]), "{ports:?}");
    }
}
