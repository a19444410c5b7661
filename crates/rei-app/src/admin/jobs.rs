//! `/admin_cancel_job`, `/requeue`: an order is stopped, or its work gets another try at once.

use rei_domain::ids::{CustomerId, JobId, OrderId};
use rei_domain::ledger::Actor;
use rei_domain::order::{OrderEvent, OrderState};
use rei_storage::ledger;
use rei_storage::orders::{self, ItemState, OrderRow};
use rei_storage::{admins, jobs};
use rei_texts::{AdminText, Lang, Text};
use serde::{Deserialize, Serialize};

use super::change::{Change, Made, Warrant};
use super::refund::{order_number, order_of};
use super::talk::{Stop, Talk};
use super::words::Words;
use crate::orders::{GiveBack, Why, give_back};
use crate::wallet::wallet_of;

/// Where an order's work is while the job that began it is done.
const AT_PROVIDER: &str = "at the provider";

/// An order that is to end, with its money going back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CancelOrder {
    pub(super) order: OrderId,
    pub(super) number: i64,
    pub(super) customer: CustomerId,
}

/// Work that is to be tried again now: an order's, or a dead job's of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Requeue {
    pub(super) job: JobId,
    /// The order's number; 0 for a job without an order.
    pub(super) number: i64,
}

/// Reads `N [reason]`.
pub(super) fn read_cancel(talk: &mut Talk<'_, '_>, args: &str) -> Result<(Change, String), Stop> {
    let mut words = Words::of(args, "cancel_job");
    let number = order_number(words.needed()?).ok_or_else(|| words.usage())?;
    Ok((cancel_of(talk, number)?, words.reason()))
}

/// Reads `N [reason]`, or a dead job's id as `/stuck` shows it.
pub(super) fn read_requeue(talk: &mut Talk<'_, '_>, args: &str) -> Result<(Change, String), Stop> {
    let mut words = Words::of(args, "requeue");
    let word = words.needed()?;
    let change = match order_number(word) {
        Some(number) => requeue_of(talk, number)?,
        None => {
            let job = JobId::from_short(word).ok_or_else(|| words.usage())?;
            Change::Requeue(Requeue { job, number: 0 })
        }
    };
    Ok((change, words.reason()))
}

/// The change that stops this order.
pub(super) fn cancel_of(talk: &mut Talk<'_, '_>, number: i64) -> Result<Change, Stop> {
    let row = order_of(talk, number)?;
    let (order, customer) = (row.id, row.customer);
    Ok(Change::CancelOrder(CancelOrder { order, number, customer }))
}

/// The change that gives this order's work another try.
pub(super) fn requeue_of(talk: &mut Talk<'_, '_>, number: i64) -> Result<Change, Stop> {
    let row = order_of(talk, number)?;
    Ok(Change::Requeue(Requeue { job: row.job, number }))
}

impl CancelOrder {
    pub(super) fn preview(&self, talk: &mut Talk<'_, '_>, lang: Lang) -> Result<String, Stop> {
        let row = self.at_work(talk)?;
        let text = AdminText::PreviewCancel {
            number: self.number,
            id: self.customer.0,
            name: super::card::name_of(talk.tx, self.customer)?,
            price: row.price,
            state: row.state.as_str().to_owned(),
        };
        Ok(text.html(lang))
    }

    pub(super) fn carry_out(
        &self,
        talk: &mut Talk<'_, '_>,
        warrant: &Warrant,
    ) -> Result<Made, Stop> {
        let row = self.at_work(talk)?;
        let ended = if row.state == OrderState::Queued {
            self.cancel_queued(talk, &row, warrant)?
        } else {
            // The provider is at it: the money goes back, and what still comes is a present. A call whose answer was lost
            // is looked for all the same.
            let looked_for = row.state == OrderState::Unknown
                && talk.house.provider(&row.provider).is_some_and(|it| it.has_tasks());
            if !looked_for {
                jobs::cancel_ready(talk.tx, row.job, talk.now)?;
            }
            let give = GiveBack { event: OrderEvent::DeadlinePassed, why: Why::Late };
            give_back(talk.tx, talk.house, &row, &give, "admin", talk.now)?
        };
        if !ended {
            return Err(Stop::no(AdminText::OrderOver { number: self.number }));
        }
        Ok(Made {
            said: AdminText::OrderCancelled { number: self.number, price: row.price },
            was: row.state.to_string(),
            became: "cancelled".to_owned(),
            undo: None,
        })
    }

