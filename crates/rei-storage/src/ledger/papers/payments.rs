//! Payments, refunds and unknown money beside what the ledger credited, took and keeps.

use rei_domain::ids::CustomerId;
use rei_domain::ledger::{
    Account, Finding, Findings, PaperCredit, PaperOrigin, PaymentPaper, Rail, RefundPaper,
};
use rei_domain::payment::{PaymentState, RefundState};

use crate::payments::payment_of;
use crate::{BookError, Row, Tx, params, statements};

use super::super::account_balance;
use super::super::rows::word;
use super::{first, leg, note, strays, walk};

statements! {
    pub PAYMENTS_AND_CREDITS = "
select p.number, p.id, p.customer, p.amount, p.state, p.fee, p.refunded,
       t.credit as credited_to, t.amount as credited, t.payment_id as credited_for, f.amount as fee_booked,
       (select cast(coalesce(sum(r.amount), 0) as bigint)
          from refund r
         where r.payment_id = p.id and r.state = 'succeeded') as gone
  from (select number, id, customer, rail, amount, state, fee, refunded, provider_id
          from payment
         where number > :after
         order by number
         limit :limit) as p
  left join transfer t on t.key = p.rail || ':' || p.provider_id || ':topup:0'
  left join transfer f on f.key = p.rail || ':' || p.provider_id || ':fee:0'
 order by p.number";

    pub REFUNDS_AND_HOLDS = "
select r.number, r.amount, r.state, r.origin, p.id as payment_id, p.customer,
       h.kind as leg_kind, h.debit as leg_debit, h.order_id as leg_order, h.payment_id as leg_payment,
       h.amount as leg_amount, h.total as leg_total, e.phase as end_phase, e.amount as end_amount,
       t.amount as taken
  from (select number, payment_id, amount, state, origin, key, hold_id
          from refund
         where number > :after
         order by number
         limit :limit) as r
  left join payment p on p.id = r.payment_id
  left join transfer h on h.id = r.hold_id
  left join transfer e on e.hold_id = r.hold_id
  left join transfer t on t.key = case when r.origin = 'foreign' then p.rail || ':' || r.key || ':foreign-refund:0'
                                       when r.origin = 'chargeback' then r.key || ':0' end
 order by r.number";

    pub TOPUPS_WITHOUT_PAYMENT = {
        sqlite: "
select t.seq
  from transfer t
  left join payment p on p.id = unhex(replace(t.payment_id, '-', ''))
 where t.kind = 'topup' and t.debit <> 'suspense' and (p.id is null or p.state <> 'paid')
 order by t.seq
 limit :limit",
        postgres: "
select t.seq
  from transfer t
  left join payment p on p.id = case when t.payment_id ~ '^[0-9a-f-]{36}$'
                                     then decode(replace(t.payment_id, '-', ''), 'hex') end
 where t.kind = 'topup' and t.debit <> 'suspense' and (p.id is null or p.state <> 'paid')
 order by t.seq
 limit :limit",
    };

    // Money that goes back by a hold, or past us.
    pub RETURNS_WITHOUT_REFUND = "
select t.seq
  from transfer t
 where (t.kind = 'refund' and t.phase = 'hold'
        and not exists (select 1 from refund r where r.hold_id = t.id))
    or (t.kind in ('foreign_refund', 'chargeback') and t.payment_id is not null
        and not exists (select 1
                          from refund r
                          join payment p on p.id = r.payment_id
                         where t.key in (r.key || ':0', p.rail || ':' || r.key || ':foreign-refund:0')))
 order by t.seq
 limit :limit";

    pub SUSPENSE_AND_CREDITS = "
select s.rail, s.provider_id, s.amount, s.state, s.customer, u.amount as came, t.amount as assigned, t.credit as assigned_to,
       t.debit as assigned_from, b.amount as returned
  from suspense_item s
  left join transfer u on u.key = s.rail || ':' || s.provider_id || ':unknown:0'
  left join transfer t on t.key = s.rail || ':' || s.provider_id || ':topup:0'
  left join transfer b on b.key = s.rail || ':' || s.provider_id || ':returned:0'
 order by s.rail, s.provider_id";

    pub OPEN_SUSPENSE = "
select cast(coalesce(sum(amount), 0) as bigint) as total
  from suspense_item
 where state = 'open'";

    pub UNKNOWN_WITHOUT_ITEM = "
select t.seq
  from transfer t
 where (t.kind = 'unknown'
        and not exists (select 1 from suspense_item s where t.key = s.rail || ':' || s.provider_id || ':unknown:0'))
    or (t.kind = 'topup' and t.debit = 'suspense'
        and not exists (select 1
                          from suspense_item s
                         where t.key = s.rail || ':' || s.provider_id || ':topup:0' and s.state = 'assigned'))
 order by t.seq
 limit :limit";
}

