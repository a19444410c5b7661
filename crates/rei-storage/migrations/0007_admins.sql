-- Who may do what, what waits for a yes, what admins changed, who may not buy, and prices that admins set.

create table admin_role (
    customer bigint not null primary key,
    role text not null,
    granted_by bigint not null,
    at bigint not null,
    constraint admin_role_known check (role in ('owner', 'finance', 'support', 'viewer'))
);

-- A change that was shown and waits for its confirmation, or for a second admin's. The key names the message that asked
-- for it, so a message that comes twice asks once.
create table admin_request (
-- only: sqlite
    number bigint primary key autoincrement,
-- only: postgres
    number bigint generated always as identity primary key,
-- only: both
    actor bigint not null,
    command_key text not null,
    said text not null,
    change text not null,
    reason text not null,
    state text not null default 'asked',
    decided_by bigint,
    undo text,
    expires_at bigint not null,
    created_at bigint not null,
    state_at bigint not null,
    constraint admin_request_once unique (command_key),
    constraint admin_request_state_known check (state in ('asked', 'second', 'done', 'dropped', 'undone')),
    constraint admin_request_undone_had_undo check (state <> 'undone' or undo is not null)
);

create index admin_request_old on admin_request (expires_at) where state in ('asked', 'second');

-- What each change was about, before and after it.
alter table admin_action add column reason text not null default '';
alter table admin_action add column was text not null default '';
alter table admin_action add column became text not null default '';
alter table admin_action add column approved_by bigint;

create index admin_action_at on admin_action (at);
create index admin_action_subject on admin_action (subject);

create table ban (
    customer bigint not null primary key,
    reason text not null,
    until bigint,
    banned_by bigint not null,
    at bigint not null
);

-- Prices that admins set: of those whose date has come, the latest date counts, and of one date the latest row. A row
-- without a price says that the catalogue's own counts again.
create table price_version (
-- only: sqlite
    number bigint primary key autoincrement,
-- only: postgres
    number bigint generated always as identity primary key,
-- only: both
    sku text not null,
    choice text not null,
    price bigint,
    from_at bigint not null,
    set_by bigint not null,
    at bigint not null,
    withdrawn_at bigint,
    constraint price_version_positive check (price is null or price > 0)
);

create index price_version_of on price_version (sku, choice, from_at);

-- Admins look for people by the name that Telegram shows after the @, kept in lower case.
alter table customer add column username text;
create index customer_username on customer (username) where username is not null;

-- What went back of an order, without reading the whole book.
create index transfer_refund_of_order on transfer (order_id) where kind = 'refund';
