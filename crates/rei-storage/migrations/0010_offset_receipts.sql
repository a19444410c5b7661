-- Offset receipts: what was paid before is handed over when the price of an order is earned.

-- Whether the receipt of a payment says that it is a prepayment.
alter table payment add column prepaid bigint not null default 0;

create index payment_prepaid on payment (customer) where prepaid = 1;

-- Stored in the transaction that charges for the order; the request is written before the payment system hears of it.
create table offset_receipt (
    id bytea not null primary key,
    payment_id bytea not null references payment (id),
    order_id bytea not null references orders (id),
    amount bigint not null,
    item text not null,
    key text not null,
    request bytea,
    state text not null default 'created',
    reason text,
    provider_id text,
    looks bigint not null default 0,
    created_at bigint not null,
    sent_at bigint,
    state_at bigint not null,
    constraint offset_receipt_once unique (order_id, payment_id),
    constraint offset_receipt_key_unique unique (key),
    constraint offset_receipt_amount_positive check (amount > 0),
    constraint offset_receipt_state_known check (state in ('created', 'sent', 'succeeded', 'failed')),
    constraint offset_receipt_sent_has_name check (state not in ('sent', 'succeeded') or provider_id is not null),
    constraint offset_receipt_end_forgets check (state in ('created', 'sent') or request is null)
);

create index offset_receipt_of_payment on offset_receipt (payment_id);
create index offset_receipt_open on offset_receipt (created_at) where state in ('created', 'sent');
