-- A picture whose making took a second, a video at work in a queue of its own.
update orders set made_ms = 1000 where id = x'019a0000000070009000000000000001';
update orders
   set queue = 'providers/kling-3.0', state = 'running'
 where id = x'019a0000000070009000000000000002';
update provider_task
   set queue = 'providers/kling-3.0'
 where attempt_id = x'019a000000007000b000000000000002';
