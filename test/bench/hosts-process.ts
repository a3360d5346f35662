import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { largeSan } from "../../src/simulator/san/large-san.ts";
import { startSimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import { PORTALS, watchedSan } from "./watched-san.ts";

/** Simulated hosts in a process of their own, so that what is measured here is the client's work. */

const answerSchema = z.object({
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
const breakageSchema = z.discriminatedUnion("kind", [
  /** One path of the host fails. */
  z.object({ kind: z.literal("path"), host: z.string(), device: z.string() }),
  /** All portals of the array stop answering. */
  z.object({ kind: z.literal("array") }),
]);
type Breakage = z.output<typeof breakageSchema>;
const brokenSchema = z.object({ atMs: z.number() });

export interface Hosts extends z.output<typeof answerSchema> {
  /** Breaks something of the SAN. Resolves to the time of its first event, in milliseconds since the epoch. */
  breaks(breakage: Breakage): Promise<number>;
}

const wishSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("blank LUNs"),
    hosts: z.number(),
    luns: z.number(),
    /** The first so many answer each request only after `slowMs`. */
    slow: z.number(),
    slowMs: z.number(),
  }),
  z.object({ kind: z.literal("site"), clusters: z.number(), hosts: z.number(), luns: z.number() }),
]);
type Wish = z.output<typeof wishSchema>;

export async function withHosts<T>(wish: Wish, use: (hosts: Hosts) => Promise<T>): Promise<T> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(wish)]);
  const ended = once(child, "exit");
  try {
    const [answer] = await Promise.race([
      once(child, "message"),
      ended.then(([code]) => Promise.reject(new Error(`the simulated hosts ended with ${code}`))),
    ]);
    const breaks = async (breakage: Breakage) => {
      const [broken] = await answerTo(child, breakage);
      return brokenSchema.parse(broken).atMs;
    };
    return await use({ ...answerSchema.parse(answer), breaks });
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

/** The next message of the process after this one. */
export function answerTo(child: ChildProcess, question: object): Promise<unknown[]> {
  const answer = once(child, "message");
  child.send(question);
  return answer;
}

async function serve(wish: Wish): Promise<void> {
  const seed = wish.kind === "site" ? watchedSan(wish) : largeSan(wish.hosts, wish.luns);
  const san = await startSimulatedHosts({ directory: null, seed });
  if (wish.kind === "blank LUNs")
    for (const { name } of san.hosts.slice(0, wish.slow)) await san.fault(name, { kind: "slow", ms: wish.slowMs });
  process.send?.({ hosts: san.hosts, privateKey: san.privateKey });
  process.on("message", (message) => {
    const breakage = breakageSchema.parse(message);
    const atMs = nowMs();
    if (breakage.kind === "path") san.array.pathState(breakage.host, breakage.device, "failed");
    else for (const portal of PORTALS) san.array.portalAnswers(portal, false);
    process.send?.({ atMs });
  });
  // The parent may be killed.
  process.once("disconnect", () => process.exit());
}

/** Finer than `Date.now()`, and the same in all processes of the computer. */
export const nowMs = (): number => performance.timeOrigin + performance.now();

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await serve(wishSchema.parse(JSON.parse(process.argv[2] ?? "")));
}
