-- Customers' files, results one by one, tasks at providers, and which message shows which result.

-- A file of a customer's, from the moment it was announced; or a result that is to be changed.
create table upload (
    id bytea not null primary key,
    customer bigint not null references customer (id),
    state text not null,
    file_id text,
    unique_id text,
    blob text,
    file_type text,
    size_bytes bigint,
    width bigint,
    height bigint,
    length_ms bigint,
    from_order bytea references orders (id),
    from_item bigint,
    problem text,
    created_at bigint not null,
    used_at bigint not null,
    constraint upload_state_known check (state in ('new', 'ready', 'refused', 'gone')),
    constraint upload_ready_has_blob check (state <> 'ready' or blob is not null)
);

create index upload_blob on upload (blob) where state = 'ready';
create index upload_old on upload (used_at) where state = 'ready';

alter table orders add column items bigint not null default 1;
alter table orders add column favourite bigint not null default 0;
alter table orders add column model_legacy text;
alter table orders add column extras text not null default '{}';
alter table orders add column length_ms bigint;
alter table orders add column charged bigint;

create table order_input (
    order_id bytea not null references orders (id),
    no bigint not null,
    slot text not null,
    upload_id bytea not null references upload (id),
    link text,
    primary key (order_id, no)
);

-- One of the things an order makes: each is asked for, stored and captured by itself.
create table order_item (
    order_id bytea not null references orders (id),
    no bigint not null,
    state text not null,
    artifact text,
    preview text,
    width bigint,
    height bigint,
    length_ms bigint,
    thought_signature text,
    as_ordered bigint not null default 1,
    reason text,
    primary key (order_id, no),
    constraint order_item_state_known check (state in ('open', 'stored', 'failed')),
    constraint order_item_stored_has_artifact check (state <> 'stored' or artifact is not null),
    constraint order_item_as_ordered_is_bool check (as_ordered in (0, 1))
);

create index order_item_artifact on order_item (artifact) where artifact is not null;
create index order_item_preview on order_item (preview) where preview is not null;

insert into order_item (order_id, no, state, artifact, preview)
select id, 1, case when artifact is not null then 'stored' else 'open' end, artifact, preview
  from orders;

update orders set charged = price where state in ('ready', 'delivering', 'delivered');

alter table attempt add column item bigint not null default 1;
alter table attempt add column task text;
alter table attempt add column absent bigint not null default 0;

-- What a provider works on: asked about when due, also after the order ran out of time.
create table provider_task (
    attempt_id bytea not null primary key references attempt (id),
    order_id bytea not null references orders (id),
    provider text not null,
    task text not null,
    polls bigint not null default 0,
    due_at bigint not null,
    shown_at bigint not null,
    since bigint not null
);

create index provider_task_due on provider_task (due_at);
create index provider_task_name on provider_task (task);

-- Which message shows which result: a reply to it means that result.
create table shown_result (
    chat bigint not null,
    message_id bigint not null,
    order_id bytea not null references orders (id),
    item bigint not null,
    primary key (chat, message_id)
);

-- Addresses under which a file may be fetched for a while.
create table file_link (
    token text not null primary key,
    blob text not null,
    expires_at bigint not null
);

create index file_link_expires on file_link (expires_at);
