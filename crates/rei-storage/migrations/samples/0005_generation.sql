-- A picture of a customer's, an edit of it with two results, a video at work.
insert into upload (id, customer, state, file_id, unique_id, blob, file_type, size_bytes, width, height, created_at, used_at)
values (x'019a000000007000c000000000000001', 42, 'ready', 'AgAC', 'AQAD', 'aa/bb.jpg', 'jpg', 1000, 800, 600,
        1790000000000, 1790000000000);
insert into order_input (order_id, no, slot, upload_id)
values (x'019a0000000070009000000000000002', 1, 'reference', x'019a000000007000c000000000000001');
insert into order_item (order_id, no, state, artifact, preview, width, height)
values (x'019a0000000070009000000000000002', 2, 'stored', 'cc/dd.png', 'cc/dd.jpg', 1024, 1024);
insert into provider_task (attempt_id, order_id, provider, task, due_at, shown_at, since)
values (x'019a000000007000b000000000000002', x'019a0000000070009000000000000002', 'kling', '893', 1790000010000,
        1790000000000, 1790000000000);
insert into shown_result (chat, message_id, order_id, item) values (42, 7, x'019a0000000070009000000000000001', 1);
insert into file_link (token, blob, expires_at) values ('t', 'aa/bb.mp4', 1790000010000);
