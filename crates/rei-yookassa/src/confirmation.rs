//! Which payment pages a customer may be sent to. The address comes from outside; it becomes a button under our name.

use url::{Host, Url};

use crate::client::is_loopback;

/// YooKassa's own names; their subdomains count as well.
const NAMES: [&str; 2] = ["yoomoney.ru", "yookassa.ru"];
/// The longest address that is taken.
const URL_MAX: usize = 2048;

/// Where a customer may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedHosts {
    /// The machine that the API itself is on, when that is this one: tests and the demo.
    local: Option<Host>,
}

/// Not a page of YooKassa's. The address is not quoted: it could be anybody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the payment page is not one of yookassa's")]
pub struct UnsafeLink;

impl AllowedHosts {
    /// YooKassa's own pages.
    pub const fn yookassa() -> Self {
        Self { local: None }
    }

    /// YooKassa's own pages, and those on the API's machine when the API is an http one on this machine.
    pub fn for_api(base: &Url) -> Self {
        let is_local = base.scheme() == "http" && is_loopback(base);
        Self { local: base.host().filter(|_| is_local).map(|host| host.to_owned()) }
    }
}

/// The address of the payment page, when a customer may be sent there.
///
/// # Errors
/// [`UnsafeLink`]: show no button; the order needs the owner.
pub fn safe_confirmation(url: &str, hosts: &AllowedHosts) -> Result<Url, UnsafeLink> {
    // Other readers of the address may take other signs for its parts than we do, so only plain ones pass.
    let is_plain = url.len() <= URL_MAX
        && url.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte));
    let parsed = Url::parse(url).ok().filter(|_| is_plain).ok_or(UnsafeLink)?;
    // `https:@x`, `https:///x`, `user@x`: what one reader mends or skips, another may follow.
    let is_clear = authority(url, parsed.scheme()).is_some_and(|written| {
        let host = parsed.host_str().unwrap_or_default();
        let port = written.strip_prefix(host).unwrap_or("@");
        port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
    });
    let is_allowed = match parsed.scheme() {
        "https" => parsed.port().is_none() && parsed.host().is_some_and(is_yookassas),
        "http" => hosts.local.is_some() && parsed.host().map(|it| it.to_owned()) == hosts.local,
        _ => false,
    };
    if is_clear && is_allowed { Ok(parsed) } else { Err(UnsafeLink) }
}

fn is_yookassas(host: Host<&str>) -> bool {
    let Host::Domain(host) = host else { return false };
    NAMES.iter().any(|name| {
        host.strip_suffix(name).is_some_and(|front| front.is_empty() || front.ends_with('.'))
    })
}

/// What stands between the two slashes and the path.
fn authority<'a>(url: &'a str, scheme: &str) -> Option<&'a str> {
    let rest = url.strip_prefix(scheme)?.strip_prefix("://")?;
    rest.split(['/', '?', '#']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_safe(url: &str) -> bool {
        safe_confirmation(url, &AllowedHosts::yookassa()).is_ok()
    }

    fn for_api(base: &str) -> AllowedHosts {
        AllowedHosts::for_api(&Url::parse(base).expect("a url"))
    }

    #[test]
    fn yookassas_pages_are_safe() {
        for url in [
            "https://yoomoney.ru/checkout/payments/v2/contract?orderId=30b1f0aa",
            "https://yookassa.ru/my/pay",
            "https://pay.yookassa.ru/a",
            "https://a.b.yoomoney.ru/",
            "https://yoomoney.ru:443/x",
            "https://yoomoney.ru/x?to=a@b.c",
        ] {
            assert!(is_safe(url), "{url}");
        }
    }

    #[test]
    fn pages_that_only_look_like_yookassas_are_not() {
        for url in [
            "",
            "yoomoney.ru",
            "//yoomoney.ru/x",
            "http://yoomoney.ru/x",
            "ftp://yoomoney.ru/x",
            "javascript:alert(1)//yoomoney.ru",
            "data:text/html,https://yoomoney.ru",
            "https://evil.example/yoomoney.ru",
            "https://evil.example?yoomoney.ru",
            "https://evil.example#yoomoney.ru",
            "https://yoomoney.ru.evil.example/x",
            "https://evilyoomoney.ru/x",
            "https://evil-yookassa.ru/x",
            "https://yookassa.test/x",
            "https://yoomoney.ru./x",
            "https://user@yoomoney.ru/x",
            "https://user:pass@yoomoney.ru/x",
            "https://@yoomoney.ru/x",
            "https://:@yoomoney.ru/x",
            "https://yoomoney.ru@evil.example/x",
            "https://yoomoney.ru%40evil.example/x",
            "https://evil.example\\@yoomoney.ru/x",
            "https://evil.example\\.yoomoney.ru/x",
            "https:\\\\yoomoney.ru/x",
            "https:yoomoney.ru/x",
            "https:/yoomoney.ru/x",
            "https:///yoomoney.ru/x",
            "https://yoomoney.ru:/x",
            "https://yoomoney.ru:0443@evil.example/x",
            "HTTPS://yoomoney.ru/x",
            "https://yoomoney.ru:8443/x",
            "https://yoomoney.ru:80/x",
            "https://yo\nomoney.ru/x",
            "https://yoomoney.ru/x y",
            " https://yoomoney.ru/x",
            "https://yoomoney\u{3002}ru/x",
            "https://yo\u{043e}money.ru/x",
            "https://yoomoney.ru/\u{202e}x",
            "https://\u{ff59}oomoney.ru/x",
            "https://xn--yomoney-9ig.ru/x",
            "https://.yoomoney.ru/x\"onclick",
            "https://127.0.0.1/x",
            "https://[::1]/x",
            "http://127.0.0.1:81/x",
        ] {
            assert!(!is_safe(url), "{url:?}");
        }
        assert!(!is_safe(&format!("https://yoomoney.ru/{}", "x".repeat(URL_MAX))));
    }

    #[test]
    fn the_machine_of_a_local_api_is_safe_and_no_other() {
        let local = for_api("http://127.0.0.1:81/v3");
        let is_safe = |url| safe_confirmation(url, &local).is_ok();
        assert!(is_safe("http://127.0.0.1:81/pay/x") && is_safe("http://127.0.0.1:9999/pay/x"));
        assert!(is_safe("https://yoomoney.ru/x"));
        for url in [
            "http://127.0.0.2:81/x",
            "http://localhost:81/x",
            "http://[::1]:81/x",
            "http://evil.example/x",
            "http://u@127.0.0.1:81/x",
            "https://127.0.0.1:81/x",
        ] {
            assert!(!is_safe(url), "{url}");
        }
        for base in ["https://127.0.0.1/v3", "https://api.yookassa.ru/v3", "http://10.0.0.1/v3"] {
            assert_eq!(for_api(base), AllowedHosts::yookassa(), "{base}");
        }
    }
}
