-- Books the next free slot of a pace (generic cell rate algorithm), once for each reservation.
--
-- KEYS[1]  hash: `last`, when the newest slot falls due if all lie one period apart; `slow`, until when the period counts
--          twice. A burst uses its slots before they are due.
-- KEYS[2]  the slot of this reservation.
-- ARGV     period, head start of a burst.
-- Returns  the slot. All times are microseconds.
--
-- Numbers are doubles, exact up to 2^53, and written with '%.0f': by themselves they may become '1.8e+15'.

local booked = redis.call('GET', KEYS[2])
if booked then
  return tonumber(booked)
end

local HOUR = 3600 * 1000000
local EXACT = 9007199254740991
local period, head_start = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local state = redis.call('HMGET', KEYS[1], 'last', 'slow')
local last, slow = tonumber(state[1]), tonumber(state[2]) or 0
local due = now
if last then
  due = math.max(now, math.min(last + (now < slow and 2 * period or period), EXACT))
end
-- The head start stays what it is at the usual pace: slowing down must not bring a slot forward.
local slot = math.max(now, due - head_start)

local function text(number)
  return string.format('%.0f', number)
end

redis.call('HSET', KEYS[1], 'last', text(due))
local forgotten = math.min(math.max(due + 2 * period, slow) + HOUR, EXACT)
redis.call('PEXPIREAT', KEYS[1], text(math.ceil(forgotten / 1000)))
redis.call('SET', KEYS[2], text(slot), 'PX', text(HOUR / 1000))
return slot
