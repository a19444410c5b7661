-- The queue: work that is due, who does it, and whose turn it is.

create table job (
    id bytea not null primary key,
    queue text not null,
    kind text not null,
    subject text not null,
    fair_key bigint not null,
    priority bigint not null,
    turn bigint not null,
    state text not null,
    due_at bigint not null,
    attempts_made bigint not null default 0,
    attempts_max bigint not null,
    lease_until bigint not null default 0,
    fence bigint not null default 0,
    worker text,
    unique_key text,
    last_error text,
    created_at bigint not null,
    finished_at bigint,
    constraint job_state_known check (state in ('ready', 'scheduled', 'running', 'done', 'dead')),
    constraint job_attempts_positive check (attempts_max > 0),
    constraint job_ended_has_time check (state not in ('done', 'dead') or finished_at is not null)
);

-- Only live rows: a million finished jobs change nothing for a claim.
create index job_ready on job (queue, priority, turn, id, fair_key) where state = 'ready';
create index job_scheduled on job (due_at) where state = 'scheduled';
create index job_running on job (lease_until) where state = 'running';
create index job_running_of on job (queue, fair_key) where state = 'running';
create index job_done on job (finished_at) where state = 'done';
create index job_dead on job (finished_at) where state = 'dead';
create unique index job_unique_while_live on job (unique_key)
    where unique_key is not null and state in ('ready', 'scheduled', 'running');

-- Fairness: the turn of the latest claim, and the latest turn of each customer.
create table queue_state (
    queue text not null primary key,
    turn bigint not null default 0,
    paused bigint not null default 0,
    constraint queue_paused_is_bool check (paused in (0, 1))
);

create table queue_turn (
    queue text not null,
    fair_key bigint not null,
    turn bigint not null,
    primary key (queue, fair_key)
);

-- Roles that one process has at a time, such as the scheduler.
create table lease (
    name text not null primary key,
    holder text not null,
    until bigint not null,
    fence bigint not null
);

-- Periodic tasks: when each is due next.
create table periodic (
    name text not null primary key,
    due_at bigint not null
);
