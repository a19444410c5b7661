//! Everybody who works for the house, as the product has them: each of these may stand beside any other, and die.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use rei_app::chats::{Sender, SenderOptions};
use rei_app::orders as use_cases;
use rei_app::payments::{self, Knock};
use rei_app::{BookError, House, updates, upkeep};
use rei_bot::{BotIdentity, Dispatcher, DispatcherOptions};
use rei_domain::ledger::Rail;
use rei_queue::RunnerOptions;
use rei_storage::{inbox, jobs, orders, outbox};

use super::hall::{Actor, Door};
use super::stage::Stage;

/// What somebody comes for.
#[derive(Clone, Debug)]
pub enum Errand {
    /// Updates arrive, perhaps not for the first time, perhaps in another order.
    Deliver(Vec<String>),
    /// Updates that wait are served.
    Serve,
    /// Messages that wait are sent.
    Send,
    /// Messages of senders who died are freed.
    Recover,
    /// Jobs of a queue are done, one after the other.
    Work(String),
    /// Providers are asked about their tasks.
    Poll,
    /// A provider reports about a task.
    Hurry(String),
    /// YooKassa reports.
    Notice(String),
    /// A task of the scheduler.
    Task(&'static str),
}

pub const TASKS: [&str; 9] = [
    "expire",
    "expire",
    "seal",
    "audit-tail",
    "clean",
    "clean-blobs",
    "sweep",
    "reconcile",
    "audit",
];

impl Errand {
    pub fn name(&self) -> String {
        match self {
            Self::Deliver(updates) => format!("deliver {}", updates.len()),
            Self::Serve => "serve".to_owned(),
            Self::Send => "send".to_owned(),
            Self::Recover => "recover".to_owned(),
            Self::Work(queue) => format!("work {queue}"),
            Self::Poll => "poll".to_owned(),
            Self::Hurry(_) => "hurry".to_owned(),
            Self::Notice(_) => "notice".to_owned(),
            Self::Task(name) => (*name).to_owned(),
        }
    }
}

impl Stage {
    /// The queues in which anything is, or runs.
    pub async fn queues(&self) -> BTreeSet<String> {
        let depths = self.house.book.read(jobs::depths).await.expect("the book is readable");
        depths.into_iter().filter(|it| it.state != "dead").map(|it| it.queue).collect()
    }

    /// What is to be done right now, by the book.
    pub async fn wanted(&self) -> Vec<Errand> {
        let now = self.house.now();
        let read = self.house.book.read(move |tx| {
            let mut wanted = Vec::new();
            if !inbox::waiting(tx, now, 1)?.is_empty() {
                wanted.push(Errand::Serve);
            }
            if outbox::anything_due(tx, now)? {
                wanted.push(Errand::Send);
            }
            if !orders::due_tasks(tx, now, 1)?.is_empty() {
                wanted.push(Errand::Poll);
            }
            let due = jobs::depths(tx)?.into_iter().filter(|it| {
                it.state == "ready" || (it.state != "dead" && it.oldest_due_at <= now)
            });
            wanted.extend(due.map(|it| Errand::Work(it.queue)));
            Ok::<_, BookError>(wanted)
        });
        read.await.expect("the book is readable")
    }

    /// Somebody comes into the hall.
    pub fn sends(&self, number: u32, errand: Errand) -> Actor {
        let door = Door { hall: Arc::clone(&self.hall), actor: number };
        let name = format!("{} #{number}", errand.name());
        let house = self.house_behind(&door);
        let (post, whom) = (Arc::clone(&self.post), name.clone());
        let work = async move {
            let done = match errand {
                Errand::Deliver(updates) => {
                    let taken = updates::accept(&house, updates.clone()).await;
                    if taken.is_ok() {
                        let mut post = post.lock().expect("nobody panics with it");
                        post.waiting.retain(|it| !updates.contains(it));
                    }
                    taken.map(|_| ()).map_err(|error| error.to_string())
                }
                errand => runs(&house, number, errand).await,
            };
            if let Err(error) = done {
                panic!("{whom}: {error}");
            }
        };
        Actor::new(&door, name, Box::pin(work))
    }
}

/// Does an errand of the house's own people to its end.
pub async fn runs(house: &House, number: u32, errand: Errand) -> Result<(), String> {
    let told = |error: BookError| error.to_string();
    match errand {
        Errand::Deliver(updates) => {
            updates::accept(house, updates).await.map(|_| ()).map_err(|error| error.to_string())
        }
        Errand::Serve => {
            let bot = BotIdentity { id: 100_000_001, username: "rei_sim_bot".to_owned() };
            let options = DispatcherOptions { concurrency: 2, ..DispatcherOptions::default() };
            Dispatcher::new(house.clone(), bot, options).drain().await.map(|_| ()).map_err(told)
        }
        Errand::Send => {
            let client = house.telegram.clone().expect("the house has a bot");
            // Pauses between messages are proven elsewhere and would only make schedules longer.
            let options =
                SenderOptions { paced: false, concurrency: 2, ..SenderOptions::default() };
            let sender = Sender::new(house.clone(), client, options, Arc::new(|_| ()));
            sender.drain().await.map(|_| ()).map_err(told)
        }
        Errand::Recover => {
            let now = house.now();
            house.book.write(move |tx| outbox::recover(tx, now)).await.map(|_| ()).map_err(told)
        }
        Errand::Work(queue) => {
            let options = RunnerOptions::new(format!("worker-{number}"), &queue, 1);
            let runner = rei_worker::runner(house, options);
            runner.drain().await.map(|_| ()).map_err(told)
        }
        Errand::Poll => {
            use_cases::poll_due(house).await.map(|_| ()).map_err(|error| error.to_string())
        }
        Errand::Hurry(key) => {
            use_cases::hurry(house, None, Some(key)).await.map(|_| ()).map_err(told)
        }
        Errand::Notice(body) => noticed(house, &body).await.map_err(told),
        Errand::Task(name) => task(house, name).await.map_err(|error| error.to_string()),
    }
}

/// As the door does it, once it has found that the address fits.
async fn noticed(house: &House, body: &str) -> Result<(), BookError> {
    let rail = house.payments.yookassa.as_ref().expect("YooKassa is on");
    let path = rail.webhook_path();
    let mut parts = path.rsplit('/');
    let (tag, kid) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let knock = Knock { kid, tag, peer, forwarded: &[], signature: None };
    payments::take(house, rail, &knock, peer, String::new(), body.as_bytes()).await.map(|_| ())
}

async fn task(
    house: &House,
    name: &str,
) -> Result<(), Box<dyn std::error::Error + Send + Sync + 'static>> {
    match name {
        "expire" => upkeep::expire(house).await?,
        "seal" => upkeep::seal(house).await?,
        "audit-tail" => upkeep::audit_tail(house).await?,
        "clean" => upkeep::clean(house).await?,
        "clean-blobs" => upkeep::clean_blobs(house).await?,
        "audit" => upkeep::audit(house).await?,
        "sweep" => {
            payments::enqueue_sweep(house).await?;
        }
        "reconcile" => {
            payments::enqueue_reconcile(house, Rail::YooKassa).await?;
        }
        other => panic!("there is no task {other}"),
    }
    Ok(())
}
