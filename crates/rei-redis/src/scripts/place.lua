-- Takes one of ARGV[1] places for ARGV[2] ms under the lease ARGV[3] of the process ARGV[4].
-- 1: taken; 0: all are taken. Processes that showed no sign for ARGV[5] ms hold none.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local within = tonumber(ARGV[2])
-- Whoever asks lives, even when Redis has just been emptied.
redis.call('ZADD', KEYS[2], now, ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then
  for _, lease in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    local seen = redis.call('ZSCORE', KEYS[2], string.match(lease, '^[^/]*'))
    if not seen or tonumber(seen) < now - ARGV[5] then
      redis.call('ZREM', KEYS[1], lease)
    end
  end
  if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then
    return 0
  end
end
redis.call('ZADD', KEYS[1], now + within, ARGV[3])
if redis.call('PTTL', KEYS[1]) < within then
  redis.call('PEXPIRE', KEYS[1], within)
end
return 1
