import type { San } from "../san/san.ts";
import { reachesArray } from "../san/target-ports.ts";
import { type NamedStorage, portalsOf, shortName } from "./objects.ts";

/** Something of the SAN that does not work, and the words that restore it. */
export interface BrokenThing {
  readonly text: string;
  readonly restore: string;
}

/** The largest first. What a larger one explains is not named again. */
export function brokenThings(san: San, storages: readonly NamedStorage[], filler: string): BrokenThing[] {
  const { hosts, volumeGroups } = san.state;
  const living = hosts.filter(({ isDown }) => !isDown);
  return [
    ...hosts
      .filter(({ isDown }) => isDown)
      .map(({ name }) => ({ text: `${name} is down`, restore: `host-up ${name}` })),
    ...portalsOf(san)
      .filter(({ works }) => !works)
      .map(({ name }) => ({ text: `Portal ${name} does not answer`, restore: `portal-restore ${name}` })),
    ...living
      .filter(({ lockspaces }) => lockspaces.some(({ staleSince }) => staleSince !== null))
      .map(({ name }) => ({ text: `${name} has lost its lease`, restore: `lease-restore ${name}` })),
    ...hosts.flatMap(({ name, withheld }) =>
      withheld.map((wwid) => ({
        text: `${shortName(wwid)} is not offered to ${name}`,
        restore: `map ${name} ${wwid}`,
      })),
    ),
    ...living.flatMap((host) =>
      host.paths.flatMap(({ wwid, device, state, hctl }) =>
        device === null || (state !== "failed" && state !== "offline") || !reachesArray(san, host, hctl)
          ? []
          : [
              {
                text: `${device} of ${shortName(wwid)} on ${host.name} ${state === "failed" ? "has failed" : "is offline"}`,
                restore: `path-restore ${host.name} ${wwid} ${device}`,
              },
            ],
      ),
    ),
    ...volumeGroups
      .filter(({ logicalVolumes }) => logicalVolumes.some(({ name }) => name === filler))
      .map((group) => {
        const name = storages.find(({ volumeGroup }) => volumeGroup === group.name)?.name ?? group.name;
        return { text: `${name} is filled`, restore: `fill ${name} 0` };
      }),
  ];
}
