import { stat, truncate } from "node:fs/promises";
import { gatewayAddress, twinName } from "./array.ts";
import type { Guest } from "./guest.ts";
import { type Lun, lunNamed } from "./luns.ts";
import { run } from "./places.ts";
import { deviceId, type PathNumber, sysfsOf } from "./virtio.ts";

/** One thing that can be done to a running lab from outside the bot. */
export interface Act {
  readonly usage: string;
  /** Resolves to a line that says what was done. */
  run(guests: readonly Guest[], words: readonly string[]): Promise<string>;
}

export const acts: Readonly<Record<string, Act>> = {
  "path-fail": {
    usage: "HOST LUN PATH",
    async run(guests, words) {
      const { guest, lun, path } = pathOf(guests, words);
      if (lun.transport === "virtio") return setDeviceState(guest, lun, path, "offline");
      portalOf(guest, path).refuse();
      return `${guest.name} no longer reaches portal ${path}: path ${path} of all its iSCSI LUNs fails`;
    },
  },
  "path-restore": {
    usage: "HOST LUN PATH",
    async run(guests, words) {
      const { guest, lun, path } = pathOf(guests, words);
      if (lun.transport === "virtio") return setDeviceState(guest, lun, path, "running");
      await portalOf(guest, path).heal();
      return `${guest.name} reaches portal ${path} again`;
    },
  },
  unmap: {
    usage: "HOST LUN",
    async run(guests, [host, name]) {
      const guest = guestNamed(guests, host);
      const lun = lunNamed(name ?? "");
      if (!guest.shows(lun)) throw new Error(`${guest.name} is not shown ${lun.name} already`);
      await (lun.transport === "virtio" ? unplug(guest, lun) : guest.parts.array.unmap(lun));
      guest.unmapped.add(lun.name);
      return `${guest.name} is no longer shown ${lun.name}${lun.transport === "virtio" ? "" : "; its paths stay there, dead"}`;
    },
  },
  map: {
    usage: "HOST LUN",
    async run(guests, [host, name]) {
      const guest = guestNamed(guests, host);
      const lun = lunNamed(name ?? "");
      if (guest.shows(lun)) throw new Error(`${guest.name} is shown ${lun.name} already`);
      await guest.isShown(lun);
      const seen = lun.transport === "virtio" ? "" : "; it sees it after a rescan";
      return `${guest.name} is shown ${lun.name}${seen}`;
    },
  },
  twin: {
    usage: "HOST LUN",
    async run(guests, [host, name]) {
      const guest = guestNamed(guests, host);
      const lun = lunNamed(name ?? "");
      const port = await guest.isShownTwinOf(lun);
      await guest.shell(["iscsiadm", ...loggingIn(port, "new"), "--interface", "default"]);
      const { exitCode, stderr } = await guest.shell(["iscsiadm", ...loggingIn(port), "--login"]);
      if (exitCode !== 0) throw new Error(`${guest.name}: ${stderr.trim()}`);
      return `${guest.name} is logged in to ${twinName}: a LUN there has the WWID of ${lun.name}`;
    },
  },
  grow: {
    usage: "LUN SIZE",
    async run(guests, [name, size]) {
      const lun = lunNamed(name ?? "");
      const bytes = bytesOf(size ?? "");
      const before = (await stat(run.lun(lun.name))).size;
      if (bytes <= before) throw new Error(`${lun.name} has ${before} bytes already; a LUN only grows`);
      await truncate(run.lun(lun.name), bytes);
      const shown = guests.filter((each) => each.shows(lun));
      for (const guest of shown) await guest.learnsSize(lun);
      await Promise.all(shown.map(allPathsBack));
      return `${lun.name} has ${bytes} bytes; hosts see it after a rescan of each path`;
    },
  },
  chap: {
    usage: "USER SECRET",
    async run(guests, [user = "", secret = ""]) {
      if (user === "" || secret === "") throw new Error("a user and a secret are needed");
      await Promise.all(guests.map((guest) => guest.parts.array.guard(user, secret)));
      return `the array accepts only ${user} with the secret, from the next login on`;
    },
  },
  "host-kill": {
    usage: "HOST",
    async run(guests, [host]) {
      const guest = guestNamed(guests, host);
      if (guest.pid === null) throw new Error(`${guest.name} does not run`);
      // A host without power answers nothing. Its connections stay open and silent.
      guest.parts.sshRelay.hang();
      await guest.kill();
      return `${guest.name} is dead`;
    },
  },
  "host-start": {
    usage: "HOST",
    async run(guests, [host]) {
      const guest = guestNamed(guests, host);
      await guest.start();
      await guest.parts.sshRelay.heal();
      await guest.answers();
      await allPathsBack(guest);
      return `${guest.name} is back`;
    },
  },
  "ssh-cut": {
    usage: "HOST [off]",
    async run(guests, [host, off]) {
      const guest = guestNamed(guests, host);
      if (off !== undefined && off !== "off") throw new Error(`after ${guest.name} only "off" may come`);
      const { sshRelay } = guest.parts;
      if (off === "off") await sshRelay.heal();
      else sshRelay.hang();
      return off === "off" ? `ssh to ${guest.name} continues` : `ssh to ${guest.name} hangs, without closing`;
    },
  },
  "ssh-refuse": {
    usage: "HOST",
    async run(guests, [host]) {
      const guest = guestNamed(guests, host);
      guest.parts.sshRelay.refuse();
      return `ssh to ${guest.name} is refused, until ssh-cut HOST off`;
    },
  },
  shell: {
    usage: "HOST SCRIPT, as root and past the relay",
    async run(guests, [host, script]) {
      const guest = guestNamed(guests, host);
      const { exitCode, stdout, stderr } = await guest.shell(["sh", "-c", script ?? ""]);
      if (exitCode !== 0) throw new Error(`${guest.name}: ${stderr.trim() || `exit code ${exitCode}`}`);
      return stdout;
    },
  },
  latency: {
    usage: "HOST MS",
    async run(guests, [host, milliseconds]) {
      const guest = guestNamed(guests, host);
      const ms = Number(milliseconds);
      if (!Number.isInteger(ms) || ms < 0 || ms > 60_000) throw new Error("MS must be a number from 0 to 60000");
      guest.parts.sshRelay.delay(ms);
      return `ssh to and from ${guest.name} takes ${ms} ms longer each way`;
    },
  },
};

