-- Money in and out: payments, what payment systems reported, refunds, and money that nobody could be credited for.

-- Stored with its key and the bytes of its request before the payment system hears of it.
create table payment (
-- only: sqlite
    number bigint primary key autoincrement,
-- only: postgres
    number bigint generated always as identity primary key,
-- only: both
    id bytea not null,
    customer bigint not null references customer (id),
    rail text not null,
    amount bigint not null,
    units bigint,
    state text not null default 'preparing',
    reason text,
    quote_id bytea,
    key text not null,
    request bytea,
    provider_id text,
    link text,
    is_test bigint not null,
    fee bigint,
    refunded bigint not null default 0,
    receipt text,
    looks bigint not null default 0,
    created_at bigint not null,
    sent_at bigint,
    paid_at bigint,
    state_at bigint not null,
    constraint payment_id_unique unique (id),
    constraint payment_key_unique unique (key),
    constraint payment_rail_known check (rail in ('yookassa', 'stars')),
    constraint payment_state_known check (state in ('preparing', 'waiting', 'paid', 'cancelled', 'review')),
    constraint payment_amount_positive check (amount > 0),
    constraint payment_not_over_refunded check (refunded >= 0 and refunded <= amount),
    constraint payment_paid_has_time check (state <> 'paid' or (paid_at is not null and provider_id is not null)),
    constraint payment_is_test_is_bool check (is_test in (0, 1))
);

create unique index payment_of_provider on payment (rail, provider_id) where provider_id is not null;
create index payment_of_customer on payment (customer, number);
create index payment_open on payment (created_at) where state in ('preparing', 'waiting');
create index payment_review on payment (created_at) where state = 'review';
create index payment_paid on payment (paid_at) where paid_at is not null;
create index payment_receipt on payment (paid_at) where receipt = 'pending';

-- What a payment system reported, as it came. Only a report that is authentic takes the place of its event.
create table payment_notice (
    id bytea not null primary key,
    rail text not null,
    event text not null,
    object_id text not null,
    verdict text not null,
    payment_id bytea references payment (id),
    raw bytea not null,
    headers text not null,
    peer text not null,
    deliveries bigint not null default 1,
    received_at bigint not null,
    last_at bigint not null,
    constraint payment_notice_verdict_known check (verdict in ('verified', 'foreign', 'unverified'))
);

create unique index payment_notice_once on payment_notice (rail, event, object_id) where verdict = 'verified';
create index payment_notice_old on payment_notice (received_at);

-- Money on its way back to a card or to Stars. Its sum waits on hold in the wallet until the payment system has decided;
-- what happened without us has no hold.
create table refund (
-- only: sqlite
    number bigint primary key autoincrement,
-- only: postgres
    number bigint generated always as identity primary key,
-- only: both
    id bytea not null,
    payment_id bytea not null references payment (id),
    amount bigint not null,
    state text not null,
    origin text not null,
    reason text,
    memo text,
    key text not null,
    request bytea,
    provider_id text,
    hold_id bytea references transfer (id),
    looks bigint not null default 0,
    created_at bigint not null,
    sent_at bigint,
    state_at bigint not null,
    constraint refund_id_unique unique (id),
    constraint refund_key_unique unique (key),
    constraint refund_amount_positive check (amount > 0),
    constraint refund_state_known check (state in ('asked', 'succeeded', 'cancelled')),
    constraint refund_origin_known check (origin in ('ours', 'foreign', 'chargeback')),
    constraint refund_of_ours_is_held check (origin <> 'ours' or hold_id is not null)
);

create unique index refund_of_provider on refund (provider_id) where provider_id is not null;
create index refund_of_payment on refund (payment_id);
create index refund_asked on refund (created_at) where state = 'asked';

-- Money that came and fits no payment of ours, until a person says whose it is.
create table suspense_item (
    rail text not null,
    provider_id text not null,
    amount bigint not null,
    state text not null default 'open',
    note text not null,
    customer bigint references customer (id),
    seen_at bigint not null,
    resolved_at bigint,
    primary key (rail, provider_id),
    constraint suspense_item_state_known check (state in ('open', 'assigned', 'returned')),
    constraint suspense_item_amount_positive check (amount > 0)
);

-- Where receipts are sent. The customer may change and delete it.
create table receipt_email (
    customer bigint not null primary key references customer (id),
    email text not null,
    at bigint not null
);

-- Which version of the terms a customer accepted, and when.
create table consent (
    customer bigint not null references customer (id),
    subject text not null,
    version bigint not null,
    at bigint not null,
    primary key (customer, subject, version)
);

-- One comparison of the book with a payment system.
create table reconciliation (
    id bytea not null primary key,
    rail text not null,
    from_at bigint not null,
    upto_at bigint not null,
    difference bigint not null,
    findings text not null,
    at bigint not null
);

create index reconciliation_latest on reconciliation (at);
