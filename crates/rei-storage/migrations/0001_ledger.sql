-- The double-entry book: transfers are only ever added; everything else here is derived from them
-- or guards them, and `rei audit` compares the two.

-- What a customer has, one row for each pocket. Hot system accounts have no row: they are summed.
create table account (
    name text not null primary key,
    customer bigint not null,
    class text not null,
    currency text not null,
    free bigint not null default 0,
    held bigint not null default 0,
    frozen bigint not null default 0,
    tip bytea,
    constraint account_class_known check (class in ('cash', 'bonus')),
    constraint account_in_rubles check (currency = 'RUB'),
    constraint account_held_not_negative check (held >= 0),
    constraint account_frozen_is_bool check (frozen in (0, 1)),
    constraint account_overdrawn_is_frozen check (free >= 0 or frozen = 1)
);

create table transfer (
-- only: sqlite
    seq bigint primary key autoincrement,
-- only: postgres
    seq bigint generated always as identity primary key,
-- only: both
    id bytea not null,
    phase text not null,
    kind text not null,
    debit text not null,
    credit text not null,
    amount bigint not null,
    currency text not null,
    total bigint not null,
    key text not null,
    request_hash bytea not null,
    hold_id bytea,
    linked bytea,
    order_id bytea,
    payment_id text,
    actor text not null,
    memo text,
    prev bytea,
    at bigint not null,
    constraint transfer_id_unique unique (id),
    constraint transfer_hold_exists foreign key (hold_id) references transfer (id),
    constraint transfer_key_unique unique (key),
    constraint transfer_id_is_uuid check (length(id) = 16),
    constraint transfer_hash_is_sha256 check (length(request_hash) = 32),
    constraint transfer_phase_known check (phase in ('post', 'hold', 'capture', 'void', 'expire')),
    constraint transfer_amount_positive check (amount > 0),
    constraint transfer_currency_known check (currency in ('RUB', 'USD')),
    constraint transfer_two_accounts check (debit <> credit),
    constraint transfer_resolves_a_hold check ((phase in ('post', 'hold')) = (hold_id is null)),
    constraint transfer_hold_is_linked check ((phase = 'post') = (linked is null))
);

-- A hold ends once, whoever ends it. Like the keys and the ids, this index grows at one end.
create unique index transfer_hold_ends_once on transfer (hold_id) where hold_id is not null;

-- The legs of holds that nothing has ended yet: a small table, however long the book is.
create table open_hold (
    leg bytea not null primary key,
    hold bytea not null,
    account text not null,
    amount bigint not null,
    order_id bytea,
    expires_at bigint not null,
    constraint open_hold_is_a_transfer foreign key (leg) references transfer (id),
    constraint open_hold_has_an_account foreign key (account) references account (name),
    constraint open_hold_amount_positive check (amount > 0)
);

create index open_hold_group on open_hold (hold);
create index open_hold_expiry on open_hold (expires_at);

-- What was debited and credited on each account up to the transfer that the mark `checkpoint` names.
create table ledger_checkpoint (
    tracked bigint not null,
    account text not null,
    debits bigint not null,
    credits bigint not null,
    constraint ledger_checkpoint_tracked_is_bool check (tracked in (0, 1)),
    primary key (tracked, account)
);

-- How far the book is settled (no transfer up to there can still appear) and checkpointed.
create table ledger_mark (
    name text not null primary key,
    seq bigint not null,
    constraint ledger_mark_known check (name in ('settled', 'checkpoint'))
);
insert into ledger_mark (name, seq) values ('settled', 0), ('checkpoint', 0);

-- A chain of hashes over the settled transfers.
create table ledger_seal (
    number bigint not null primary key,
    from_seq bigint not null,
    upto_seq bigint not null,
    transfers bigint not null,
    prev_hash bytea not null,
    hash bytea not null,
    sealed_at bigint not null,
    constraint ledger_seal_covers_something check (upto_seq >= from_seq and transfers > 0)
);

-- only: sqlite
create trigger transfer_refuses_update before update on transfer
begin
    select raise(abort, 'a transfer is never changed');
end;
create trigger transfer_refuses_delete before delete on transfer
begin
    select raise(abort, 'a transfer is never deleted');
end;
create trigger ledger_seal_refuses_update before update on ledger_seal
begin
    select raise(abort, 'a seal is never changed');
end;
create trigger ledger_seal_refuses_delete before delete on ledger_seal
begin
    select raise(abort, 'a seal is never deleted');
end;
-- only: postgres
create function ledger_refuses() returns trigger language plpgsql as $$
begin
    raise exception '% is never changed or deleted', tg_table_name;
end
$$;
create trigger transfer_refuses_update before update on transfer
    for each row execute function ledger_refuses();
create trigger transfer_refuses_delete before delete on transfer
    for each row execute function ledger_refuses();
create trigger transfer_refuses_truncate before truncate on transfer
    for each statement execute function ledger_refuses();
create trigger ledger_seal_refuses_update before update on ledger_seal
    for each row execute function ledger_refuses();
create trigger ledger_seal_refuses_delete before delete on ledger_seal
    for each row execute function ledger_refuses();
create trigger ledger_seal_refuses_truncate before truncate on ledger_seal
    for each statement execute function ledger_refuses();
-- only: both
