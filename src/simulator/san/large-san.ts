import { createHash } from "node:crypto";
import { blank } from "./content.ts";
import { newHost } from "./new-host.ts";
import { diskName } from "./san.ts";
import type { SanHost, SanLun, SanState } from "./san-state.ts";

/** Many hosts (`bench-host1` …), each with four paths to every LUN, all blank: for benches. */
export function largeSan(hostCount: number, lunCount: number): SanState {
  const luns = Array.from({ length: lunCount }, (_, index): SanLun => {
    const digits = createHash("sha256").update(`LUN ${index}`).digest("hex").slice(0, 25);
    const wwid = `36b083fe${digits}`;
    return {
      wwid,
      number: index + 1,
      sizeBytes: 1024 ** 4,
      vendor: "DELL",
      product: "MD32xx",
      revision: "0784",
      logicalSectorBytes: 512,
      content: blank(),
    };
  });
  const hosts = Array.from({ length: hostCount }, (_, index) =>
    benchHost(newHost(`bench-host${index + 1}`, "root", "127.0.0.1\tlocalhost\n"), luns),
  );
  return { version: 1, luns, targets: [], failedPorts: [], volumeGroups: [], pastLeases: [], hosts };
}

function benchHost(host: SanHost, luns: readonly SanLun[]): SanHost {
  host.paths = luns.flatMap(({ wwid, number, sizeBytes }, place) =>
    ["0:0:0", "0:0:1", "2:0:0", "2:0:1"].map((target, path) => {
      const device = diskName(1 + place * 4 + path);
      return { wwid, hctl: `${target}:${number}`, device, sizeBytes, state: "running" as const };
    }),
  );
  host.maps = luns.map(({ wwid, sizeBytes }, minor) => ({
    wwid,
    alias: `mpath${minor}`,
    minor,
    sizeBytes,
    gonePaths: 0,
    leftOut: [],
    deleted: [],
  }));
  return host;
}
