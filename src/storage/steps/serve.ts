import type { Host } from "../../core/inventory.ts";
import type { InventoryChange } from "../../core/inventory-change.ts";
import type { Stage } from "../../core/plan.ts";
import { servesGroup } from "../observe/lock-state.ts";
import { lockstartStage, verifyStage } from "./join.ts";
import { prepareSteps } from "./lock-settings.ts";
import type { HostSurvey } from "./survey.ts";

/**
 * The steps with which hosts serve a storage: each gets its sanlock host id and settings, and joins the lockspace.
 * Steps that are not needed are left out. The plan always verifies that every host serves it.
 */
export function serveStages(surveys: readonly HostSurvey[], volumeGroup: string): Stage[] {
  return [
    { kind: "record", title: "Give sanlock host ids", changes: hostIdChanges(surveys) },
    { kind: "hosts", title: "Prepare LVM and sanlock", steps: surveys.flatMap(prepareSteps) },
    ...lockStages(surveys, volumeGroup),
  ];
}

/** Every host joins the volume group's lockspace, and this is verified. */
export const lockStages = (surveys: readonly HostSurvey[], volumeGroup: string): Stage[] => [
  lockstartStage(
    surveys.filter((each) => !isServing(each, volumeGroup)).map(({ view }) => view),
    volumeGroup,
  ),
  verifyStage(new Map(surveys.map(({ host, hostId }): [Host, number] => [host, hostId])), volumeGroup),
];

/** Recorded before a host writes its first lease, so that no other host can get the same id. */
export const hostIdChanges = (surveys: readonly HostSurvey[]): InventoryChange[] =>
  surveys
    .filter(({ host }) => host.sanlockHostId === null)
    .map(({ host, hostId }) => ({ kind: "sanlock host id given", hostUuid: host.uuid, hostId }));

/** Two operations that assign sanlock host ids at the same time would assign the same ones. */
export const idLock = (surveys: readonly HostSurvey[]): string[] =>
  hostIdChanges(surveys).length > 0 ? ["sanlock host ids"] : [];

/** The host can lock the group, and nothing that its locks need is missing. */
export const isServing = (each: HostSurvey, volumeGroup: string): boolean =>
  servesGroup(each.view, volumeGroup) && prepareSteps(each).length === 0;
