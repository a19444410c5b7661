//! The demo's web site: the page in the browser, its events, and what its visitor does.
//!
//! It knows the simulators alone; what the product's books say comes through [`PanelSource`].

mod acts;
mod assets;
mod events;
mod files;
mod people;
mod sending;
mod switches;
mod view;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use futures::future::BoxFuture;
use rei_sim::gemini::GeminiSim;
use rei_sim::kling::KlingSim;
use rei_sim::telegram::{TelegramSim, User};
use rei_sim::yookassa::YooKassaSim;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use people::Person;

use acts::Refused;
use switches::Switches;

/// Where a payer comes back to.
pub const RETURN_PAGE: &str = "returned.html";
/// Files of visitors: Telegram's own limit for bots and some room.
const BODY_MAX_BYTES: usize = 64 * 1024 * 1024;
/// Answers under way may take this long when the demo stops.
const STOP_WITHIN: Duration = Duration::from_secs(3);

/// What the product shows of itself, and what can be broken and mended in it.
pub trait PanelSource: Send + Sync + 'static {
    /// The panel for a customer. Rubles are in kopecks, accounts `cost:*` and `payable:*` in millionths of a dollar, times in
    /// milliseconds since 1970, lists newest first:
    ///
    /// ```json
    /// {"wallet": {"cash": 0, "bonus": 0, "held": 0},
    ///  "accounts": [{"name": "customer:42:cash", "balance": 0, "held": 0}], "trial_balance": 0,
    ///  "transfers": [{"id": "", "at": 0, "phase": "hold", "kind": "order", "debit": "", "credit": "", "amount": 0, "order": 7}],
    ///  "orders": [{"number": 7, "kind": "image_video", "state": "running", "title": "", "price": 0}],
    ///  "jobs": [{"kind": "", "state": "", "attempts": 0, "due": 0}], "outbox": [{"method": "", "state": "", "attempts": 0}],
    ///  "payments": [{"number": 3, "sum": 0, "rail": "yookassa", "state": "waiting"}], "worker": "running"}
    /// ```
    ///
    /// `wallet` is what is free in each pocket and what is held in both; `due`, `order` and `kind` may be null; `worker` is `running`
    /// or `killed`. `faults` is added by the site.
    fn panel(&self, customer: i64) -> BoxFuture<'_, Value>;

    /// Kills the worker in the middle of its work, or starts it again.
    fn set_worker(&self, running: bool) -> BoxFuture<'_, anyhow::Result<()>>;

    /// Sells again what a fault has taken off sale.
    fn resume_sales(&self) -> BoxFuture<'_, anyhow::Result<()>>;
}

/// The simulators that the product talks to.
pub struct Outside {
    /// Telegram and its people.
    pub telegram: TelegramSim,
    /// Pictures.
    pub gemini: GeminiSim,
    /// Videos.
    pub kling: KlingSim,
    /// Payments.
    pub yookassa: YooKassaSim,
}

/// The site before it is served.
pub struct Site {
    telegram: TelegramSim,
    /// What the addresses of payment pages begin with.
    checkout: String,
    people: Vec<Person>,
    switches: Switches,
    source: Arc<dyn PanelSource>,
    stopping: watch::Sender<bool>,
}

impl Site {
    /// A site for the demo's people, over these simulators and this product.
    pub fn new(outside: Outside, source: Arc<dyn PanelSource>) -> Self {
        let telegram = outside.telegram.clone();
        let checkout = format!("{}/checkout/", outside.yookassa.site_url());
        let switches = Switches::new(outside);
        let people = people::cast();
        Self { telegram, checkout, people, switches, source, stopping: watch::Sender::new(false) }
    }

    /// Serves the page until `stop` is over, then ends all connections.
    ///
    /// # Errors
    /// The listener breaks.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<()> {
        let site = Arc::new(self);
        let router = router(Arc::clone(&site));
        let mut stopped = site.stopping.subscribe();
        let told = async move {
            stop.await;
            // Streams of events never end by themselves.
            site.stopping.send_replace(true);
        };
        let serving = axum::serve(listener, router).with_graceful_shutdown(told);
        let late = async {
            events::stopped(&mut stopped).await;
            tokio::time::sleep(STOP_WITHIN).await;
        };
        tokio::select! {
            served = serving => Ok(served?),
            () = late => Ok(()),
        }
    }

    /// A visitor can play only the demo's people.
    fn user(&self, id: i64) -> Result<User, Refused> {
        match self.people.iter().find(|person| person.id == id) {
            Some(person) => Ok(self.telegram.user(person.id, &person.name, &person.language)),
            None => Err(Refused(format!("nobody here has the id {id}"))),
        }
    }
}

type SharedSite = Arc<Site>;

fn router(site: SharedSite) -> Router {
    Router::new()
        .merge(assets::routes())
        .nest(
            "/api",
            acts::routes().merge(sending::routes()).merge(events::routes()).merge(files::routes()),
        )
        .layer(axum::middleware::from_fn(assets::protect))
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .with_state(site)
}
