-- Takes from all buckets or from none (GCRA). For each bucket: its key and that of its silence, and the three
-- arguments refill in µs, burst, takes. 0: taken; else the µs to wait.
-- A bucket's key holds the moment in µs at which it will be full again.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local wait = 0
local full_at = {}
for i = 1, #KEYS / 2 do
  local refill, burst, takes = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  wait = math.max(wait, redis.call('PTTL', KEYS[2 * i]) * 1000)
  if takes > 0 then
    local holds = refill * math.max(burst, takes)
    local known = tonumber(redis.call('GET', KEYS[2 * i - 1]) or now)
    -- A clock that was set back must not empty a bucket further than it can be.
    full_at[i] = math.max(now, math.min(known, now + holds)) + refill * takes
    wait = math.max(wait, full_at[i] - holds - now)
  end
end
if wait > 0 then
  return math.ceil(wait)
end
for i, at in pairs(full_at) do
  -- Lua would write so large a number with too few digits.
  redis.call('SET', KEYS[2 * i - 1], string.format('%.0f', at), 'PX', math.ceil((at - now) / 1000) + 1)
end
return 0
