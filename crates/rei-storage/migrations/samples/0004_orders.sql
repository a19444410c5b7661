-- One order that is delivered, one at work.
insert into orders
    (id, customer, quote_id, hold_id, job_id, sku, kind, provider, model, prompt, choices, price, cost,
     catalog_version, state, reason, deadline_at, placed_at, state_at, artifact, preview)
values
    (x'019a0000000070009000000000000001', 42, x'019a000000007000a000000000000001',
     x'019a0000000070008000000000000002', x'019a0000000070007000000000000001', 'image-2k', 'image', 'gemini', 'pro',
     'a cat on a skateboard 🎨', '{}', 4000, 134000, 'v1', 'delivered', null, 1790003600000, 1790000001000, 1790000002000,
     'aa/bb.png', 'aa/bb.jpg'),
    (x'019a0000000070009000000000000002', 42, x'019a000000007000a000000000000002',
     x'019a0000000070008000000000000004', x'019a0000000070007000000000000002', 'image-2k', 'image', 'gemini', 'pro',
     'a dog', '{}', 5000, 134000, 'v1', 'submitting', null, 1790003600000, 1790000003000, 1790000003000, null, null);

insert into attempt (id, order_id, no, key, started_at, ended_at, outcome, code) values
    (x'019a000000007000b000000000000001', x'019a0000000070009000000000000001', 1, 'first:1', 1790000001000,
     1790000002000, 'done', null),
    (x'019a000000007000b000000000000002', x'019a0000000070009000000000000002', 1, 'second:1', 1790000003000, null,
     null, null);

insert into switch (name, value, reason, at) values ('model:image-4k', 'off', 'too dear', 1790000000000);
insert into admin_action (key, actor, action, subject, detail, at) values
    ('add:1', 1, 'add', '43', '100 ₽', 1790000000000);
