//! Under which names the shop may be asked.
//!
//! A page from elsewhere can let its own name lead to this machine (DNS rebinding) and would then speak to a shop that
//! listens on a loopback address as if it were its own. Its requests carry that name, and so they are refused.

use std::{net::IpAddr, str::FromStr};

use axum::{
    extract::{Request, State},
    http::{StatusCode, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Under which names the shop may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hosts {
    /// Any: who listens for others is called whatever they call it.
    Any,
    /// Those of the machine itself (`localhost`, `127.0.0.1`, `[::1]`), and one more when it is given.
    Loopback {
        /// The name under which others reach the shop, with or without a port.
        also: Option<String>,
    },
}

impl Hosts {
    fn allow(&self, asked: &str) -> bool {
        let Self::Loopback { also } = self else { return true };
        let asked = name(asked);
        is_loopback(&asked) || also.as_deref().is_some_and(|also| name(also) == asked)
    }
}

/// Lets only requests through that ask for a name which the shop has.
pub(crate) async fn check(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let header = request.headers().get(header::HOST).map(|host| host.to_str().unwrap_or_default());
    // A proxy's request has it in the address. Programs that name no host are no browsers.
    match header.or_else(|| request.uri().authority().map(Authority::as_str)) {
        Some(asked) if !hosts.allow(asked) => {
            let text = "this shop answers only under the names of its own machine, such as localhost; \
                        `sklep serve --advertise NAME:PORT` gives it one more\n";
            (StatusCode::MISDIRECTED_REQUEST, text).into_response()
        }
        Some(_) | None => next.run(request).await,
    }
}

/// A host without its port and final dot, in lower case.
fn name(host: &str) -> String {
    let authority = Authority::from_str(host);
    let host = authority.as_ref().map_or(host, Authority::host);
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

fn is_loopback(name: &str) -> bool {
    let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    match bare.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_no_address) => name == "localhost" || name.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_own_names_are_allowed_and_others_are_not() {
        let hosts = Hosts::Loopback { also: Some("shop.example:443".into()) };
        for own in [
            "localhost",
            "LOCALHOST:8080",
            "localhost.:8080",
            "a.localhost:1",
            "127.0.0.1:8080",
            "127.9.9.9",
            "[::1]:8080",
            "[::ffff:127.0.0.1]:1",
            "shop.example",
            "Shop.Example:8080",
        ] {
            assert!(hosts.allow(own), "{own}");
        }
        for other in [
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "notlocalhost",
            "10.0.0.1:8080",
            "[::2]",
            "",
            "@",
            "127.0.0.1.evil.example",
            "localhost@evil.example",
        ] {
            assert!(!hosts.allow(other), "{other}");
            assert!(Hosts::Any.allow(other), "{other}");
        }
    }
}
