-- Makes the process ARGV[2] the one that tries the circuit ARGV[1] for ARGV[3] ms.
-- 1: it is; 0: another one does, or the circuit was opened again in the meantime.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local open_until = redis.call('ZSCORE', KEYS[1], ARGV[1])
if open_until and tonumber(open_until) > now then
  return 0
end
return redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3]) and 1 or 0
