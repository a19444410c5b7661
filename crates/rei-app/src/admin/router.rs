//! Which command and which button leads where.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, JobId, MessageId};
use rei_storage::Tx;
use rei_storage::ledger::LedgerError;
use rei_texts::AdminText;

use super::change::Change;
use super::commands::permission_of;
use super::jobs::Requeue;
use super::money::How;
use super::request::{Origin, ask, asked_before};
use super::role::Permission;
use super::talk::{Caller, Reply, Stop, Talk};
use super::words::{Words, number};
use super::{
    audit_page, ban, card, chargeback, doctor, files, grant, jobs, ledger_page, money, orders_page,
    pages, payments, price, promo, refund, request, state, suspense, switch,
};
use crate::{House, presents};

/// Answers an admin's command. `message` names it for ever: the same message brought again acts once. The caller has
/// looked up the role; what the role doesn't allow is refused here.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
#[allow(
    clippy::too_many_arguments,
    reason = "a message has these parts, and its door passes them on"
)]
pub fn command(
    tx: &mut Tx<'_>,
    house: &House,
    caller: &Caller,
    name: &str,
    args: &str,
    message: MessageId,
    _reply_to: Option<MessageId>,
    now: Timestamp,
) -> Result<Reply, LedgerError> {
    let mut talk = Talk { tx, house, caller: *caller, now };
    let answer = answer_command(&mut talk, &name.to_lowercase(), args.trim(), message);
    Reply::of(answer, caller.lang)
}

/// Answers a press on a button `v1:adm-<act>:<id>[:<arg>]`.
///
/// # Errors
/// As [`command`].
pub fn button(
    tx: &mut Tx<'_>,
    house: &House,
    caller: &Caller,
    act: &str,
    id: &str,
    arg: Option<&str>,
    now: Timestamp,
) -> Result<Reply, LedgerError> {
    let mut talk = Talk { tx, house, caller: *caller, now };
    let act = act.strip_prefix("adm-").unwrap_or(act);
    Reply::of(answer_press(&mut talk, act, id, arg), caller.lang)
}

fn answer_command(
    talk: &mut Talk<'_, '_>,
    name: &str,
    args: &str,
    message: MessageId,
) -> Result<Reply, Stop> {
    let said = format!("{name} {args}").trim_end().to_owned();
    if let Some(reply) = asked_before(talk, message, &said)? {
        return Ok(reply);
    }
    if let Some(needed) = permission_of(name) {
        talk.permit(needed)?;
    }
    let (change, reason) = match name {
        "add" => money::read(talk, How::Add, args)?,
        "sub" => money::read(talk, How::Sub, args)?,
        "admin_adjust" | "adjust" => money::read(talk, How::Up, args)?,
        "admin_refund" | "refund" => refund::read(talk, args)?,
        "assign" => suspense::read_assign(talk, args)?,
        "return" => suspense::read_return(talk, args)?,
        "chargeback" => chargeback::read(talk, args)?,
        "promo_new" => promo::read_new(talk, args)?,
        "promo_off" => promo::read_off(args)?,
        "ban" => ban::read_ban(talk, args)?,
        "unban" => ban::read_unban(talk, args)?,
        "price_nanobanana" => price::read_nanobanana(talk, args)?,
        "price_kling" => price::read_kling(talk, args)?,
        "price" => match price::read(talk, args)? {
            price::Asked::Change(change, reason) => (change, reason),
            price::Asked::Show(reply) => return Ok(reply),
        },
        "flag" if args.is_empty() => return switch::models(talk),
        "flag" => switch::read_flag(talk, args)?,
        "provider" => switch::read_provider(talk, args)?,
        "maintenance" => switch::read_maintenance(args)?,
        "admin_cancel_job" => jobs::read_cancel(talk, args)?,
        "requeue" => jobs::read_requeue(talk, args)?,
        "grant_role" => grant::read(talk, args)?,
        _ => return look(talk, name, args),
    };
    ask(talk, Origin::Message(message, &said), &change, reason)
}

