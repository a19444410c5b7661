-- Anna paid 300 rubles in; 50 ₽ are held for an order, 40 ₽ of another hold were captured.
insert into account (name, customer, class, currency, free, held, tip) values
    ('customer:42:cash', 42, 'cash', 'RUB', 21000, 5000, x'019a0000000070008000000000000004'),
    ('customer:42:bonus', 42, 'bonus', 'RUB', 0, 0, null);

insert into transfer
    (id, phase, kind, debit, credit, amount, currency, total, key, request_hash, hold_id, linked, order_id,
     payment_id, actor, memo, prev, at)
values
    (x'019a0000000070008000000000000001', 'post', 'topup', 'clearing:yookassa', 'customer:42:cash', 30000, 'RUB',
     30000, 'payment-1:0', x'0101010101010101010101010101010101010101010101010101010101010101', null, null, null,
     'payment-1', 'system', null, null, 1790000000000),
    (x'019a0000000070008000000000000002', 'hold', 'order', 'customer:42:cash', 'revenue:image', 4000, 'RUB', 4000,
     'first:hold:0', x'0202020202020202020202020202020202020202020202020202020202020202', null,
     x'019a0000000070008000000000000002', x'019a0000000070009000000000000001', null, 'customer', null,
     x'019a0000000070008000000000000001', 1790000001000),
    (x'019a0000000070008000000000000003', 'capture', 'order', 'customer:42:cash', 'revenue:image', 4000, 'RUB', 4000,
     'first:capture:0', x'0303030303030303030303030303030303030303030303030303030303030303',
     x'019a0000000070008000000000000002', x'019a0000000070008000000000000002',
     x'019a0000000070009000000000000001', null, 'system', 'done, naïve 🎨',
     x'019a0000000070008000000000000002', 1790000002000),
    (x'019a0000000070008000000000000004', 'hold', 'order', 'customer:42:cash', 'revenue:image', 5000, 'RUB', 5000,
     'second:hold:0', x'0404040404040404040404040404040404040404040404040404040404040404', null,
     x'019a0000000070008000000000000004', x'019a0000000070009000000000000002', null, 'customer', null,
     x'019a0000000070008000000000000003', 1790000003000);

insert into open_hold (leg, hold, account, amount, order_id, expires_at) values
    (x'019a0000000070008000000000000004', x'019a0000000070008000000000000004', 'customer:42:cash', 5000,
     x'019a0000000070009000000000000002', 1790003600000);

update ledger_mark set seq = 3;
insert into ledger_checkpoint (tracked, account, debits, credits) values
    (0, 'clearing:yookassa', 30000, 0), (0, 'revenue:image', 0, 4000);
insert into ledger_seal (number, from_seq, upto_seq, transfers, prev_hash, hash, sealed_at) values
    (1, 1, 3, 3, x'00', x'0505', 1790000004000);
