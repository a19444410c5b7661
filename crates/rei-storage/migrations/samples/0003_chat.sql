-- Anna, who wrote twice, and what is on its way to her.
insert into customer (id, name, lang, telegram_lang, blocked, session, created_at, seen_at) values
    (42, 'Zoë', 'ru', 'ru', 0, '', 1790000000000, 1790000003000),
    (43, 'Bob', null, 'en', 1, '', 1790000000000, 1790000000000);

insert into inbox (update_id, lane, raw, state, attempts, due_at, received_at, error) values
    (1, 42, '{"update_id":1}', 'done', 1, 1790000000000, 1790000000000, null),
    (2, 42, '{"update_id":2}', 'new', 0, 1790000003000, 1790000003000, null),
    (3, 43, '{"update_id":3}', 'parked', 5, 1790000003000, 1790000003000, 'a bug');

insert into outbox
    (chat, class, payload, slot, order_id, part, state, attempts, due_at, lease_until, created_at, message_id, error)
values
    (42, 'answer', '{}', 'menu', null, null, 'sent', 1, 1790000000000, 0, 1790000000000, 7, null),
    (42, 'result', '{}', null, x'019a0000000070009000000000000001', 'original', 'ready', 0, 1790000002000, 0,
     1790000002000, null, null),
    (43, 'notice', '{}', null, null, null, 'waiting', 1, 1790000002000, 0, 1790000002000, null, 'blocked');

insert into slot_message (chat, slot, message_id) values (42, 'menu', 7);
