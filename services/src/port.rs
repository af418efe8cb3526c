use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};

/// Below what systems give to outgoing connections (Linux: from 32768, macOS: from 49152). A service that is stopped for a
/// while finds its port free again, and nobody who tries to reach it meanwhile is connected with himself.
const FIRST: u16 = 15_000;
const COUNT: u16 = 17_000;

/// A port of the loopback interface that is free now. Somebody may take it before it is used.
pub(crate) fn free() -> Option<u16> {
    (0..200).map(|_| random()).find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
}

fn random() -> u16 {
    let drawn = RandomState::new().build_hasher().finish() % u64::from(COUNT);
    FIRST + u16::try_from(drawn).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn ports_lie_below_those_of_outgoing_connections_and_differ() {
        let ports: std::collections::BTreeSet<u16> = (0..20).map(|_| free().unwrap()).collect();
        assert!(ports.len() > 10, "{ports:?}");
        assert!(ports.iter().all(|port| (FIRST..FIRST + COUNT).contains(port)));
    }
}
