use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::ConnectInfo;
use http::Extensions;
use lambda_http::request::RequestContext;

/// The address that a request came from: API Gateway's word for it, or the connection's.
pub(crate) fn client_address(extensions: &Extensions) -> Option<IpAddr> {
    let address = match extensions.get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref()?.parse().ok(),
        _ => extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip()),
    };
    address.map(|address: IpAddr| address.to_canonical())
}

/// By what a client is counted: its address. A network of IPv6 addresses that one client holds (a /64) counts as one. Where
/// it is not known, all clients count as one.
pub(crate) fn client_network(extensions: &Extensions) -> String {
    match client_address(extensions) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
        None => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_peer(address: IpAddr) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(address, 9)));
        client_network(&extensions)
    }

    #[test]
    fn the_addresses_of_one_ipv6_network_are_one_client() {
        let of = |text: &str| text.parse().map(of_peer).unwrap_or_default();
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(client_network(&Extensions::new()), "unknown");
    }
}
