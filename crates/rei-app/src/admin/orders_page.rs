//! `/admin_jobs`, `/admin_job`, `/stuck`: orders in a list, one step by step, and what does not move.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_domain::ledger::Phase;
use rei_domain::order::{OrderState, support_number};
use rei_storage::orders::{self, OrderRow};
use rei_storage::{admins, jobs};
use rei_texts::AdminText;

use super::pages::{self, into_rows};
use super::refund::order_of;
use super::role::Permission;
use super::talk::{Button, Reply, Stop, Talk, joined};
use super::words::moment;

/// Orders of one page.
const PAGE: i64 = 10;
/// Rows of each part of a timeline or of the list of what is stuck.
const PART_MAX: usize = 12;
/// An order that holds money and hasn't moved for so long is stuck.
pub(super) const STUCK_AFTER: Duration = Duration::from_secs(15 * 60);
/// The lists that have a name besides the states.
const LISTS: [&str; 2] = ["active", "all"];

/// Orders of a state, of everybody or of one customer, newest first.
pub(super) fn orders_page(
    talk: &mut Talk<'_, '_>,
    state: &str,
    of: Option<CustomerId>,
    page: i64,
) -> Result<Reply, Stop> {
    talk.permit(Permission::Look)?;
    let default = if of.is_some() { "all" } else { "active" };
    let state = if state.is_empty() { default } else { state };
    if !LISTS.contains(&state) && OrderState::from_word(state).is_none() {
        let known: Vec<&str> = OrderState::ALL.iter().map(|it| it.as_str()).collect();
        return Err(Stop::no(AdminText::NoSuchState { known: known.join(", ") }));
    }
    let rows = admins::orders_in(talk.tx, state, of, (page * PAGE, PAGE + 1))?;
    if rows.is_empty() {
        return Err(Stop::no(AdminText::OrdersEmpty { state: state.to_owned() }));
    }
    let size = usize::try_from(PAGE).unwrap_or(0);
    let mut lines = vec![talk.html(AdminText::OrdersHead { state: state.to_owned() })];
    let mut buttons: Vec<Vec<Button>> = Vec::new();
    for row in rows.iter().take(size) {
        lines.push(talk.html(AdminText::OrderLine {
            number: row.number,
            id: row.customer.0,
            state: row.state.as_str().to_owned(),
            sku: row.sku.clone(),
            price: row.price,
            moment: moment(row.placed_at),
        }));
        into_rows(&mut buttons, number_button(talk, row.number));
    }
    let more = rows.len() > size;
    buttons.push(match of {
        Some(id) => pages::turns(talk, "of", &id.to_string(), page, more, Some(state)),
        None => pages::turns(talk, "jobs", "0", page, more, Some(state)),
    });
    Ok(Reply::new(joined(&lines)).with(buttons))
}

/// Everything that happened to one order.
pub(super) fn order_page(talk: &mut Talk<'_, '_>, number: i64) -> Result<Reply, Stop> {
    talk.permit(Permission::Look)?;
    let row = order_of(talk, number)?;
    let mut lines = vec![head(talk, &row)?];
    if let Some(job) = jobs::show(talk.tx, row.job)? {
        lines.push(talk.html(AdminText::OrderJob {
            state: job.state,
            attempts: job.attempts_made,
            max: job.attempts_max,
            error: rei_texts::shorten(job.last_error.as_deref().unwrap_or("—"), 200),
        }));
    }
    // Prompts and choices are the customer's; what the provider said is the owner's to see.
    let attempts = admins::attempt_times(talk.tx, row.id)?;
    for attempt in attempts.iter().rev().take(PART_MAX).rev() {
        let took = attempt.ended_at.map_or_else(
            || "…".to_owned(),
            |end| format!("{:.1} s", end.since(attempt.started_at).as_secs_f32()),
        );
        lines.push(talk.html(AdminText::OrderAttempt {
            no: attempt.no,
            item: attempt.item,
            moment: seconds(attempt.started_at),
            took,
            outcome: attempt.outcome.clone().unwrap_or_else(|| "…".to_owned()),
            code: rei_texts::shorten(attempt.code.as_deref().unwrap_or("—"), 200),
            task: attempt.task.clone().unwrap_or_else(|| "—".to_owned()),
            key: attempt.key.clone(),
        }));
    }
    for leg in admins::legs_of_order(talk.tx, row.id)? {
        let account = if leg.phase == Phase::Post { &leg.credit } else { &leg.debit };
        lines.push(talk.html(AdminText::OrderMoney {
            moment: seconds(leg.at),
            phase: match leg.phase {
                Phase::Post => "refund".to_owned(),
                phase => phase.to_string(),
            },
            sum: leg.amount,
            account: account.to_string(),
        }));
    }
    let limit = i64::try_from(PART_MAX).unwrap_or(i64::MAX);
    for part in admins::deliveries(talk.tx, row.customer, row.id, limit)? {
        lines.push(talk.html(AdminText::OrderDelivery {
            part: part.part,
            state: part.state,
            attempts: part.attempts,
            moment: seconds(part.created_at),
            error: rei_texts::shorten(part.error.as_deref().unwrap_or("—"), 120),
        }));
    }
    let buttons = order_buttons(talk, &row);
    Ok(Reply::new(joined(&lines)).with(buttons))
}

