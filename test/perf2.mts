import { largeSan } from "../src/local/san/large-san.ts";
import { Machine } from "../src/local/san/machine.ts";
import { San } from "../src/local/san/san.ts";
import { programs } from "../src/local/san/programs/index.ts";
import { viewOf } from "../src/local/san/host-view.ts";
const san = new San(largeSan(100, 10));
const lines = ["multipath -ll", "lsscsi -s", "ls -l /dev/disk/by-id", "lsblk -J -b -o NAME,KNAME,MAJ:MIN,TYPE,SIZE,FSTYPE,LABEL,UUID,MOUNTPOINT,RO,LOG-SEC,WWN,VENDOR,MODEL,HCTL,TRAN", "vgs --readonly --shared --reportformat json --units b --nosuffix -o vg_name", "pvs --readonly --reportformat json -o pv_name"];
const sums: Record<string, number> = {};
san.state.hosts.forEach((host, i) => {
  let t = performance.now();
  viewOf(san, host);
  if (i > 20) sums["view"] = (sums["view"] ?? 0) + performance.now() - t;
  for (const line of lines) {
    const [p, ...args] = line.split(" ");
    t = performance.now();
    programs.get(p!)!(args, { san, host, root: true, environment: {}, stdin: async () => "", signal: new AbortController().signal, lockStartMs: 0 });
    if (i > 20) sums[p!] = (sums[p!] ?? 0) + performance.now() - t;
  }
});
for (const k in sums) console.log(k, (sums[k]! / 79).toFixed(3));