/// Commands that only show.
fn look(talk: &mut Talk<'_, '_>, name: &str, args: &str) -> Result<Reply, Stop> {
    match name {
        "admin" => Ok(menu(talk)),
        "users" => card::users(talk, args, 0),
        "admin_user" | "user" => {
            let id = Words::of(args, "admin_user").person(talk.tx)?;
            card::user(talk, id)
        }
        "ledger" => {
            let id = Words::of(args, "ledger").person(talk.tx)?;
            ledger_page::ledger_of(talk, id, 0)
        }
        "trial" => ledger_page::trial(talk),
        "payments" => payments::payments(talk),
        "payment" => {
            let number = payments::named(&mut Words::of(args, "payment"))?;
            payments::payment(talk, number)
        }
        "recheck" => {
            let number = payments::named(&mut Words::of(args, "recheck"))?;
            payments::recheck_now(talk, number)
        }
        "reconcile" => payments::reconcile(talk, args),
        "suspense" => payments::suspense(talk),
        "admin_jobs" => orders_page::orders_page(talk, args, None, 0),
        "admin_job" => {
            let mut words = Words::of(args, "admin_job");
            let number = refund::order_number(words.needed()?).ok_or_else(|| words.usage())?;
            orders_page::order_page(talk, number)
        }
        "stuck" => orders_page::stuck(talk),
        "models" => switch::models(talk),
        "bans" => ban::bans(talk, 0),
        "roles" => grant::roles(talk),
        "audit" if args.is_empty() => audit_page::audit(talk, None, 0),
        "audit" => {
            let id = Words::of(args, "audit").person(talk.tx)?;
            audit_page::audit(talk, Some(id), 0)
        }
        "stats" => stats(talk, args),
        "export" => {
            talk.permit(Permission::Export)?;
            let caller = talk.caller.id;
            let words = files::export_command(talk.tx, talk.house, caller, args, talk.now)?;
            Ok(Reply::new(words))
        }
        "promos" => {
            talk.permit(Permission::Look)?;
            Ok(Reply::new(presents::admin::promos(talk.tx, talk.caller.id, talk.now)?))
        }
        "doctor" => doctor::doctor(talk),
        "health" => state::health(talk),
        "queues" => state::queues(talk),
        "config" => state::config(talk),
        "version" => state::version(talk),
        _ => Err(Stop::no(AdminText::UnknownAdminCommand { name: name.to_owned() })),
    }
}

fn answer_press(
    talk: &mut Talk<'_, '_>,
    act: &str,
    id: &str,
    arg: Option<&str>,
) -> Result<Reply, Stop> {
    let unknown = || Stop::toast(AdminText::UnknownButton {});
    let page = pages::read(arg);
    if act == "revive" {
        let job = JobId::from_short(id).ok_or_else(unknown)?;
        let change = Change::Requeue(Requeue { job, number: 0 });
        return ask(talk, Origin::Press(&format!("requeue {id}")), &change, String::new());
    }
    let id = match id {
        "0" => 0,
        id => number(id).ok_or_else(unknown)?,
    };
    match act {
        "ok" => request::confirm(talk, id, false),
        "sure" => request::confirm(talk, id, true),
        "no" => request::cancel(talk, id),
        "yes" => request::approve(talk, id),
        "nay" => request::decline(talk, id),
        "undo" => request::undo(talk, id),
        "menu" => Ok(menu(talk)),
        "users" => card::users(talk, page.1.unwrap_or_default(), page.0),
        "user" => card::user(talk, CustomerId(id)),
        "how" => card::how_to(talk, CustomerId(id), arg.unwrap_or_default()),
        "of" => {
            let state = page.1.unwrap_or_default();
            orders_page::orders_page(talk, state, Some(CustomerId(id)), page.0)
        }
        "ledger" => ledger_page::ledger_of(talk, CustomerId(id), page.0),
        "trial" => ledger_page::trial(talk),
        "pays" => payments::payments(talk),
        "pay" => payments::payment(talk, id),
        "recheck" => payments::recheck_now(talk, id),
        "suspense" => payments::suspense(talk),
        "stats" => stats(talk, arg.unwrap_or_default()),
        "audit" => audit_page::audit(talk, (id > 0).then_some(CustomerId(id)), page.0),
        "jobs" => orders_page::orders_page(talk, page.1.unwrap_or_default(), None, page.0),
        "job" => orders_page::order_page(talk, id),
        "stuck" => orders_page::stuck(talk),
        "models" => switch::models(talk),
        "prices" => price::models(talk),
        "model" => price::model_of_button(talk, arg.unwrap_or_default()),
        "versions" => price::versions_of_button(talk, arg.unwrap_or_default()),
        "bans" => ban::bans(talk, page.0),
        "roles" => grant::roles(talk),
        "health" => state::health(talk),
        "queues" => state::queues(talk),
        "refund" => Ok(Reply::new(talk.html(AdminText::HowToRefund { number: id }))),
        _ => press_to_change(talk, act, id, arg),
    }
}

