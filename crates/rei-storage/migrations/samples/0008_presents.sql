-- A code that one customer used, a guess, a first top-up whose bonus is partly back.
insert into promo_code (code, amount, uses_max, used, valid_from, created_by, created_at)
values ('SUMMER', 5000, 100, 1, 1790000000000, 1, 1790000000000);
insert into promo_use (code, customer, no, at) values ('SUMMER', 42, 1, 1790000000000);
insert into promo_guess (customer, at) values (42, 1790000000000);
insert into first_topup (customer, payment, bonus, taken_back, owed, is_over, at)
values (42, 'payment-1', 5000, 1000, 500, 1, 1790000000000);
