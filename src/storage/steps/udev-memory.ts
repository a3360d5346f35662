import type { Host } from "../../core/inventory.ts";
import type { Stage } from "../../core/plan.ts";
import type { Step } from "../../core/step.ts";
import { reprobeDevices, settleDevices } from "../../host/udev.ts";
import { devicePath, type Lun } from "../observe/lun.ts";

/**
 * One host wrote to the LUNs. Other hosts' udev reports the earlier content until it is refreshed or the host boots. No
 * decision uses it, so a host that can't refresh it does not stop the plan.
 */
export function freshMemoryStage(luns: readonly Lun[]): Stage {
  const hosts = new Set(luns.flatMap(({ on }) => on.map(({ host }) => host)));
  return {
    kind: "hosts",
    title: "Let every host read the LUNs again",
    steps: [...hosts].flatMap((host) => stepsOn(host, luns)),
    bestEffort: true,
  };
}

function stepsOn(host: Host, luns: readonly Lun[]): Step[] {
  const [first, ...others] = luns.flatMap(({ wwid, on }) =>
    on.flatMap((each) => (each.host === host ? [devicePath(wwid, each)] : [])),
  );
  if (first === undefined) return [];
  return [
    { host, command: reprobeDevices([first, ...others]), why: "makes udev forget the earlier content" },
    { host, command: settleDevices, why: "waits until udev has finished" },
  ];
}
