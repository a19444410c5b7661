//! The running product: which parts this process has, how they start and how they stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use rei_app::House;
use rei_app::chats::{Sender, SenderOptions};
use rei_bot::{BotIdentity, Dispatcher, DispatcherOptions, introduce, poll};
use rei_telegram::Client;
use rei_web::{Readiness, WEBHOOK_PATH, Web, router};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::settings::{Settings, TelegramMode};
use crate::wiring;

/// A process that was told to stop is gone after this long.
const STOP_WITHIN: Duration = Duration::from_secs(25);
/// Telegram may be out of reach when the process starts; it is asked again after this long.
const INTRODUCE_PAUSE: Duration = Duration::from_secs(5);
/// How often this process looks at what others have switched off.
const REFRESH_EVERY: Duration = Duration::from_secs(15);

/// Which parts a process has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// Takes updates in, serves chats and sends messages.
    pub bot: bool,
    /// Makes what was ordered.
    pub worker: bool,
    /// Runs periodic tasks while no other process does.
    pub scheduler: bool,
    /// Listens: health, metrics, YooKassa's notifications, and Telegram's webhook where it is used.
    pub web: bool,
}

impl Roles {
    /// Everything in one process.
    pub const ALL: Self = Self { bot: true, worker: true, scheduler: true, web: true };
}

/// The parts of one process, running.
pub struct Product {
    /// The application.
    pub house: House,
    /// Where the web door listens, if it does.
    pub address: Option<SocketAddr>,
    readiness: Arc<Readiness>,
    stop: watch::Sender<bool>,
    parts: JoinSet<()>,
    worker: Option<Worker>,
    settings: Settings,
    name: String,
}

/// Runs the jobs of orders and of payments.
struct Worker {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

/// Renders the metrics.
pub type RenderMetrics = Arc<dyn Fn() -> String + Send + Sync>;

impl Product {
    /// Starts the parts and returns when they run.
    ///
    /// # Errors
    /// Says which part can't start; nothing runs then.
    pub async fn start(
        settings: Settings,
        house: House,
        roles: Roles,
        metrics: RenderMetrics,
    ) -> anyhow::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let readiness = Arc::new(Readiness::default());
        let name = process_name(&house);
        let mut product = Self {
            house,
            address: None,
            readiness,
            stop,
            parts: JoinSet::new(),
            worker: None,
            settings,
            name,
        };
        if roles.web {
            product.start_web(metrics, stopped.clone()).await?;
        }
        if roles.bot {
            product.start_bot(&stopped)?;
        }
        if roles.worker {
            product.start_worker();
        }
        if roles.scheduler {
            let scheduler = rei_worker::scheduler(&product.house, product.name.clone());
            product.parts.spawn(scheduler.run(stopped.clone()));
            let poller = rei_worker::poller(&product.house, product.name.clone());
            product.parts.spawn(poller.run(stopped.clone()));
        }
        product.parts.spawn(refresh(product.house.clone(), stopped));
        product.readiness.started();
        Ok(product)
    }

