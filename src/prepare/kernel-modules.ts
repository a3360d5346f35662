import { dirname } from "node:path/posix";
import { check } from "../core/check.ts";
import type { Host } from "../core/inventory.ts";
import { makeDirectory, readRealPath, readTextFile } from "../host/file.ts";
import { listKernelModules, loadKernelModules, MODULES_AT_BOOT, MULTIPATH_MODULES } from "../host/kernel-modules.ts";
import { type FileSeen, replaceFile } from "../storage/steps/replace-file.ts";
import { type Difference, hasText } from "./difference.ts";

const FOLDER = dirname(MODULES_AT_BOOT);
const AT_BOOT_TEXT = MULTIPATH_MODULES.map((name) => `${name}\n`).join("");

export const moduleReads = {
  modules: listKernelModules,
  modulesAtBoot: readTextFile(MODULES_AT_BOOT),
  modulesAtBootAt: readRealPath(MODULES_AT_BOOT),
};

interface ModulesSeen {
  readonly modules: readonly string[];
  readonly modulesAtBoot: string | null;
  readonly modulesAtBootAt: string;
}

const notLoaded = (loaded: readonly string[]): string[] =>
  MULTIPATH_MODULES.filter((name) => !loaded.includes(name.replaceAll("-", "_")));

/** The kernel modules that multipath maps need, loaded now and at every boot. */
export function moduleDifferences(host: Host, seen: ModulesSeen): Difference[] {
  const missing = notLoaded(seen.modules);
  const atBoot: FileSeen = { path: MODULES_AT_BOOT, realPath: seen.modulesAtBootAt, text: seen.modulesAtBoot };
  const proof = check(listKernelModules, (names) => {
    const lacking = notLoaded(names);
    return lacking.length === 0 ? null : `has not loaded ${lacking.join(", ")}`;
  });
  const now: Difference = {
    host,
    what: "kernel modules",
    now: `not loaded: ${missing.join(", ")}`,
    wanted: "loaded",
    steps: [
      { host, command: loadKernelModules(missing), why: "loads them now" },
      { host, check: proof, why: "proves that they are loaded" },
    ],
  };
  const boot: Difference = {
    host,
    what: "kernel modules at boot",
    now: atBoot.text === null ? "not by us" : `${MODULES_AT_BOOT} has another text`,
    wanted: MULTIPATH_MODULES.join(", "),
    steps: [
      { host, command: makeDirectory(FOLDER, "0755"), why: "the folder of what is loaded at boot" },
      ...replaceFile(host, atBoot, AT_BOOT_TEXT, "loads them at every boot"),
      {
        host,
        check: hasText(moduleReads.modulesAtBoot, MODULES_AT_BOOT, AT_BOOT_TEXT),
        why: "proves that it is written",
      },
    ],
  };
  return [...(missing.length > 0 ? [now] : []), ...(atBoot.text === AT_BOOT_TEXT ? [] : [boot])];
}