/// Orders that don't move, holds that should be over, and jobs that have died.
pub(super) fn stuck(talk: &mut Talk<'_, '_>) -> Result<Reply, Stop> {
    talk.permit(Permission::Look)?;
    let limit = i64::try_from(PART_MAX).unwrap_or(i64::MAX);
    let before = talk.now.minus(STUCK_AFTER);
    let mut lines = vec![talk.html(AdminText::StuckHead {})];
    let mut buttons: Vec<Vec<Button>> = Vec::new();
    for order in admins::stuck_orders(talk.tx, before, talk.now, limit)? {
        lines.push(talk.html(AdminText::StuckOrder {
            number: order.number,
            id: order.customer.0,
            state: order.state,
            price: order.price,
            minutes: whole_minutes(talk.now, order.state_at),
        }));
        into_rows(&mut buttons, number_button(talk, order.number));
    }
    for hold in rei_storage::ledger::open_holds_older_than(talk.tx, talk.now, PART_MAX)? {
        lines.push(talk.html(AdminText::StuckHold {
            account: hold.account.to_string(),
            sum: hold.amount,
            minutes: whole_minutes(talk.now, hold.expires_at),
        }));
    }
    for job in jobs::list(talk.tx, "dead", limit)? {
        let id = job.id.to_short();
        lines.push(talk.html(AdminText::StuckJob {
            id: id.clone(),
            kind: job.kind.clone(),
            attempts: job.attempts_made,
            error: rei_texts::shorten(job.last_error.as_deref().unwrap_or("—"), 120),
        }));
        if talk.caller.role.may(Permission::RunJobs) {
            let label = AdminText::ButtonRequeueJob { kind: job.kind };
            buttons.push(vec![talk.button(label, "revive", id, None)]);
        }
    }
    if lines.len() == 1 {
        return Ok(Reply::new(talk.html(AdminText::StuckNothing {})));
    }
    Ok(Reply::new(joined(&lines)).with(buttons))
}

fn head(talk: &mut Talk<'_, '_>, row: &OrderRow) -> Result<String, Stop> {
    let items = orders::items_of(talk.tx, row.id)?;
    let stored = items.iter().filter(|it| it.state == orders::ItemState::Stored).count();
    let name = super::card::name_of(talk.tx, row.customer)?;
    Ok(talk.html(AdminText::OrderHead {
        number: row.number,
        support: support_number(row.number, row.id),
        id: row.customer.0,
        name,
        state: row.state.as_str().to_owned(),
        reason: row.reason.clone().unwrap_or_else(|| "—".to_owned()),
        sku: row.sku.clone(),
        provider: row.provider.clone(),
        price: row.price,
        charged: row.charged.map_or_else(|| "—".to_owned(), |sum| sum.to_string()),
        stored: i64::try_from(stored).unwrap_or(i64::MAX),
        items: row.items,
        placed: seconds(row.placed_at),
        moved: seconds(row.state_at),
        deadline: seconds(row.deadline_at),
    }))
}

fn order_buttons(talk: &Talk<'_, '_>, row: &OrderRow) -> Vec<Vec<Button>> {
    let number = row.number;
    let mut work = Vec::new();
    if talk.caller.role.may(Permission::RunJobs) && row.state.holds_money() {
        work.push(talk.button(AdminText::ButtonCancelOrder {}, "cancel", number, None));
        work.push(talk.button(AdminText::ButtonRequeue {}, "requeue", number, None));
    }
    let mut rest = vec![talk.button(AdminText::ButtonCard {}, "user", row.customer, None)];
    if talk.caller.role.may(Permission::RefundOrders) && row.charged.is_some() {
        rest.push(talk.button(AdminText::ButtonRefund {}, "refund", number, None));
    }
    rest.push(talk.button(AdminText::ButtonRefresh {}, "job", number, None));
    vec![work, rest]
}

fn number_button(talk: &Talk<'_, '_>, number: i64) -> Button {
    talk.button(AdminText::ButtonOrder { number }, "job", number, None)
}

fn whole_minutes(now: Timestamp, since: Timestamp) -> i64 {
    i64::try_from(now.since(since).as_secs() / 60).unwrap_or(i64::MAX)
}

/// A moment with its seconds.
fn seconds(at: Timestamp) -> String {
    format!("{}:{:02}", moment(at), at.millis().rem_euclid(60_000) / 1_000)
}
