-- A paid top-up, one that waits, a refund, a report, unknown money.
insert into payment (id, customer, rail, amount, state, key, request, provider_id, link, is_test, fee, created_at, sent_at,
        paid_at, state_at)
values (x'019a000000007000d000000000000001', 42, 'yookassa', 50000, 'paid', '019a0000-0000-7000-d000-000000000001', null,
        '30b1f0aa-000f-5000-8000-1f2e3d4c5b6a', null, 1, 1750, 1790000000000, 1790000000000, 1790000060000, 1790000060000);
insert into payment (id, customer, rail, amount, state, key, request, is_test, created_at, state_at)
values (x'019a000000007000d000000000000002', 42, 'yookassa', 10000, 'preparing', '019a0000-0000-7000-d000-000000000002',
        x'7b7d', 1, 1790000000000, 1790000000000);
insert into refund (id, payment_id, amount, state, origin, key, provider_id, created_at, state_at)
values (x'019a000000007000e000000000000001', x'019a000000007000d000000000000001', 100, 'succeeded', 'foreign',
        '019a0000-0000-7000-e000-000000000001', '30b1f0ab-0015-5000-8000-1f2e3d4c5b6a', 1790000070000, 1790000070000);
insert into payment_notice (id, rail, event, object_id, verdict, payment_id, raw, headers, peer, received_at, last_at)
values (x'019a000000007000f000000000000001', 'yookassa', 'payment.succeeded', '30b1f0aa-000f-5000-8000-1f2e3d4c5b6a',
        'verified', x'019a000000007000d000000000000001', x'7b7d', '{}', '127.0.0.1', 1790000060000, 1790000060000);
insert into suspense_item (rail, provider_id, amount, note, seen_at)
values ('yookassa', '30b1f0ac-000f-5000-8000-1f2e3d4c5b6a', 700, 'without our signature', 1790000060000);
insert into receipt_email (customer, email, at) values (42, 'anna@example.com', 1790000060000);
insert into consent (customer, subject, version, at) values (42, 'terms', 1, 1790000060000);
insert into reconciliation (id, rail, from_at, upto_at, difference, findings, at)
values (x'019a000000007000f000000000000002', 'yookassa', 1790000000000, 1790000060000, 0, '[]', 1790000060000);
