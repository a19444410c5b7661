-- Orders, the attempts at providers, switches that admins and faults turn, and what admins did.

create table orders (
-- only: sqlite
    number bigint primary key autoincrement,
-- only: postgres
    number bigint generated always as identity primary key,
-- only: both
    id bytea not null,
    customer bigint not null references customer (id),
    quote_id bytea not null,
    hold_id bytea not null references transfer (id),
    job_id bytea not null,
    sku text not null,
    kind text not null,
    provider text not null,
    model text not null,
    prompt text not null,
    choices text not null,
    price bigint not null,
    cost bigint not null,
    catalog_version text not null,
    state text not null,
    reason text,
    deadline_at bigint not null,
    placed_at bigint not null,
    state_at bigint not null,
    artifact text,
    preview text,
    constraint orders_id_unique unique (id),
    constraint orders_quote_once unique (quote_id),
    constraint orders_price_positive check (price > 0),
    constraint orders_ready_has_artifact check (state not in ('ready', 'delivering', 'delivered', 'gifted') or artifact is not null)
);

create index orders_of_customer on orders (customer, number);
create index orders_holding on orders (customer, number)
    where state in ('queued', 'submitting', 'unknown', 'running', 'fetching');
create index orders_deadline on orders (deadline_at)
    where state in ('queued', 'submitting', 'unknown', 'running', 'fetching');

-- One try at a provider; the row with its key is stored before the call.
create table attempt (
    id bytea not null primary key,
    order_id bytea not null references orders (id),
    no bigint not null,
    key text not null,
    started_at bigint not null,
    ended_at bigint,
    outcome text,
    code text,
    constraint attempt_key_unique unique (key),
    constraint attempt_no_unique unique (order_id, no)
);

-- What is switched off at run time, and why.
create table switch (
    name text not null primary key,
    value text not null,
    reason text not null,
    at bigint not null
);

-- What admins did; the key makes a command that arrives twice act once.
create table admin_action (
    key text not null primary key,
    actor bigint not null,
    action text not null,
    subject text not null,
    detail text not null,
    at bigint not null
);