    fn cancel_queued(
        &self,
        talk: &mut Talk<'_, '_>,
        row: &OrderRow,
        warrant: &Warrant,
    ) -> Result<bool, Stop> {
        let to = OrderState::Cancelled;
        if !orders::move_state(talk.tx, row.id, row.state, to, Some("admin"), talk.now)? {
            return Ok(false);
        }
        // A worker that claimed the job in this very moment finds the order cancelled and lets go.
        jobs::cancel_ready(talk.tx, row.job, talk.now)?;
        ledger::void_order(talk.tx, row.id, Actor::Admin(warrant.actor), talk.now)?;
        let balance = wallet_of(talk.tx, row.customer)?.free();
        let news = Text::Cancelled { number: row.number, price: row.price, balance };
        talk.tell(row.customer, &news, |_| Vec::new())?;
        Ok(true)
    }

    /// The order while it holds money and nothing of it is made yet.
    fn at_work(&self, talk: &mut Talk<'_, '_>) -> Result<OrderRow, Stop> {
        let row = order_of(talk, self.number)?;
        if !row.state.holds_money() {
            return Err(Stop::no(AdminText::OrderOver { number: self.number }));
        }
        let items = orders::items_of(talk.tx, row.id)?;
        if items.iter().any(|item| item.state == ItemState::Stored) {
            return Err(Stop::no(AdminText::OrderPartMade { number: self.number }));
        }
        Ok(row)
    }
}

impl Requeue {
    pub(super) fn subject(&self) -> String {
        match self.number {
            0 => format!("job:{}", self.job.to_short()),
            number => format!("order:{number}"),
        }
    }

    pub(super) fn preview(&self, talk: &mut Talk<'_, '_>, lang: Lang) -> Result<String, Stop> {
        let job = self.waiting(talk)?;
        let text = AdminText::PreviewRequeue {
            number: self.number,
            kind: job.kind,
            state: job.state,
            attempts: job.attempts_made,
            error: rei_texts::shorten(job.last_error.as_deref().unwrap_or("—"), 200),
        };
        Ok(text.html(lang))
    }

    pub(super) fn carry_out(&self, talk: &mut Talk<'_, '_>) -> Result<Made, Stop> {
        let job = self.waiting(talk)?;
        let again = match job.state.as_str() {
            AT_PROVIDER => self.hurry_tasks(talk)?,
            "dead" => jobs::revive(talk.tx, self.job, talk.now)?,
            _ => admins::hurry_job(talk.tx, self.job, talk.now)?,
        };
        if !again {
            return Err(Stop::no(AdminText::JobNotWaiting { state: job.state }));
        }
        Ok(Made {
            said: AdminText::Requeued { kind: job.kind },
            was: job.state,
            became: "ready".to_owned(),
            undo: None,
        })
    }

    /// Asks the provider about the order's tasks at once; `false` when there are none.
    fn hurry_tasks(&self, talk: &mut Talk<'_, '_>) -> Result<bool, Stop> {
        let order = order_of(talk, self.number)?.id;
        let mut hurried = false;
        for attempt in orders::attempts_of(talk.tx, order)? {
            if let Some(task) = attempt.task.filter(|_| !attempt.ended) {
                hurried |= orders::hurry_task(talk.tx, Some(&task), None, talk.now)?;
            }
        }
        Ok(hurried)
    }

    /// The job, if another try makes sense: it is dead or waits for a later moment, and its order holds money still.
    fn waiting(&self, talk: &mut Talk<'_, '_>) -> Result<jobs::JobLine, Stop> {
        let mut job = jobs::show(talk.tx, self.job)?.ok_or(Stop::no(AdminText::NoSuchJob {}))?;
        if self.number > 0 {
            let row = order_of(talk, self.number)?;
            if !row.state.holds_money() {
                return Err(Stop::no(AdminText::OrderOver { number: self.number }));
            }
            if row.state == OrderState::Running && job.state == "done" {
                job.state = AT_PROVIDER.to_owned();
                return Ok(job);
            }
        }
        let waits = job.state == "dead" || (job.state == "scheduled" && job.due_at > talk.now);
        if !waits {
            return Err(Stop::no(AdminText::JobNotWaiting { state: job.state }));
        }
        Ok(job)
    }
}
