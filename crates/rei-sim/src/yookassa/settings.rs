//! What is set in the merchant's profile, and how the service tells of events.

use reqwest::Url;

use super::YooKassaSim;
use super::levers::SimError;
use super::notices::{HeldNotice, NoticeSettings};
use super::refunds::RefundMode;

impl YooKassaSim {
    /// What becomes of refunds that are asked for from now on.
    pub fn set_refund_mode(&self, mode: RefundMode) {
        self.state.with(|world| world.settings.refunds = mode);
    }

    /// Whether receipts have to come with payments from now on.
    pub fn demand_receipts(&self, on: bool) {
        self.state.with(|world| world.settings.receipts_demanded = on);
    }

    /// Whether receipts are registered at once, instead of staying pending.
    pub fn register_receipts_at_once(&self, on: bool) {
        self.state.with(|world| world.settings.receipts_at_once = on);
    }

    /// Where payers are sent to from now on: scheme and host, such as `https://evil.example`; none: here.
    pub fn set_confirmation_host(&self, host: Option<&str>) {
        let pages = host.unwrap_or(self.state.base_url()).trim_end_matches('/').to_owned();
        self.state.with(|world| world.settings.pages = pages);
    }

    /// Where notifications go, as the merchant's profile has it; none: nowhere.
    ///
    /// # Errors
    /// Only `https` on port 443 or 8443, and loopback for tests.
    pub fn set_notify_url(&self, url: Option<&str>) -> Result<(), SimError> {
        if let Some(url) = url {
            let parsed = Url::parse(url).map_err(|_| SimError::new("this is no address"))?;
            let host = parsed.host_str().unwrap_or_default();
            let is_loopback = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
            let is_open = parsed.scheme() == "https"
                && matches!(parsed.port_or_known_default(), Some(443 | 8_443));
            if !is_open && !is_loopback {
                return Err(SimError::new("https on port 443 or 8443 is expected"));
            }
        }
        self.state.with(|world| world.settings.notify_url = url.map(str::to_owned));
        Ok(())
    }

    /// How notifications are sent from now on.
    pub fn set_notices(&self, settings: NoticeSettings) {
        self.state.with(|world| world.settings.notices = settings);
        self.state.changed.notify_one();
    }

    /// How they are sent now.
    pub fn notices(&self) -> NoticeSettings {
        self.state.with(|world| world.settings.notices.clone())
    }

    /// The notifications that are held back, oldest first.
    pub fn held(&self) -> Vec<HeldNotice> {
        self.state.with(|world| world.outbox.held())
    }

    /// Lets a held notification go, in any order; false: there is none.
    pub fn release(&self, number: u64) -> bool {
        let now_ms = self.state.clock.now_ms();
        let is_released = self.state.with(|world| world.outbox.release(number, now_ms));
        self.state.changed.notify_one();
        is_released
    }

    /// Lets all held notifications go, oldest first.
    pub fn release_all(&self) {
        for held in self.held() {
            self.release(held.number);
        }
    }

    /// Sends an old notification again, byte for byte; false: none with this number was sent.
    pub fn send_again(&self, number: u64) -> bool {
        let now_ms = self.state.clock.now_ms();
        let sent = self.sent_notices().into_iter().find(|sent| sent.number == number);
        let Some(sent) = sent else { return false };
        self.state.with(|world| {
            world.outbox.again(sent.event, &sent.object_id, &sent.body, now_ms);
        });
        self.state.changed.notify_one();
        true
    }
}
