import type { Host } from "../core/inventory.ts";
import { guardRead, type Step } from "../core/plan.ts";
import { copyFile, moveFile, readTextFile, writeTextFile } from "../host/file.ts";

/**
 * Gives a file a new text in one step: programs read it at any time and must never meet half of it. `before` is its text
 * now, null where it is not there; one that is there keeps its mode, owner and SELinux context. What somebody wrote since then is not lost: then it stays.
 */
export function replaceFile(host: Host, path: string, before: string | null, text: string, why: string): Step[] {
  const beside = `${path}.zstack-chatops`;
  const copy: Step = { host, command: copyFile(path, beside), why: "a copy beside it, with its mode and owner" };
  const same = guardRead(host, { now: readTextFile(path) }, ({ now }) =>
    now === before
      ? null
      : `${path} is not as it was when this was planned, so it is left alone: type the same words again`,
  );
  return [
    ...(before === null ? [] : [copy]),
    { host, command: writeTextFile(beside, text), why },
    { host, command: moveFile(beside, path), guard: [same], why: "puts it in place in one step" },
  ];
}