    async fn start_web(
        &mut self,
        metrics: RenderMetrics,
        mut stopped: watch::Receiver<bool>,
    ) -> anyhow::Result<()> {
        let bind = self.settings.web.bind;
        let listener = TcpListener::bind(bind)
            .await
            .with_context(|| format!("HTTP_BIND {bind} can't be listened on"))?;
        self.address = Some(listener.local_addr()?);
        let webhook = self.settings.telegram.mode == TelegramMode::Webhook;
        let web = Web {
            house: self.house.clone(),
            telegram_secret: webhook.then(|| self.settings.telegram.webhook_secret.clone()),
            readiness: Arc::clone(&self.readiness),
            metrics,
        };
        // Who notifies of payments is told by the address that he calls from.
        let service = router(web).into_make_service_with_connect_info::<SocketAddr>();
        let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
            // Whoever holds the other end is gone when this fails: then it is time to stop, too.
            let _ = stopped.wait_for(|stop| *stop).await;
        });
        self.parts.spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "the web door closed");
            }
        });
        Ok(())
    }

    fn start_bot(&mut self, stopped: &watch::Receiver<bool>) -> anyhow::Result<()> {
        let client = Arc::new(wiring::telegram(&self.settings)?);
        let readiness = Arc::clone(&self.readiness);
        let on_configuration: Arc<dyn Fn(bool) + Send + Sync> =
            Arc::new(move |wrong| readiness.misconfigured(wrong));
        let sender = Sender::new(
            self.house.clone(),
            Arc::clone(&client),
            SenderOptions { paced: self.settings.telegram.pacing, ..SenderOptions::default() },
            Arc::clone(&on_configuration),
        );
        self.parts.spawn(sender.run(stopped.clone()));
        let chats = rei_worker::chats(&self.house, self.name.clone());
        self.parts.spawn(chats.run(stopped.clone()));
        let (house, settings, name, stopped) =
            (self.house.clone(), self.settings.clone(), self.name.clone(), stopped.clone());
        self.parts.spawn(async move {
            let Some(bot) =
                introduce_until_known(&client, &settings, &on_configuration, stopped.clone()).await
            else {
                return;
            };
            tracing::info!(bot = bot.username, "the bot is at work");
            let dispatcher = Dispatcher::new(house.clone(), bot, DispatcherOptions::default());
            let dispatching = dispatcher.run(stopped.clone());
            match settings.telegram.mode {
                TelegramMode::Webhook => dispatching.await,
                TelegramMode::Polling => {
                    let polling =
                        poll(house, name, &client, stopped, |wrong| on_configuration(wrong));
                    tokio::join!(dispatching, polling);
                }
            }
        });
        Ok(())
    }

    /// Starts a worker; does nothing while one runs.
    pub fn start_worker(&mut self) {
        if self.worker.is_some() {
            return;
        }
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let (name, at_once) = (self.name.clone(), self.settings.worker_concurrency);
        tasks.spawn(rei_worker::worker(&self.house, name.clone(), at_once).run(stopped.clone()));
        let groups = rei_worker::Groups::new(&self.house, name.clone(), at_once);
        tasks.spawn(groups.run(stopped.clone()));
        // Calls to payment systems wait in places of their own: neither work waits for the other.
        tasks.spawn(rei_worker::payments(&self.house, name).run(stopped));
        self.worker = Some(Worker { stop, tasks });
    }

    /// Ends the worker in the middle of whatever it does, as a crash would.
    pub fn kill_worker(&mut self) {
        // Dropping its tasks aborts them.
        self.worker = None;
    }

    /// Whether a worker runs in this process.
    pub fn has_worker(&self) -> bool {
        self.worker.is_some()
    }

    /// Ends everything in the middle of whatever it does, as a crash would.
    pub async fn crash(mut self) {
        self.worker = None;
        self.parts.shutdown().await;
        self.close().await;
    }

    /// Stops taking, finishes or hands back, and is gone within the bound.
    pub async fn stop(mut self) {
        self.readiness.stopping();
        self.stop.send_replace(true);
        let mut worker = self.worker.take();
        if let Some(worker) = &worker {
            worker.stop.send_replace(true);
        }
        let ending = async {
            if let Some(worker) = &mut worker {
                while worker.tasks.join_next().await.is_some() {}
            }
            while self.parts.join_next().await.is_some() {}
        };
        if tokio::time::timeout(STOP_WITHIN, ending).await.is_err() {
            tracing::warn!("parts were still busy at the end");
        }
        drop(worker);
        self.close().await;
    }

    async fn close(self) {
        let book = self.house.book.clone();
        drop(self.house);
        let _ = tokio::task::spawn_blocking(move || book.close()).await;
    }
}

/// Introduces the bot, again and again while Telegram can't be reached or refuses the token.
async fn introduce_until_known(
    client: &Client,
    settings: &Settings,
    on_configuration: &Arc<dyn Fn(bool) + Send + Sync>,
    mut stopped: watch::Receiver<bool>,
) -> Option<BotIdentity> {
    let webhook = match (settings.telegram.mode, &settings.web.public_base_url) {
        (TelegramMode::Webhook, Some(base)) => {
            Some((format!("{base}{WEBHOOK_PATH}"), &settings.telegram.webhook_secret))
        }
        _ => None,
    };
    loop {
        match introduce(client, webhook.clone()).await {
            Ok(bot) => {
                on_configuration(false);
                return Some(bot);
            }
            Err(error) => {
                on_configuration(matches!(error, rei_telegram::CallError::Configuration { .. }));
                tracing::error!(%error, "the bot can't introduce itself to Telegram, trying again");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(INTRODUCE_PAUSE) => {}
            _ = stopped.wait_for(|stop| *stop) => return None,
        }
    }
}

async fn refresh(house: House, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(REFRESH_EVERY) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = rei_app::upkeep::refresh_catalog(&house).await {
            tracing::warn!(%error, "the switches can't be read");
        }
    }
}

/// A name that no other process of the house has.
fn process_name(house: &House) -> String {
    let mut bytes = [0; 4];
    house.chance.fill(&mut bytes);
    format!("{}-{:08x}", std::process::id(), u32::from_le_bytes(bytes))
}
