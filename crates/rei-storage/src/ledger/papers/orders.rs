//! Orders beside their holds, captures and costs.

use rei_domain::ids::{CustomerId, OrderId};
use rei_domain::ledger::{Finding, Findings, OrderPaper};
use rei_domain::order::OrderState;

use crate::{BookError, Row, Tx, statements};

use super::super::rows::word;
use super::{first, leg, note, strays, walk};

statements! {
    // A row for each leg. The keys of the second leg and of the cost follow from the first leg's.
    pub ORDERS_AND_HOLDS = "
select o.number, o.id, o.customer, o.price, o.charged, o.cost, o.state, c.amount as cost_booked,
       h.kind as leg_kind, h.debit as leg_debit, h.order_id as leg_order, h.payment_id as leg_payment,
       h.amount as leg_amount, h.total as leg_total, e.phase as end_phase, e.amount as end_amount
  from (select number, id, customer, price, charged, cost, state, hold_id
          from orders
         where number > :after
         order by number
         limit :limit) as o
  left join transfer f on f.id = o.hold_id
  left join transfer h on h.key in (f.key, substr(f.key, 1, length(f.key) - 1) || '1')
  left join transfer e on e.hold_id = h.id
  left join transfer c on c.key = replace(f.key, ':hold:0', ':cost:0')
 order by o.number, h.key";

    pub HOLDS_WITHOUT_ORDER = "
select t.seq
  from transfer t
  left join orders o on o.id = t.order_id
 where t.phase = 'hold' and t.kind = 'order' and (o.id is null or o.hold_id <> t.linked)
 order by t.seq
 limit :limit";

    pub COSTS_WITHOUT_ORDER = "
select t.seq
  from transfer t
  left join orders o on o.id = t.order_id
 where t.kind in ('cost', 'late_loss') and o.id is null
 order by t.seq
 limit :limit";
}

pub(super) fn check(tx: &mut Tx<'_>, findings: &mut Findings) -> Result<(), BookError> {
    walk(tx, &ORDERS_AND_HOLDS, |number, rows| {
        let problem = read(rows).map(|paper| paper.problem());
        note(findings, "orders", number, problem, |why| Finding::OrderDiffers { number, why });
    })?;
    strays(tx, &HOLDS_WITHOUT_ORDER, "an order", findings)?;
    strays(tx, &COSTS_WITHOUT_ORDER, "an order", findings)
}

fn read(rows: &[Row]) -> Result<OrderPaper, BookError> {
    let row = first(rows)?;
    let id = row.blob("id")?;
    Ok(OrderPaper {
        id: OrderId::from_slice(&id).ok_or_else(|| BookError::unreadable("id"))?,
        customer: CustomerId(row.int("customer")?),
        price: row.int("price")?,
        charged: row.opt_int("charged")?,
        cost: row.int("cost")?,
        state: word(row, "state", OrderState::from_word)?,
        legs: rows.iter().filter_map(|row| leg(row).transpose()).collect::<Result<_, _>>()?,
        cost_booked: row.opt_int("cost_booked")?,
    })
}
