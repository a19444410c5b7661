//! What is changed, and how the audit names it.

/// A change by hand.
pub struct Case {
    /// Finds the row: a number as `n`.
    pub row: &'static str,
    /// The change; `{n}` is the number.
    pub change: &'static str,
    /// A part of the finding; `{n}` is the number.
    pub finds: &'static str,
}

const fn case(row: &'static str, change: &'static str, finds: &'static str) -> Case {
    Case { row, change, finds }
}

const TOPUP: &str = "select min(seq) as n from transfer where kind = 'topup'";
const CAPTURE: &str = "select min(seq) as n from transfer where phase = 'capture'";
const HOLD: &str = "select min(seq) as n from transfer where phase = 'hold'";
const FEE: &str = "select max(seq) as n from transfer where kind = 'fee'";
const NEWEST: &str = "select max(seq) as n from transfer";
const ORDER: &str = "select min(number) as n from orders where state = 'delivered'";
const REFUSED: &str = "select min(number) as n from orders where state = 'refused'";
const QUEUED: &str = "select max(number) as n from orders where state = 'queued'";
const PAID: &str = "select max(number) as n from payment where state = 'paid'";
const SENT: &str =
    "select min(number) as n from refund where origin = 'ours' and state = 'succeeded'";
const ASKED: &str = "select max(number) as n from refund where state = 'asked'";
const FOREIGN: &str = "select min(number) as n from refund where origin = 'foreign'";
const SEAL: &str = "select min(number) as n from ledger_seal";
const ANY: &str = "select 0 as n";

/// An id that is nobody's.
macro_rules! strange_id {
    () => {
        "(select substr(request_hash, 1, 16) from transfer where seq = 1)"
    };
}

/// The hold of the refund that is under way.
macro_rules! other_hold {
    () => {
        "(select t.id from transfer t where t.kind = 'refund' and t.phase = 'hold' \
          and not exists (select 1 from transfer e where e.hold_id = t.id))"
    };
}

/// An offset receipt over more than was paid.
macro_rules! overused {
    () => {
        concat!(
            "insert into offset_receipt (id, payment_id, order_id, amount, item, key, created_at, state_at)
             select ",
            strange_id!(),
            ", p.id, o.id, p.amount + 1, 'x', 'forged', 1, 1
               from payment p
               join orders o on o.number = 1
              where p.number = {n};"
        )
    };
}

