import type { Facts } from "../../core/command.ts";
import type { Host, PrimaryStorage } from "../../core/inventory.ts";
import type { Stage, Step } from "../../core/plan.ts";
import { lockStateIn, lossObjections, servesGroup } from "../observe/lock-state.ts";
import { type AllocationView, allocationStages, disksOf, seesWhole } from "../steps/allocation.ts";
import { prepareObjections, prepareSteps } from "../steps/lock-settings.ts";
import { idsGiven, isServing, lockStages } from "../steps/serve.ts";
import { type HostSurvey, survey } from "../steps/survey.ts";

/** How the hosts of a storage come into service. */
export interface Return {
  /** Those that are in service, or come in. */
  readonly surveys: readonly HostSurvey[];
  /** Those that can't, each with the reason. */
  readonly leftOut: readonly { readonly host: Host; readonly why: string }[];
}

/** A host that sees all of the group can come in, unless a person must be there first. */
export async function lookAtReturn(
  storage: PrimaryStorage,
  views: readonly AllocationView[],
  facts: Facts,
): Promise<Return> {
  const whole = views.filter((view) => seesWhole(view, storage.uuid));
  const blind = views
    .filter((view) => !whole.includes(view))
    .map((view) => ({ host: view.host, why: whyNot(view, storage) }));
  const surveys = await survey(
    whole.map(({ host }) => host),
    facts,
  );
  const judged = surveys.map((each) => ({
    each,
    objections: [...each.view.problems, ...prepareObjections(each), ...lossObjections(storage, [each.view])],
  }));
  return {
    surveys: judged.filter(({ objections }) => objections.length === 0).map(({ each }) => each),
    leftOut: [
      ...blind,
      ...judged
        .filter(({ objections }) => objections.length > 0)
        .map(({ each, objections }) => ({ host: each.host, why: objections.join("; ") })),
    ],
  };
}

export const whyNot = (view: AllocationView, { uuid }: PrimaryStorage): string =>
  view.problems.join("; ") ||
  (seesWhole(view, uuid)
    ? `it does not hold its locks (${lockStateIn(uuid, view)})`
    : "it does not see all of the volume group");

/** The host that writes into the group: one that can already, else the first that comes in. */
export function writerOf({ surveys }: Return, views: readonly AllocationView[], uuid: string): AllocationView | null {
  const able = views.filter(({ host }) => surveys.some((each) => each.host === host));
  return able.find((view) => servesGroup(view, uuid)) ?? able[0] ?? null;
}

/**
 * The wish is recorded first: whoever then does not come in is what reconnecting is for. Each host comes in by itself, and
 * the one that writes gives the room back as soon as it is in.
 */
export function returnStages(storage: PrimaryStorage, { surveys }: Return, writer: AllocationView): Stage[] {
  const { uuid } = storage;
  const hosts = surveys.map(({ host }) => host);
  const room = allocationStages(storage, writer, hosts, true);
  const differs = disksOf(writer, uuid).some((disk) => !disk.allocatable);
  const steps = surveys.flatMap((each) => [
    ...prepareSteps(each),
    ...stepsIn(lockStages([each], uuid)),
    ...(differs && each.host === writer.host ? stepsIn(room).filter((step) => step.host === writer.host) : []),
  ]);
  return [
    {
      kind: "record",
      title: "Record the state",
      changes: [...idsGiven(surveys), { kind: "primary storage state wished", uuid, state: "Enabled" }],
    },
    {
      kind: "hosts",
      title: "Bring every host in and prove it",
      steps,
      waitingFor: "sanlock's lease of each host, about half a minute side by side",
      eachHostAlone: true,
    },
    ...room.slice(-1),
  ];
}

const stepsIn = (stages: readonly Stage[]): Step[] =>
  stages.flatMap((stage) => (stage.kind === "hosts" ? [...stage.steps] : []));

/** Nothing is left to be brought in of those that can come. */
export const areIn = ({ surveys }: Return, { uuid }: PrimaryStorage): boolean =>
  surveys.every((each) => isServing(each, uuid));