const loggingIn = (port: number, operation?: string): string[] => [
  ...["--mode", "node", "--targetname", twinName, "--portal", `${gatewayAddress}:${port},1`],
  ...(operation === undefined ? [] : ["--op", operation]),
];

/** Waits after a change that took paths away for a moment, as tgt does for a new size. No path comes by a failed portal. */
async function allPathsBack(guest: Guest): Promise<void> {
  if (guest.pid !== null && guest.parts.portalRelays.every((relay) => relay.fault === null)) await guest.ready();
}

/** `2`, `host2` and `sharedblock-host2` are the same. */
export function guestNamed<T extends { readonly name: string }>(guests: readonly T[], name = ""): T {
  const guest = guests.find(
    (each) =>
      [each.name, each.name.slice("sharedblock-".length)].includes(name) || each.name === `sharedblock-host${name}`,
  );
  if (guest === undefined) throw new Error(`there is no host ${name}: ${guests.map((each) => each.name).join(", ")}`);
  return guest;
}

function pathOf(guests: readonly Guest[], [host, name, number]: readonly string[]) {
  if (number !== "1" && number !== "2") throw new Error("PATH must be 1 or 2: the portal or the controller");
  const path: PathNumber = number === "1" ? 1 : 2;
  return { guest: guestNamed(guests, host), lun: lunNamed(name ?? ""), path };
}

const portalOf = (guest: Guest, path: PathNumber) => guest.parts.portalRelays[path === 1 ? 0 : 1];

async function setDeviceState(guest: Guest, lun: Lun, path: PathNumber, state: "offline" | "running"): Promise<string> {
  const file = sysfsOf(lun, path, guest.parts.design, "state");
  await inShell(guest, `for file in ${file}; do echo ${state} > "$file"; done`);
  if (state === "offline") guest.offline.add(`${lun.name} path ${path}`);
  else guest.offline.delete(`${lun.name} path ${path}`);
  return `path ${path} of ${lun.name} on ${guest.name} is ${state}`;
}

const unplug = (guest: Guest, lun: Lun): Promise<void> =>
  guest.monitor([
    { execute: "device_del", arguments: { id: deviceId(lun, 1) } },
    { execute: "device_del", arguments: { id: deviceId(lun, 2) } },
  ]);

async function inShell(guest: Guest, script: string): Promise<void> {
  const { exitCode, stderr } = await guest.shell(["sh", "-e", "-c", script]);
  if (exitCode !== 0) throw new Error(`${guest.name}: ${stderr.trim() || `exit code ${exitCode}`}`);
}

/** `9G`, `9663676416` */
function bytesOf(size: string): number {
  const [, number, unit] = /^(\d+)([KMGT]?)$/.exec(size) ?? [];
  if (number === undefined || unit === undefined)
    throw new Error("SIZE must be a number of bytes, or with K, M, G or T");
  return Number(number) * 1024 ** " KMGT".indexOf(unit || " ");
}
