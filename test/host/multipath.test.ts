import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MultipathMap, Path } from "../../src/core/storage.ts";
import { multipathMaps } from "../../src/host/multipath.ts";

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length });
const number = fc.nat({ max: 255 });
const path = fc.record({
  hctl: fc.oneof(
    fc.constant("#:#:#:#"),
    fc.tuple(number, number, number, number).map((numbers) => numbers.join(":")),
  ),
  device: fc.constantFrom("sda", "sdzz", "nvme0n1", "-"),
  majorMinor: fc.oneof(
    fc.constant("#:#"),
    fc.tuple(number, number).map((numbers) => numbers.join(":")),
  ),
  dmState: fc.constantFrom("active", "failed", "undef"),
  checkerState: fc.constantFrom("ready", "faulty", "shaky", "ghost", "i/o pending", "i/o timeout", "delayed", "undef"),
  deviceState: fc.constantFrom("running", "offline", "unknown"),
});
const map = fc.record({
  wwid: hex(32).map((digits) => `3${digits}`),
  alias: fc.option(fc.constantFrom("mpatha", "data-1", "PE_x.y", "two words")),
  dmName: number.map((minor) => `dm-${minor}`),
  identity: fc.constantFrom(["DELL", "MD32xx i"], ["HP", "LOGICAL VOLUME"], [null, null], [null, "VIRTUAL-DISK"]),
  size: fc.constantFrom(["500G", 500 * 1024 ** 3], ["2.0T", 2 * 1024 ** 4], ["1022M", 1022 * 1024 ** 2]),
  groups: fc.array(fc.array(path, { minLength: 1, maxLength: 3 }), { maxLength: 3 }),
});
type Drawn = typeof map extends fc.Arbitrary<infer T> ? T : never;

/** As libmultipath prints it. */
function rendered({ wwid, alias, dmName, identity, size, groups }: Drawn): string {
  const [vendor, product] = identity;
  const who = vendor === null && product === null ? "##,##" : `${(vendor ?? "").padEnd(8)},${product}`;
  const lines = groups.flatMap((paths, index) => {
    const last = index === groups.length - 1;
    const name = `${last ? "`" : "|"}-+- policy='service-time 0' prio=${index} status=enabled`;
    return [
      name,
      ...paths.map((each, at) => `${last ? " " : "|"} ${at === paths.length - 1 ? "`" : "|"}- ${pathText(each)}`),
    ];
  });
  const title = alias === null ? `${wwid} ${dmName} ${who}` : `${alias} (${wwid}) ${dmName} ${who}`;
  return [title, `size=${size[0]} features='0' hwhandler='1 rdac' wp=rw`, ...lines].join("\n");
}
const pathText = (each: Omit<Path, "group">) =>
  `${each.hctl.padEnd(8)} ${each.device.padEnd(3)} ${each.majorMinor.padEnd(5)} ${each.dmState} ${each.checkerState} ${each.deviceState}`;

function meant({ wwid, alias, dmName, identity, size, groups }: Drawn): MultipathMap {
  const [vendor, product] = identity;
  const paths = groups.flatMap((group, index) => group.map((each) => ({ ...each, group: index })));
  return { wwid, alias, dmName, vendor: vendor ?? null, product: product ?? null, sizeBytes: Number(size[1]), paths };
}

describe("the topology of multipath", () => {
  it("is parsed as printed, with messages between the maps", () => {
    const noise = fc.constantFrom("", "\nJan 01 00:00:00 | sda: prio changed", '\nsdb: checker msg is "down"', "\n");
    fc.assert(
      fc.property(fc.array(map, { maxLength: 5 }), noise, fc.constantFrom("\n", "\r\n"), (maps, between, end) => {
        const text = maps.map((each) => `${rendered(each)}${between}\n`).join("");
        expect(multipathMaps(text.replaceAll("\n", end))).toEqual(maps.map(meant));
      }),
    );
  });

  it("gives a path only to its own map if lines are lost", () => {
    fc.assert(
      fc.property(fc.array(map, { minLength: 1, maxLength: 4 }), fc.nat(), (maps, lost) => {
        const lines = maps.map(rendered).join("\n").split("\n");
        lines.splice(lost % lines.length, 1);
        let read: MultipathMap[];
        try {
          read = multipathMaps(lines.join("\n"));
        } catch {
          return;
        }
        const known = new Map(maps.map((each) => [each.wwid, meant(each)]));
        for (const each of read) {
          const own = known.get(each.wwid)?.paths.map((one) => `${one.hctl} ${one.device} ${one.majorMinor}`) ?? [];
          for (const one of each.paths) expect(own).toContain(`${one.hctl} ${one.device} ${one.majorMinor}`);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("reads 10,000 maps of four paths", () => {
    const text = Array.from({ length: 10_000 }, (_, index) => tenThousandth(index)).join("");
    const maps = multipathMaps(text);
    expect(maps).toHaveLength(10_000);
    expect(maps.every((each) => each.paths.length === 4)).toBe(true);
  });
});

const tenThousandth = (index: number): string =>
  `mpath${index} (36b083fe000daf0180000155${index.toString(16).padStart(8, "0")}) dm-${index} DELL    ,MD32xx
size=2.2T features='3 queue_if_no_path pg_init_retries 50' hwhandler='1 rdac' wp=rw
|-+- policy='round-robin 0' prio=14 status=active
| |- 0:0:0:${index} sdd 8:48  active ready running
| \`- 0:0:1:${index} sdg 8:96  active ready running
\`-+- policy='round-robin 0' prio=9 status=enabled
  |- 0:0:2:${index} sdj 8:144 active ghost running
  \`- 0:0:3:${index} sdm 8:192 failed faulty offline
`;
