-- Counts a request against a sliding window, exactly: every request that was allowed is kept until it leaves.
--
-- KEYS[1]  sorted set of the requests that were allowed, by their time.
-- ARGV     limit, length of the window.
-- Returns  allowed (0 or 1), how many more may go on now, and until the next one may if none may now, else until the
--          oldest one leaves. All times are microseconds.
--
-- Numbers are doubles, exact up to 2^53, and written with '%.0f': by themselves they may become '1.8e+15'.

local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local function text(number)
  return string.format('%.0f', number)
end

-- A request leaves the window when the window's length has passed.
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', text(now - window))
local counted = redis.call('ZCARD', KEYS[1])
local allowed = counted < limit
if allowed then
  -- Requests of the same microsecond come and go together, so that their number tells them apart.
  local twins = redis.call('ZCOUNT', KEYS[1], text(now), text(now))
  redis.call('ZADD', KEYS[1], text(now), text(now) .. ':' .. text(twins))
  redis.call('PEXPIRE', KEYS[1], text(math.ceil(window / 1000) + 1))
  counted = counted + 1
end

-- Where the limit has become smaller, several have to leave before the next one may go on.
local place = math.max(counted - limit, 0)
local leaving = redis.call('ZRANGE', KEYS[1], place, place, 'WITHSCORES')[2]
local reset = window
if leaving then
  reset = math.max(tonumber(leaving) + window - now, 0)
end
return { allowed and 1 or 0, math.max(limit - counted, 0), reset }
