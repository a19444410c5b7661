-- Customers, what they wrote and what is on its way to them.

create table customer (
    id bigint not null primary key,
    name text not null,
    lang text,
    telegram_lang text,
    blocked bigint not null default 0,
    session text not null default '',
    created_at bigint not null,
    seen_at bigint not null,
    constraint customer_lang_known check (lang is null or lang in ('ru', 'en')),
    constraint customer_blocked_is_bool check (blocked in (0, 1))
);

-- Every update as it came, before anything is done about it.
create table inbox (
    update_id bigint not null primary key,
    lane bigint not null,
    raw text not null,
    state text not null default 'new',
    attempts bigint not null default 0,
    due_at bigint not null,
    received_at bigint not null,
    error text,
    constraint inbox_state_known check (state in ('new', 'done', 'parked'))
);

create index inbox_new on inbox (lane, update_id) where state = 'new';
create index inbox_old on inbox (received_at) where state <> 'new';

-- Every call that has to reach a chat. `ord` keeps the order within a chat.
create table outbox (
-- only: sqlite
    ord bigint primary key autoincrement,
-- only: postgres
    ord bigint generated always as identity primary key,
-- only: both
    chat bigint not null,
    class text not null,
    payload text not null,
    slot text,
    order_id bytea,
    part text,
    state text not null default 'ready',
    attempts bigint not null default 0,
    due_at bigint not null,
    lease_until bigint not null default 0,
    created_at bigint not null,
    message_id bigint,
    error text,
    constraint outbox_class_known check (class in ('press', 'answer', 'result', 'notice')),
    constraint outbox_state_known check (state in ('ready', 'sending', 'sent', 'dropped', 'parked', 'waiting'))
);

create index outbox_live on outbox (chat, ord) where state in ('ready', 'sending');
create index outbox_waiting on outbox (chat) where state = 'waiting';
create index outbox_old on outbox (created_at) where state in ('sent', 'dropped');

-- Which message shows what, so that a later screen replaces it.
create table slot_message (
    chat bigint not null,
    slot text not null,
    message_id bigint not null,
    primary key (chat, slot)
);
