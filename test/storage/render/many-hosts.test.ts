import { beforeAll, describe, expect, it } from "vitest";
import { type Part, plainLines, type Reply } from "../../../src/core/reply.ts";
import { planReply } from "../../../src/flow/plan-reply.ts";
import { SanArray } from "../../../src/simulator/san/array.ts";
import { InMemory } from "../../flow/in-memory.ts";
import { sizeOf } from "../../scenario/rows.ts";
import { planned } from "../../store/samples.ts";

const HOSTS = sizeOf(30, 100);
const HOST = /bench-host\d+/g;
/** A reader of a phone reads so many lines of one answer about hosts. */
const MOST_LINES = 6;
const MOST_NAMES = 6;

const linesOf = (parts: readonly Part[]): string[] => plainLines(parts).flatMap((line) => line.split("\n"));
const aboutHosts = (parts: readonly Part[]): string[] => linesOf(parts).filter((line) => line.match(HOST) !== null);

function isShort(parts: readonly Part[], most = MOST_LINES): void {
  const lines = aboutHosts(parts);
  expect(lines.length, lines.join("\n")).toBeLessThanOrEqual(most);
  for (const line of lines) {
    expect(new Set(line.match(HOST)).size, line).toBeLessThanOrEqual(MOST_NAMES);
  }
}

const queries = (world: InMemory): string[] => [
  ...["inventory refresh=true", "cluster show cluster-1", "cluster list", "cluster check cluster-1", "zone list"],
  ...["lun list cluster-1", `lun show cluster-1 ${world.wwids[0]}`, "multipath status cluster-1"],
  ...["sharedblock list refresh=true", "sharedblock show ps-1", "sharedblock show ps-1 refresh=false"],
  ...["sharedblock volumes ps-1", "iscsi list cluster-1", "fc list cluster-1", "host list"],
];

/** In these each host has its own answer: the details have a row for each. */
const OWN_VALUES = /^(host|iscsi|fc) list/;

const planParts = async (world: InMemory, words: string): Promise<readonly Part[]> =>
  planReply(await world.plans(words), { ...planned, id: "op-1", nonce: "n" }).parts;

let world: InMemory;
beforeAll(async () => {
  world = new InMemory([HOSTS], 3);
  await world.does(await world.plans(`sharedblock add cluster-1 wwid=${world.wwids[0]} name=ps-1`));
  const storage = world.inventory.primaryStorages[0];
  const group = world.san.state.volumeGroups.find(({ name }) => name === storage?.uuid);
  if (group === undefined) throw new Error("there is no volume group");
  group.logicalVolumes.push({ name: "vol-1", sizeBytes: 1024 ** 3, tags: [] });
  for (const [index, host] of world.san.state.hosts.entries()) {
    const volume = { volumeGroupUuid: group.uuid, name: "vol-1", openCount: 1, lock: "sh" as const };
    host.activeVolumes.push({ ...volume, minor: 200 + index });
  }
}, 60_000);

describe.each(["all alike", "one of which is off, and one has lost a path"])("many hosts, %s,", (state) => {
  const differs = state !== "all alike";
  beforeAll(() => {
    if (!differs) return;
    world.turnsOff("bench-host20");
    new SanArray(world.san).pathState("bench-host7", "sdb", "failed");
  });

  it("are a few lines in the answer of each query, and in its details", { timeout: 60_000 }, async () => {
    for (const words of queries(world)) {
      const reply: Reply = await world.answers(words);
      try {
        isShort(reply.parts);
        if (!OWN_VALUES.test(words)) isShort(reply.details?.parts ?? [], MOST_LINES * 2);
      } catch (error) {
        throw new Error(`${words}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  });

  it.skipIf(!differs)("name the hosts that differ and count the others", async () => {
    const said = async (words: string) => linesOf((await world.answers(words)).parts).join("\n");
    expect(await said("sharedblock show ps-1")).toMatch(
      new RegExp(
        `bench-host20 Unknown · sanlock host id 20[^]*${HOSTS - 1} others Connected · sanlock host ids 1–19, 21–${HOSTS}`,
      ),
    );
    expect(await said("multipath status cluster-1")).toMatch(/degraded, 3\/4 paths on bench-host7:/);
    expect(await said("sharedblock list refresh=true")).toContain("status (observed)=not observed yet");
    expect(await said("iscsi list")).toMatch(/bench-host20 .*connection refused/);
  });

  it("are a few lines in the plan of each change", { timeout: 60_000 }, async () => {
    const changes = [
      ...["host rescan cluster-1", "host prepare cluster-1 install=true", "sharedblock reconnect ps-1"],
      ...(differs ? [] : ["sharedblock disable ps-1", `sharedblock extend ps-1 wwid=${world.wwids[1]}`]),
    ];
    for (const words of changes) {
      const parts = await planParts(world, words).catch((error: unknown) => error);
      if (parts instanceof Error) expect(parts.message.split("\n").length, words).toBeLessThan(12);
      else isShort(parts as readonly Part[]);
    }
  });
});
