-- The process ARGV[1] lives. Answers how many do, counting those seen within ARGV[2] ms, and then the name and the
-- ms left of each open circuit.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local alive = tonumber(ARGV[2])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - alive)
-- Seen in the future: the clock was set back since.
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + alive, '+inf')
redis.call('PEXPIRE', KEYS[1], 6 * alive)
local told = { tostring(redis.call('ZCARD', KEYS[1])) }
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local open = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
for i = 1, #open, 2 do
  told[#told + 1] = open[i]
  told[#told + 1] = string.format('%.0f', open[i + 1] - now)
end
return told