/// Buttons that begin a change; what comes of it still has to be confirmed.
fn press_to_change(
    talk: &mut Talk<'_, '_>,
    act: &str,
    id: i64,
    arg: Option<&str>,
) -> Result<Reply, Stop> {
    let unknown = || Stop::toast(AdminText::UnknownButton {});
    if act == "payback" {
        let (change, reason) = payments::payback(talk, id)?;
        return ask(talk, Origin::Press(&format!("refund P{id}")), &change, reason);
    }
    let (change, said) = match act {
        "unban" => {
            let customer = CustomerId(id);
            (Change::Unban(ban::Unban { customer }), format!("unban {id}"))
        }
        "cancel" => (jobs::cancel_of(talk, id)?, format!("admin_cancel_job {id}")),
        "requeue" => (jobs::requeue_of(talk, id)?, format!("requeue {id}")),
        "provider" => {
            let arg = arg.unwrap_or_default();
            let change = switch::of_button(talk, arg).ok_or_else(unknown)?;
            (change, format!("provider {}", arg.replace('.', " ")))
        }
        "back" => {
            let change = price::back_to(talk, id, arg)?;
            (change, format!("price {} {id}", arg.unwrap_or_default()))
        }
        _ => return Err(unknown()),
    };
    ask(talk, Origin::Press(&said), &change, String::new())
}

/// The figures; their chart follows.
fn stats(talk: &mut Talk<'_, '_>, args: &str) -> Result<Reply, Stop> {
    talk.permit(Permission::SeeMoney)?;
    let caller = talk.caller.id;
    Ok(Reply::new(files::stats_command(talk.tx, talk.house, caller, args, talk.now)?))
}

/// The menu of `/admin`: what is needed most often.
fn menu(talk: &Talk<'_, '_>) -> Reply {
    let button = |label, act: &str| talk.button(label, act, 0, None);
    let rows = vec![
        vec![
            talk.button(AdminText::MenuStats {}, "stats", 0, Some("day")),
            button(AdminText::MenuTrial {}, "trial"),
        ],
        vec![
            button(AdminText::MenuPayments {}, "pays"),
            button(AdminText::MenuSuspense {}, "suspense"),
        ],
        vec![button(AdminText::MenuUsers {}, "users"), button(AdminText::MenuBans {}, "bans")],
        vec![button(AdminText::MenuOrders {}, "jobs"), button(AdminText::MenuStuck {}, "stuck")],
        vec![
            button(AdminText::MenuModels {}, "models"),
            button(AdminText::MenuPrices {}, "prices"),
        ],
        vec![
            button(AdminText::MenuHealth {}, "health"),
            button(AdminText::MenuQueues {}, "queues"),
        ],
        vec![button(AdminText::MenuAudit {}, "audit"), button(AdminText::MenuRoles {}, "roles")],
    ];
    let role = talk.caller.role.as_str().to_owned();
    Reply::new(talk.html(AdminText::Menu { role })).with(rows)
}