pub(super) fn check(tx: &mut Tx<'_>, findings: &mut Findings) -> Result<(), BookError> {
    walk(tx, &PAYMENTS_AND_CREDITS, |number, rows| {
        let problem = first(rows).and_then(payment).map(|paper| paper.problem());
        note(findings, "payment", number, problem, |why| Finding::PaymentDiffers { number, why });
    })?;
    walk(tx, &REFUNDS_AND_HOLDS, |number, rows| {
        let problem = first(rows).and_then(refund).map(|paper| paper.problem());
        note(findings, "refund", number, problem, |why| Finding::RefundDiffers { number, why });
    })?;
    strays(tx, &TOPUPS_WITHOUT_PAYMENT, "a payment", findings)?;
    strays(tx, &RETURNS_WITHOUT_REFUND, "a refund", findings)?;
    suspense(tx, findings)
}

fn payment(row: &Row) -> Result<PaymentPaper, BookError> {
    let credit = match row.opt_int("credited")? {
        Some(amount) => Some(PaperCredit {
            to: word(row, "credited_to", Account::parse)?,
            amount,
            payment: row.opt_text("credited_for")?,
        }),
        None => None,
    };
    Ok(PaymentPaper {
        id: payment_of(row, "id")?.to_string(),
        customer: CustomerId(row.int("customer")?),
        amount: row.int("amount")?,
        state: word(row, "state", PaymentState::from_word)?,
        fee: row.opt_int("fee")?,
        refunded: row.int("refunded")?,
        gone: row.int("gone")?,
        credit,
        fee_booked: row.opt_int("fee_booked")?,
    })
}

fn refund(row: &Row) -> Result<RefundPaper, BookError> {
    Ok(RefundPaper {
        payment: payment_of(row, "payment_id")?.to_string(),
        customer: CustomerId(row.int("customer")?),
        amount: row.int("amount")?,
        state: word(row, "state", RefundState::from_word)?,
        origin: match row.text("origin")?.as_str() {
            "ours" => PaperOrigin::Ours,
            _ => PaperOrigin::PastUs,
        },
        leg: leg(row)?,
        taken: row.opt_int("taken")?,
    })
}

fn suspense(tx: &mut Tx<'_>, findings: &mut Findings) -> Result<(), BookError> {
    for row in tx.query(&SUSPENSE_AND_CREDITS, &params! {})? {
        let name = row.text("provider_id").unwrap_or_default();
        note(findings, "suspense_item", &name, suspense_problem(&row), |why| {
            Finding::SuspenseDiffers { name: name.clone(), why }
        });
    }
    let items = tx.query_one(&OPEN_SUSPENSE, &params! {})?.int("total")?;
    match account_balance(tx, &Account::Suspense) {
        // The mark that is gone is a finding already.
        Err(BookError::Unreadable { .. }) if !findings.is_empty() => {}
        balance => {
            // What is nobody's stands on the other side than an asset grows on.
            let account = -balance?.minor();
            if items != account {
                findings.add(Finding::SuspenseOff { items, account });
            }
        }
    }
    strays(tx, &UNKNOWN_WITHOUT_ITEM, "unknown money", findings)
}

/// Of what came a part may have gone back already, so that less is open.
fn suspense_problem(row: &Row) -> Result<Option<String>, BookError> {
    let (amount, state) = (row.int("amount")?, row.text("state")?);
    word(row, "rail", Rail::from_word)?;
    let Some(came) = row.opt_int("came")? else {
        return Ok(Some("never came by the ledger".to_owned()));
    };
    if amount > came {
        return Ok(Some(format!("is of {amount} kopecks, {came} came")));
    }
    let from_suspense = row.opt_text("assigned_from")?.as_deref() == Some("suspense");
    let assigned = row.opt_int("assigned")?.filter(|_| from_suspense);
    if state != "assigned" {
        let why = || format!("is {state}, the ledger gave it to a customer");
        return Ok(assigned.is_some().then(why));
    }
    let wallet = row.opt_int("customer")?.map(|id| Account::cash(CustomerId(id)).to_string());
    let fits = assigned == Some(amount) && row.opt_text("assigned_to")? == wallet;
    Ok((!fits).then(|| format!("of {amount} kopecks was assigned otherwise by the ledger")))
}
