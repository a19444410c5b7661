-- A job that waits, one that a worker has, one that is over.
insert into job
    (id, queue, kind, subject, fair_key, priority, turn, state, due_at, attempts_made, attempts_max, lease_until,
     fence, worker, unique_key, last_error, created_at, finished_at)
values
    (x'019a0000000070007000000000000001', 'work', 'submit', 'first', 42, 5, 1, 'done', 1790000001000, 1, 5, 0, 1,
     'worker-1', 'submit:first', null, 1790000001000, 1790000002000),
    (x'019a0000000070007000000000000002', 'work', 'submit', 'second', 42, 5, 2, 'running', 1790000003000, 2, 5,
     1790000033000, 3, 'worker-1', 'submit:second', 'timed out', 1790000003000, null),
    (x'019a0000000070007000000000000003', 'work', 'clean', 'old files', 0, 9, 3, 'scheduled', 1790000090000, 0, 5, 0,
     0, null, null, null, 1790000003000, null);

insert into queue_state (queue, turn, paused) values ('work', 3, 0);
insert into queue_turn (queue, fair_key, turn) values ('work', 42, 2);
insert into lease (name, holder, until, fence) values ('scheduler', 'worker-1', 1790000033000, 7);
insert into periodic (name, due_at) values ('seal', 1790000060000);
