-- Closes the circuit ARGV[1]. Whoever tried it tries no more.
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2])
return 1
