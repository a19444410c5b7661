-- A helper, a change that waits, one that was made and noted, a ban, a price and the way back to the catalogue's.
insert into admin_role (customer, role, granted_by, at) values (42, 'support', 1, 1790000000000);
insert into admin_request (actor, command_key, said, change, reason, expires_at, created_at, state_at)
values (1, '1:77', 'unban 42', '{}', 'a mistake', 1790000600000, 1790000000000, 1790000000000);
insert into admin_request (actor, command_key, said, change, reason, state, undo, expires_at, created_at, state_at)
values (1, '1:78', 'ban 42 spam', '{}', 'spam', 'done', '{}', 1790000600000, 1790000000000, 1790000001000);
insert into admin_action (key, actor, action, subject, detail, at, reason, was, became)
values ('1:78', 1, 'ban', '42', '', 1790000001000, 'spam', '', 'for ever');
insert into ban (customer, reason, until, banned_by, at) values (42, 'spam', null, 1, 1790000000000);
insert into price_version (sku, choice, price, from_at, set_by, at)
values ('nano-banana-pro', '2K', 5500, 1790000000000, 1, 1790000000000);
insert into price_version (sku, choice, price, from_at, set_by, at)
values ('nano-banana-pro', '2K', null, 1790000600000, 1, 1790000600000);
