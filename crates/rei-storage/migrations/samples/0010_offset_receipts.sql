-- A prepayment of which two orders used up a part: one receipt is registered, one waits for its turn.
update payment set prepaid = 1 where id = x'019a000000007000d000000000000001';
insert into offset_receipt (id, payment_id, order_id, amount, item, key, state, provider_id, created_at, sent_at, state_at)
values (x'019a0000000070001000000000000001', x'019a000000007000d000000000000001', x'019a0000000070009000000000000001', 4000,
        'Order 1', '019a0000-0000-7000-1000-000000000001', 'succeeded', 'rt_30b1f0aa-000f-5000-8000-1f2e3d4c5b6a',
        1790000080000, 1790000080000, 1790000090000);
insert into offset_receipt (id, payment_id, order_id, amount, item, key, request, created_at, state_at)
values (x'019a0000000070001000000000000002', x'019a000000007000d000000000000001', x'019a0000000070009000000000000002', 5000,
        'Order 2', '019a0000-0000-7000-1000-000000000002', x'7b7d', 1790000080000, 1790000080000);