pub const CASES: &[Case] = &[
    // A transfer, column by column.
    case(TOPUP, "update transfer set amount = amount + 1 where seq = {n}", "transfer {n} has a hash"),
    case(TOPUP, "update transfer set debit = 'clearing:stars' where seq = {n}", "transfer {n} has a hash"),
    case(TOPUP, "update transfer set credit = 'customer:900001:cash' where seq = {n}", "transfer {n} has a hash"),
    case(TOPUP, "update transfer set currency = 'USD' where seq = {n}", "transfer {n} "),
    case(TOPUP, "update transfer set total = total + 1 where seq = {n}", "transfer {n} moves"),
    case(TOPUP, "update transfer set key = key || 'x' where seq = {n}", "transfer {n} has an id"),
    case(TOPUP, "update transfer set kind = 'grant' where seq = {n}", "transfer {n} breaks a rule"),
    case(TOPUP, "update transfer set kind = 'present' where seq = {n}", "transfer {n} is unreadable"),
    case(TOPUP, "update transfer set debit = 'nobody' where seq = {n}", "transfer {n} is unreadable"),
    case(TOPUP, "update transfer set payment_id = 'another' where seq = {n}", "transfer {n} has a hash"),
    case(TOPUP, "update transfer set at = at + 1 where seq = {n}", "transfer {n} has an id"),
    case(TOPUP, "update transfer set actor = 'customer' where seq = {n}", "seal 1 does not fit"),
    case(TOPUP, "update transfer set memo = 'harmless' where seq = {n}", "seal 1 does not fit"),
    case(
        TOPUP,
        "update transfer set request_hash = (select request_hash from transfer where seq = {n} + 1) where seq = {n}",
        "transfer {n} has a hash",
    ),
    case(
        TOPUP,
        concat!("update transfer set id = ", strange_id!(), " where seq = {n}"),
        "transfer {n} has an id",
    ),
    case(CAPTURE, "update transfer set prev = null where seq = {n}", "transfer {n} does not follow"),
    case(CAPTURE, "update transfer set amount = amount + 1 where seq = {n}", "transfer {n} moves"),
    case(CAPTURE, "update transfer set phase = 'void' where seq = {n}", "order 1 "),
    case(CAPTURE, "update transfer set order_id = null where seq = {n}", "transfer {n} differs from the hold"),
    case(
        CAPTURE,
        concat!("update transfer set linked = ", strange_id!(), " where seq = {n}"),
        "transfer {n} differs from the hold",
    ),
    case(
        CAPTURE,
        concat!("update transfer set hold_id = ", other_hold!(), " where seq = {n}"),
        "transfer {n} resolves a hold that is not open",
    ),
    case(HOLD, "update transfer set amount = amount - 1 where seq = {n}", "order 1 costs 5000 kopecks and held 4999"),
    // Removed and added ones.
    case(TOPUP, "delete from transfer where seq = {n}", "seal 1 does not fit"),
    case(CAPTURE, "delete from transfer where seq = {n}", "order 1 is delivered, but its hold is still open"),
    case(FEE, "delete from transfer where seq = {n}", "payment 2 has a fee of"),
    case(NEWEST, "delete from transfer where seq = {n}", "customer:42:"),
    case(
        "select max(seq) as n from transfer where kind = 'cost'",
        "delete from transfer where seq = {n}",
        "order 3 cost",
    ),
    case(
        NEWEST,
        concat!(
            "insert into transfer (id, phase, kind, debit, credit, amount, currency, total, key, request_hash, actor, at)
             select ", strange_id!(), ", phase, kind, debit, credit, amount, currency, total, 'forged:0', request_hash,
                    actor, at
               from transfer where kind = 'topup' and seq = (select min(seq) from transfer where kind = 'topup')"
        ),
        " has an id that does not belong",
    ),
    // What customers have.
    case(ANY, "update account set free = free + 1 where name = 'customer:42:cash'", "customer:42:cash keeps"),
    case(ANY, "update account set held = held + 1 where name = 'customer:42:bonus'", "customer:42:bonus keeps"),
    case(ANY, "update account set tip = null where name = 'customer:42:cash'", "customer:42:cash does not end"),
    case(ANY, "update account set customer = 43 where name = 'customer:42:cash'", "the row of customer:42:cash says"),
    case(ANY, "update account set class = 'bonus' where name = 'customer:42:cash'", "the row of customer:42:cash says"),
    case(ANY, "update account set name = 'customer:43:cash' where name = 'customer:42:cash'", "customer:42:cash has transfers but no row"),
    case(ANY, "update account set name = 'anna' where name = 'customer:42:cash'", "anna is not the name"),
    case(ANY, "delete from account where name = 'customer:42:bonus'", "customer:42:bonus has transfers but no row"),
    case(
        ANY,
        "insert into account (name, customer, class, currency, free) values ('customer:7:cash', 7, 'cash', 'RUB', 100)",
        "customer:7:cash keeps 100 kopecks",
    ),
    // Holds.
    case(ANY, "update open_hold set amount = amount + 1", "is listed as open with other contents"),
    case(ANY, "update open_hold set account = 'customer:42:bonus' where account = 'customer:42:cash'", "is listed as open with other contents"),
    case(ANY, concat!("update open_hold set hold = ", strange_id!()), "is listed as open with other contents"),
    case(ANY, "update open_hold set order_id = null where order_id is not null", "is listed as open with other contents"),
    case(ANY, "delete from open_hold", "is open but not listed"),
    case(
        HOLD,
        "insert into open_hold (leg, hold, account, amount, expires_at)
         select id, linked, debit, amount, at from transfer where seq = {n}",
        "is listed as open but its transfers say it is not",
    ),
    case(
        ANY,
        concat!(
            "insert into open_hold (leg, hold, account, amount, expires_at)
             values (", strange_id!(), ", ", strange_id!(), ", 'customer:42:cash', 1, 1)"
        ),
        "is listed as open but its transfers say it is not",
    ),
    // Sums and seals.
    case(ANY, "update ledger_checkpoint set debits = debits + 1 where account = 'clearing:yookassa'", "the checkpoint of clearing:yookassa differs"),
    case(ANY, "update ledger_checkpoint set credits = credits + 1 where account = 'customer:42:cash'", "the checkpoint of customer:42:cash differs"),
    case(ANY, "update ledger_checkpoint set tracked = 1 - tracked where account = 'revenue:image'", "the checkpoint of revenue:image differs"),
    case(ANY, "update ledger_checkpoint set account = 'adjust' where account = 'revenue:image'", "the checkpoint of revenue:image differs"),
    case(ANY, "delete from ledger_checkpoint where account = 'revenue:image'", "the checkpoint of revenue:image differs"),
    case(ANY, "insert into ledger_checkpoint (tracked, account, debits, credits) values (0, 'clearing:stars', 1, 0)", "the checkpoint of clearing:stars differs"),
    case(ANY, "update ledger_mark set seq = 1000000 where name = 'settled'", "the mark settled stands at 1000000"),
    case(ANY, "update ledger_mark set seq = 0 where name = 'settled'", "the mark settled stands at 0"),
    case(ANY, "update ledger_mark set seq = 1000000 where name = 'checkpoint'", "the mark checkpoint stands at 1000000"),
    case(ANY, "update ledger_mark set seq = seq - 1 where name = 'checkpoint'", "the checkpoint of"),
    case(ANY, "delete from ledger_mark where name = 'settled'", "the mark settled stands at 0, for it is gone"),
    case(ANY, "delete from ledger_mark where name = 'checkpoint'", "the mark checkpoint stands at 0, for it is gone"),
    case(SEAL, "update ledger_seal set transfers = transfers + 1 where number = {n}", "seal {n} does not fit"),
    case(SEAL, "update ledger_seal set upto_seq = upto_seq - 1 where number = {n}", "seal {n} does not fit"),
    case(SEAL, "update ledger_seal set from_seq = from_seq - 1 where number = {n}", "seal {n} does not follow"),
    case(SEAL, "update ledger_seal set prev_hash = hash where number = {n}", "seal {n} does not follow"),
    case(SEAL, "update ledger_seal set hash = prev_hash where number = {n}", "seal {n} does not fit"),
    case(SEAL, "update ledger_seal set hash = substr(hash, 1, 5) where number = {n}", "ledger_seal {n} is unreadable"),
    case(SEAL, "update ledger_seal set number = 100 where number = {n}", "seal 100 does not follow"),
    case(SEAL, "delete from ledger_seal where number = {n}", "seal 2 does not follow"),
    // Orders.
    case(ORDER, "update orders set price = price - 1 where number = {n}", "order {n} costs 4999 kopecks and held 5000"),
    case(ORDER, "update orders set charged = charged - 1 where number = {n}", "order {n} is delivered and says 4999"),
    case(ORDER, "update orders set cost = cost + 1 where number = {n}", "order {n} cost"),
    case(ORDER, "update orders set customer = 900001 where number = {n}", "order {n} names the hold of another"),
    case(ORDER, "update orders set state = 'failed' where number = {n}", "order {n} is failed and says"),
    case(ORDER, "update orders set state = 'running' where number = {n}", "order {n} is running, but its hold has ended"),
    case(ORDER, "update orders set state = 'eaten' where number = {n}", "orders {n} is unreadable"),
    case(ORDER, concat!("update orders set hold_id = ", other_hold!(), " where number = {n}"), "order {n} names the hold of another"),
    case(ORDER, concat!("update orders set hold_id = ", strange_id!(), " where number = {n}"), "order {n} has no hold"),
    case(ORDER, concat!("update orders set id = ", strange_id!(), " where number = {n}"), "order {n} names the hold of another"),
    case(ORDER, "delete from orders where number = {n}", "is for an order that is not there"),
    case(REFUSED, "update orders set state = 'delivered', artifact = 'x' where number = {n}", "order {n} is delivered and says"),
    case(QUEUED, "update orders set state = 'failed' where number = {n}", "order {n} is failed, but its hold is still open"),
    case(
        ORDER,
        concat!(
            "insert into orders (id, customer, quote_id, hold_id, job_id, sku, kind, provider, model, prompt, choices, price,
                                 cost, catalog_version, state, deadline_at, placed_at, state_at)
             select ", strange_id!(), ", customer, ", strange_id!(), ", hold_id, job_id, sku, kind, provider, model, prompt,
                    choices, price, cost, catalog_version, 'queued', deadline_at, placed_at, state_at
               from orders where number = {n}"
        ),
        " names the hold of another order or customer",
    ),
    // Payments.
    case(PAID, "update payment set amount = amount - 1 where number = {n}", "payment {n} is of"),
    case(PAID, "update payment set customer = 900001 where number = {n}", "payment {n} was credited to another"),
    case(PAID, "update payment set state = 'cancelled' where number = {n}", "payment {n} is cancelled and was credited"),
    case(PAID, "update payment set fee = fee + 1 where number = {n}", "payment {n} has a fee"),
    case(PAID, "update payment set refunded = refunded - 1 where number = {n}", "payment {n} says that"),
    case(PAID, "update payment set provider_id = 'another' where number = {n}", "payment {n} is paid and was not credited"),
    case(PAID, "update payment set rail = 'stars' where number = {n}", "payment {n} is paid and was not credited"),
    case(PAID, concat!("update payment set id = ", strange_id!(), " where number = {n}"), "payment {n} was credited to another"),
    case(PAID, "delete from payment where number = {n}", "is for a payment that is not there"),
    case(
        PAID,
        concat!(
            "insert into payment (id, customer, rail, amount, state, key, provider_id, is_test, created_at, paid_at, state_at)
             select ", strange_id!(), ", customer, rail, amount, state, 'forged', 'forged', is_test, created_at, paid_at,
                    state_at
               from payment where number = {n}"
        ),
        " is paid and was not credited",
    ),
    case(
        PAID,
        concat!(overused!(), "update payment set rail = 'barter' where number = {n}"),
        "payment {n} is unreadable: the column rail",
    ),
    case(PAID, overused!(), "payment {n} has offset receipts over"),
    // Refunds.
    case(SENT, "update refund set amount = amount - 1 where number = {n}", "refund {n} is of"),
    case(SENT, "update refund set state = 'cancelled' where number = {n}", "refund {n} is cancelled, the end of its hold: capture"),
    case(SENT, "update refund set origin = 'foreign' where number = {n}", "refund {n} is of"),
    case(SENT, "update refund set payment_id = (select id from payment where number = 1) where number = {n}", "refund {n} names the hold of another"),
    case(SENT, concat!("update refund set hold_id = ", other_hold!(), " where number = {n}"), "refund {n} is of"),
    case(SENT, "delete from refund where number = {n}", "is for a refund that is not there"),
    case(ASKED, "update refund set state = 'succeeded' where number = {n}", "refund {n} is succeeded, the end of its hold: is open"),
    case(FOREIGN, "update refund set amount = amount - 1 where number = {n}", "refund {n} is of 999 kopecks, the ledger took 1000"),
    case(FOREIGN, "update refund set state = 'asked' where number = {n}", "refund {n} is of"),
    case(FOREIGN, "update refund set key = 'another' where number = {n}", "refund {n} is of"),
    case(FOREIGN, "delete from refund where number = {n}", "is for a refund that is not there"),
    case(
        SENT,
        concat!(
            "insert into refund (id, payment_id, amount, state, origin, key, created_at, state_at)
             select ", strange_id!(), ", payment_id, 100, 'succeeded', 'foreign', 'forged', created_at, state_at
               from refund where number = {n}"
        ),
        " is of 100 kopecks, the ledger took 0",
    ),
    // Money that is nobody's.
    case(ANY, "update suspense_item set amount = 699 where provider_id = 'stray-1'", "unknown money of 699 kopecks is listed as open"),
    case(ANY, "update suspense_item set amount = 701 where provider_id = 'stray-1'", "unknown money stray-1 is of 701 kopecks"),
    case(ANY, "update suspense_item set state = 'returned' where provider_id = 'stray-1'", "unknown money of 0 kopecks is listed as open"),
    case(ANY, "update suspense_item set state = 'open' where provider_id = 'stray-2'", "unknown money stray-2 is open"),
    case(ANY, "update suspense_item set customer = 900001 where provider_id = 'stray-2'", "unknown money stray-2 of 900 kopecks was assigned otherwise"),
    case(ANY, "update suspense_item set rail = 'barter' where provider_id = 'stray-1'", "suspense_item stray-1 is unreadable"),
    case(ANY, "update suspense_item set provider_id = 'another' where provider_id = 'stray-1'", "unknown money another never came"),
    case(ANY, "delete from suspense_item where provider_id = 'stray-1'", "is for unknown money that is not there"),
    case(
        ANY,
        "insert into suspense_item (rail, provider_id, amount, note, seen_at) values ('yookassa', 'forged', 5, '', 1)",
        "unknown money forged never came",
    ),
    // Presents.
    case(ANY, "update promo_code set used = 2", "the code SUMMER counts other uses"),
    case(ANY, "update promo_use set customer = 900001", "the use of SUMMER by 900001 brought no bonus"),
    case(ANY, "delete from promo_use", "is for a promo code that is not there"),
    case(ANY, "update first_topup set bonus = bonus + 100", "the first top-up of 42 brought another bonus"),
    case(ANY, "update first_topup set taken_back = taken_back - 1", "the first top-up of 42 had another bonus taken back"),
    case(ANY, "delete from first_topup", "is for a first top-up that is not there"),
];
