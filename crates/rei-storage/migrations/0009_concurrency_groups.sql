-- Models whose provider counts what runs at once have queues of their own; how long things took to make is remembered.

alter table orders add column queue text not null default 'providers';
alter table orders add column made_ms bigint;
alter table provider_task add column queue text not null default 'providers';

-- How many wait in a queue, however many wait elsewhere.
create index orders_waiting on orders (queue) where state = 'queued';

-- What the provider has, or may have. Pictures take no place for long and are not in it.
create index orders_at_provider on orders (queue, job_id)
    where queue <> 'providers' and state in ('submitting', 'unknown', 'running');
create index provider_task_queue on provider_task (queue, order_id);

-- The latest durations of a row of the catalogue.
create index orders_made on orders (sku, number, made_ms) where made_ms is not null;
