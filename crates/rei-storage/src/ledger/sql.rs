//! The statements of the ledger.

use crate::statements;

statements! {
    // Both pockets of a customer, locked in the order of their names until the transaction ends.
    pub LOCK_WALLET = {
        sqlite: "
select name, free, held, frozen, tip
  from account
 where name in (:bonus, :cash)
 order by name",
        postgres: "
select name, free, held, frozen, tip
  from account
 where name in (:bonus, :cash)
 order by name
   for update",
    };

    pub READ_WALLET = "
select name, free, held, frozen, tip
  from account
 where name in (:bonus, :cash)
 order by name";

    pub OPEN_ACCOUNT = "
insert into account (name, customer, class, currency)
values (:name, :customer, :class, 'RUB')
on conflict (name) do nothing";

    // No row back: the key is taken.
    pub INSERT_TRANSFER = "
insert into transfer (
       id, phase, kind, debit, credit, amount, currency, total, key, request_hash,
       hold_id, linked, order_id, payment_id, actor, memo, prev, at)
values (:id, :phase, :kind, :debit, :credit, :amount, :currency, :total, :key, :request_hash,
       :hold_id, :linked, :order_id, :payment_id, :actor, :memo, :prev, :at)
on conflict (key) do nothing
returning seq";

    // The transfers of one request with what the holds they end had reserved.
    pub TRANSFERS_OF_KEY = "
select t.seq, t.id, t.phase, t.kind, t.debit, t.credit, t.amount, t.currency, t.total, t.key,
       t.request_hash, t.hold_id, t.linked, t.order_id, t.payment_id, t.actor, t.memo, t.prev, t.at,
       h.amount as held
  from transfer t
  left join transfer h on h.id = t.hold_id
 where t.key in (:first, :second)
 order by t.key";

    // Money comes in. No row changed: no such account.
    pub CREDIT = "
update account
   set free = free + :amount, tip = :tip
 where name = :name";

    // Money goes out. No row changed: not enough.
    pub DEBIT = "
update account
   set free = free - :amount, tip = :tip
 where name = :name and free >= :amount";

    // Money that went out elsewhere: booked even if it was not there.
    pub OVERDRAW = "
update account
   set free = free - :amount, frozen = case when free < :amount then 1 else frozen end, tip = :tip
 where name = :name";

    pub SET_FROZEN = "
update account
   set frozen = :frozen
 where name in (:bonus, :cash) and frozen <> :frozen";

    // Moves a price from free to held. No row changed: not enough money.
    pub RESERVE = "
update account
   set free = free - :amount, held = held + :amount, tip = :tip
 where name = :name and free >= :amount and frozen = 0";

    pub INSERT_OPEN_HOLD = "
insert into open_hold (leg, hold, account, amount, order_id, expires_at)
values (:leg, :hold, :account, :amount, :order_id, :expires_at)";

    // The open legs of a hold with their transfers and accounts, locked until the transaction ends.
    pub LOCK_OPEN_HOLD = {
        sqlite: "
select t.seq, t.id, t.phase, t.kind, t.debit, t.credit, t.amount, t.currency, t.total, t.key,
       t.request_hash, t.hold_id, t.linked, t.order_id, t.payment_id, t.actor, t.memo, t.prev, t.at,
       a.tip, a.frozen
  from open_hold h
  join account a on a.name = h.account
  join transfer t on t.id = h.leg
 where h.hold = :hold
 order by a.name",
        postgres: "
select t.seq, t.id, t.phase, t.kind, t.debit, t.credit, t.amount, t.currency, t.total, t.key,
       t.request_hash, t.hold_id, t.linked, t.order_id, t.payment_id, t.actor, t.memo, t.prev, t.at,
       a.tip, a.frozen
  from open_hold h
  join account a on a.name = h.account
  join transfer t on t.id = h.leg
 where h.hold = :hold
 order by a.name
   for update of h, a",
    };

    pub DELETE_OPEN_HOLD = "delete from open_hold where hold = :hold";

    // Ends a hold: what was not captured is free again. No row changed: the book is broken.
    pub UNRESERVE = "
update account
   set held = held - :held, free = free + :released, tip = :tip
 where name = :name and held >= :held";

    pub HOW_IT_ENDED = "
select phase
  from transfer
 where hold_id = :leg";

    pub HOLD_OF_KEY = "
select id
  from transfer
 where key = :key and phase = 'hold'";

    pub OPEN_HOLDS_OLDER_THAN = "
select leg, hold, account, amount, order_id, expires_at
  from open_hold
 where expires_at <= :before
 order by expires_at, leg
 limit :limit";

    pub RECENT = "
select seq, id, phase, kind, debit, credit, amount, currency, total, key,
       request_hash, hold_id, linked, order_id, payment_id, actor, memo, prev, at
  from transfer
 order by seq desc
 limit :limit";

    // Walks back from two transfers along the account's chain: the length of the book does not matter.
    pub STATEMENT = "
with recursive walk (id, prev, depth) as (
    select id, prev, cast(1 as bigint)
      from transfer
     where id in (:bonus, :cash)
     union all
    select t.id, t.prev, w.depth + 1
      from walk w
      join transfer t on t.id = w.prev
     where w.depth < :limit
)
select t.seq, t.id, t.phase, t.kind, t.debit, t.credit, t.amount, t.currency, t.total, t.key,
       t.request_hash, t.hold_id, t.linked, t.order_id, t.payment_id, t.actor, t.memo, t.prev, t.at
  from walk w
  join transfer t on t.id = w.id
 order by t.seq desc
 limit :limit";

    // Waits until no transaction can still add a transfer before the newest one that is visible.
    pub WAIT_FOR_WRITERS = {
        sqlite: "select 1 as one",
        postgres: "lock table transfer in share mode",
    };

    pub SETTLE = "
update ledger_mark
   set seq = (select coalesce(max(seq), 0) from transfer)
 where name = 'settled'
returning seq";

    pub READ_MARK = "
select seq
  from ledger_mark
 where name = :name";

    // No row changed: somebody else moved the mark.
    pub MOVE_CHECKPOINT = "
update ledger_mark
   set seq = :upto
 where name = 'checkpoint' and seq = :after";

    pub ADD_TO_CHECKPOINT = "
insert into ledger_checkpoint (tracked, account, debits, credits)
select case when account like 'customer:%' then 1 else 0 end, account,
       cast(sum(debits) as bigint), cast(sum(credits) as bigint)
  from (select debit as account, amount as debits, 0 as credits
          from transfer
         where seq > :after and seq <= :upto and phase in ('post', 'capture')
         union all
        select credit, 0, amount
          from transfer
         where seq > :after and seq <= :upto and phase in ('post', 'capture')) as moved
 where true
 group by account
on conflict (tracked, account) do update
   set debits = ledger_checkpoint.debits + excluded.debits,
       credits = ledger_checkpoint.credits + excluded.credits";

    pub ACCOUNT_SUMS = "
select cast(coalesce(sum(debits), 0) as bigint) as debits,
       cast(coalesce(sum(credits), 0) as bigint) as credits
  from (select debits, credits
          from ledger_checkpoint
         where tracked = 0 and account = :account
         union all
        select case when debit = :account then amount else 0 end,
               case when credit = :account then amount else 0 end
          from transfer
         where seq > :after and phase in ('post', 'capture')
           and (debit = :account or credit = :account)) as moved";

    pub SYSTEM_SUMS = "
select account,
       cast(sum(debits) as bigint) as debits,
       cast(sum(credits) as bigint) as credits
  from (select account, debits, credits
          from ledger_checkpoint
         where tracked = 0
         union all
        select debit, amount, 0
          from transfer
         where seq > :after and phase in ('post', 'capture') and debit not like 'customer:%'
         union all
        select credit, 0, amount
          from transfer
         where seq > :after and phase in ('post', 'capture') and credit not like 'customer:%') as moved
 group by account
 order by account";

    pub POCKET_SUMS = "
select class, cast(sum(free + held) as bigint) as total
  from account
 group by class
 order by class";

    pub TRANSFERS_AFTER = "
select seq, id, phase, kind, debit, credit, amount, currency, total, key,
       request_hash, hold_id, linked, order_id, payment_id, actor, memo, prev, at
  from transfer
 where seq > :after and seq <= :upto
 order by seq
 limit :limit";

    pub NEWEST = "select coalesce(max(seq), 0) as seq from transfer";

    pub ALL_ACCOUNTS = "
select name, customer, class, free, held, frozen, tip
  from account
 order by name";

    pub ONE_ACCOUNT = "
select name, free, held, frozen, tip
  from account
 where name = :name";

    pub ALL_OPEN_HOLDS = "
select h.leg, h.hold, h.account, h.amount, h.order_id, t.credit
  from open_hold h
  left join transfer t on t.id = h.leg
 order by h.leg";

    // The legs that were open at a mark and that a later transfer ended.
    pub HOLDS_ENDED_AFTER = "
select h.id as leg, h.linked as hold, h.debit as account, h.amount, h.order_id, h.credit
  from transfer t
  join transfer h on h.id = t.hold_id
 where t.seq > :after and h.seq <= :after";

    pub HOLDS_OPEN_SINCE = "
select h.leg, h.hold, h.account, h.amount, h.order_id, t.credit
  from open_hold h
  join transfer t on t.id = h.leg
 where t.seq <= :after";

    pub ALL_CHECKPOINTS = "
select tracked, account, debits, credits
  from ledger_checkpoint
 order by account";

    pub ONE_CHECKPOINT = "
select account, debits, credits
  from ledger_checkpoint
 where tracked = 1 and account = :account";

    pub SEALS_FROM = "
select number, from_seq, upto_seq, transfers, prev_hash, hash, sealed_at
  from ledger_seal
 where from_seq > :after
 order by number";

    pub LAST_SEAL = "
select number, from_seq, upto_seq, transfers, prev_hash, hash, sealed_at
  from ledger_seal
 order by number desc
 limit 1";

    // No row changed: somebody else made it.
    pub INSERT_SEAL = "
insert into ledger_seal (number, from_seq, upto_seq, transfers, prev_hash, hash, sealed_at)
values (:number, :from_seq, :upto_seq, :transfers, :prev_hash, :hash, :sealed_at)
on conflict (number) do nothing";
}
