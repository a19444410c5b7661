//! `/ledger`, `/trial`: the transfers of one customer with both their sides, and what stands on every account.

use rei_domain::ids::CustomerId;
use rei_domain::ledger::{Account, Currency, Money, Transfer};
use rei_storage::ledger;
use rei_texts::{AdminText, Text};

use super::pages;
use super::role::Permission;
use super::talk::{Reply, Stop, Talk, joined};
use super::words::moment;

/// Transfers of one page.
const PAGE: usize = 10;

/// A page of a customer's transfers, newest first.
pub(super) fn ledger_of(talk: &mut Talk<'_, '_>, id: CustomerId, page: i64) -> Result<Reply, Stop> {
    talk.permit(Permission::SeeMoney)?;
    let mut found = ledger::statement(talk.tx, id, None, PAGE)?;
    // The account's chain is walked from its end; a page that nobody gets to costs nothing.
    for _ in 0..page {
        let Some(next) = found.next else { break };
        found = ledger::statement(talk.tx, id, Some(next), PAGE)?;
    }
    if found.transfers.is_empty() {
        return Err(Stop::no(AdminText::LedgerEmpty { id: id.0 }));
    }
    let mut lines = vec![talk.html(AdminText::LedgerHead { id: id.0 })];
    lines.extend(found.transfers.iter().map(|transfer| line(talk, transfer)));
    let back = talk.button(AdminText::ButtonCard {}, "user", id, None);
    let turns = pages::turns(talk, "ledger", &id.to_string(), page, found.next.is_some(), None);
    Ok(Reply::new(joined(&lines)).with(vec![turns, vec![back]]))
}

/// What stands on every account, and whether both sides agree.
pub(super) fn trial(talk: &mut Talk<'_, '_>) -> Result<Reply, Stop> {
    talk.permit(Permission::SeeMoney)?;
    let trial = ledger::trial_balance(talk.tx)?;
    let lang = talk.caller.lang;
    let mut lines = vec![Text::AdminTrial {}.html(lang)];
    for line in &trial.lines {
        let side = |minor: i64| match minor > 0 {
            true => Money::of(line.currency, minor).to_string(),
            false => "—".to_owned(),
        };
        let (debits, credits) = (side(line.balance), side(-line.balance));
        let account = line.account.clone();
        lines.push(Text::AdminTrialLine { account, debits, credits }.html(lang));
    }
    let differing = [Currency::Rub, Currency::Usd]
        .into_iter()
        .map(|currency| Money::of(currency, trial.difference(currency)))
        .find(|difference| difference.minor() != 0);
    lines.push(match differing {
        None => Text::AdminTrialZero {}.html(lang),
        Some(difference) => Text::AdminTrialOff { difference: difference.to_string() }.html(lang),
    });
    Ok(Reply::new(joined(&lines)))
}

fn line(talk: &Talk<'_, '_>, transfer: &Transfer) -> String {
    talk.html(AdminText::LedgerLine {
        moment: moment(transfer.at),
        phase: transfer.phase.to_string(),
        kind: transfer.kind.to_string(),
        sum: transfer.amount.to_string(),
        debit: short(&transfer.debit),
        credit: short(&transfer.credit),
        actor: transfer.actor.to_string(),
        memo: rei_texts::shorten(transfer.memo.as_deref().unwrap_or_default(), 60),
    })
}

/// The customer's own pockets need no number on a page about him.
fn short(account: &Account) -> String {
    account.pocket().map_or_else(|| account.to_string(), |pocket| pocket.as_str().to_owned())
}
