-- Promo codes, who used them and who guesses; first top-ups and their bonus; what the owner's figures are found by.

create table promo_code (
    code text not null primary key,
    amount bigint not null,
    uses_max bigint,
    uses_each bigint not null default 1,
    used bigint not null default 0,
    new_only bigint not null default 0,
    valid_from bigint not null,
    valid_until bigint,
    is_on bigint not null default 1,
    created_by bigint not null,
    created_at bigint not null,
    constraint promo_code_amount_positive check (amount > 0),
    constraint promo_code_uses_positive check (uses_each > 0 and (uses_max is null or uses_max > 0)),
    constraint promo_code_not_over_used check (used >= 0 and (uses_max is null or used <= uses_max)),
    constraint promo_code_new_only_is_bool check (new_only in (0, 1)),
    constraint promo_code_is_on_is_bool check (is_on in (0, 1))
);

create index promo_code_newest on promo_code (created_at);

create table promo_use (
    code text not null references promo_code (code),
    customer bigint not null references customer (id),
    no bigint not null,
    at bigint not null,
    primary key (code, customer, no)
);

-- Codes that do not exist, typed by somebody: an hour of them is kept, so that nobody tries them all.
create table promo_guess (
    customer bigint not null references customer (id),
    at bigint not null
);

create index promo_guess_of on promo_guess (customer, at);

-- Each customer's first top-up for ever, what it brought as a bonus, what of that went back, and what is still to
-- go back once it is no longer on hold.
create table first_topup (
    customer bigint not null primary key references customer (id),
    payment text not null,
    bonus bigint not null,
    taken_back bigint not null default 0,
    owed bigint not null default 0,
    is_over bigint not null default 0,
    at bigint not null,
    constraint first_topup_bonus_not_negative check (bonus >= 0),
    constraint first_topup_not_over_taken check (taken_back >= 0 and owed >= 0 and taken_back + owed <= bonus),
    constraint first_topup_is_over_is_bool check (is_over in (0, 1))
);

create index first_topup_owed on first_topup (customer) where owed > 0;

create index customer_came on customer (created_at);
