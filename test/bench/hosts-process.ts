import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { largeSan } from "../../src/simulator/san/large-san.ts";
import { startSimulatedHosts } from "../../src/simulator/simulated-hosts.ts";

/** Simulated hosts in a process of their own, so that what is measured here is the client's work. */

const hostsSchema = z.object({
  privateKey: z.string(),
  hosts: z.array(
    z.object({
      name: z.string(),
      address: z.string(),
      port: z.number(),
      user: z.string(),
      hostKeySha256: z.string(),
    }),
  ),
});
export type Hosts = z.output<typeof hostsSchema>;

const wishSchema = z.object({
  hosts: z.number(),
  luns: z.number(),
  /** The first so many answer each request only after `slowMs`. */
  slow: z.number(),
  slowMs: z.number(),
});
type Wish = z.output<typeof wishSchema>;

export async function withHosts<T>(wish: Wish, use: (hosts: Hosts) => Promise<T>): Promise<T> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(wish)]);
  const ended = once(child, "exit");
  try {
    const [answer] = await Promise.race([
      once(child, "message"),
      ended.then(([code]) => Promise.reject(new Error(`the simulated hosts ended with ${code}`))),
    ]);
    return await use(hostsSchema.parse(answer));
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

async function serve(wish: Wish): Promise<void> {
  const san = await startSimulatedHosts({ directory: null, seed: largeSan(wish.hosts, wish.luns) });
  for (const { name } of san.hosts.slice(0, wish.slow)) await san.fault(name, { kind: "slow", ms: wish.slowMs });
  process.send?.({ hosts: san.hosts, privateKey: san.privateKey });
  // The parent may be killed.
  process.once("disconnect", () => process.exit());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await serve(wishSchema.parse(JSON.parse(process.argv[2] ?? "")));
}
