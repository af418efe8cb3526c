-- Lets the period of a pace count twice until a moment. An earlier moment changes nothing.
--
-- KEYS[1]  hash, as in reserve.lua.
-- ARGV     the moment, in microseconds.

local HOUR = 3600 * 1000000
local EXACT = 9007199254740991
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local slow = math.max(tonumber(redis.call('HGET', KEYS[1], 'slow')) or 0, tonumber(ARGV[1]))
redis.call('HSET', KEYS[1], 'slow', string.format('%.0f', slow))

-- What is booked keeps the time that it has.
local kept = now + math.max(redis.call('PTTL', KEYS[1]), 0) * 1000
local forgotten = math.min(math.max(kept, slow + HOUR, now + HOUR), EXACT)
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', math.ceil(forgotten / 1000)))
