/**
 * Renews locks in a Redis that is out of memory.
 *
 * BullMQ writes them anew, which such a Redis refuses although nothing becomes larger: each job that takes
 * longer than `lockMs` would be interrupted, begun again, and interrupted again. To move the time at which
 * they run out needs no memory.
 */
import type { Client } from './connections.js'

/** Gives the indices, from 0, of those whose lock is not that of the token any more. */
const script = `
local lost = {}
for i, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[i + 1] then
    redis.call('PEXPIRE', key, ARGV[1])
  else
    lost[#lost + 1] = i - 1
  end
end
return lost`

/** As BullMQ does it: resolves to the ids of the jobs whose lock is lost. */
export async function touchLocks(
  client: Client,
  keyOf: (id: string) => string,
  locks: { readonly ids: ReadonlyArray<string>; readonly tokens: ReadonlyArray<string>; readonly ms: number }
): Promise<Array<string>> {
  const keys = locks.ids.map((id) => `${keyOf(id)}:lock`)
  const lost: unknown = await client.eval(script, keys.length, ...keys, locks.ms, ...locks.tokens)
  return Array.isArray(lost) ? lost.map((at) => locks.ids[Number(at)] ?? '') : []
}
