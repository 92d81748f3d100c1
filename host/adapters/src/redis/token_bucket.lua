-- Takes requests from a budget, a bucket that refills evenly and holds one second's worth.
-- KEYS[1]: the bucket. ARGV: requests per second, the most to take.
-- Answers how many were taken and, when none, the microseconds until there is one.
local rate, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local kept = redis.call('HMGET', KEYS[1], 'requests', 'at')
local requests = rate
local went_back = false
if kept[1] and kept[2] then
  local passed = now - tonumber(kept[2])
  went_back = passed < 0
  requests = math.min(rate, tonumber(kept[1]) + math.max(0, passed) * rate / 1000000)
end
-- What is missing by rounding is there.
local taken = math.min(most, math.floor(requests + 0.000001))
if taken > 0 or went_back then
  local left = string.format('%.9f', math.max(0, requests - taken))
  redis.call('HSET', KEYS[1], 'requests', left, 'at', string.format('%.0f', now))
  -- A bucket that nobody took from for a second is full, as one that is not there.
  redis.call('PEXPIRE', KEYS[1], 2000)
end
local wait = 0
if taken == 0 then
  wait = math.max(0, math.ceil((1 - requests) * 1000000 / rate))
end
return {taken, wait}
