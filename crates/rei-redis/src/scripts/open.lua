-- Opens the circuit ARGV[1] for ARGV[2] ms; a longer rest stays. Whoever tried it tries no more.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local length = tonumber(ARGV[2])
redis.call('DEL', KEYS[2])
if length > 0 then
  redis.call('ZADD', KEYS[1], 'GT', now + length, ARGV[1])
  if redis.call('PTTL', KEYS[1]) < length then
    redis.call('PEXPIRE', KEYS[1], length)
  end
end
return 1
