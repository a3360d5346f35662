import { check } from "../core/check.ts";
import type { Gathered } from "../core/host-command.ts";
import type { Host } from "../core/inventory.ts";
import { valueOr } from "../core/outcome.ts";
import type { Step } from "../core/step.ts";
import { moveFile, writeTextFile } from "../host/file.ts";
import { installPackages, type PackageManager } from "../host/packages.ts";
import { mayWriteHelper, ROOT_HELPER, readHelperDigest, setMode } from "../host/root-helper/installed.ts";
import { hasPerl, PERL } from "../host/root-helper/perl.ts";
import { rootHelper } from "../host/root-helper/program.ts";
import { afterPackages, type Difference } from "./difference.ts";

/** Asked of a host with a login user other than root. */
export const helperReads = { helper: readHelperDigest, mayWriteHelper, hasPerl } as const;

/** The root helper of a host. */
export interface HelperSeen {
  /** SHA-256 of its file; null if there is none. */
  readonly digest: string | null;
  /** sudo lets the login user write it. */
  readonly mayWrite: boolean;
  readonly hasPerl: boolean;
}

/** A root helper that could not be read counts as none, and is written. */
export const helperSeen = ({ helper, mayWriteHelper, hasPerl }: Gathered<typeof helperReads>): HelperSeen => ({
  digest: valueOr(helper, null),
  mayWrite: valueOr(mayWriteHelper, false),
  hasPerl: valueOr(hasPerl, false),
});

const isCurrent = ({ digest }: HelperSeen): boolean => digest === rootHelper().digest;

/** The root helper of this bot's version, with Perl, which runs it. Its user may then be allowed nothing else. */
export function helperDifference(
  host: Host,
  seen: HelperSeen | null,
  manager: PackageManager,
  install: boolean,
): Difference[] {
  if (seen === null || isCurrent(seen) || !seen.mayWrite) return [];
  const next = `${ROOT_HELPER}.zstack-chatops`;
  const names = [PERL.packages[manager === "apt-get" ? "debian" : "rhel"]];
  const perl: Step = { host, command: installPackages(manager, names), why: "brings Perl, which runs it" };
  const proof = check(readHelperDigest, (digest) =>
    digest === rootHelper().digest ? null : `has another ${ROOT_HELPER}`,
  );
  const difference: Difference = {
    host,
    what: "root helper",
    now: `${seen.digest === null ? "none" : "another version"}${seen.hasPerl ? "" : ", and no Perl"}`,
    wanted: "the version of this bot",
    steps: [
      ...(seen.hasPerl ? [] : [perl]),
      { host, command: writeTextFile(next, rootHelper().text), why: "what sudo may allow alone" },
      { host, command: setMode(next, "0755"), why: "sudo can run it" },
      { host, command: moveFile(next, ROOT_HELPER), why: "puts it in place in one step" },
      { host, check: proof, why: "proves that it is there" },
    ],
  };
  return [seen.hasPerl || install ? difference : afterPackages(difference)];
}

/** Hosts with a root helper of another version, which their login user may not replace. */
export const needsAdministrator = (seen: HelperSeen | null): boolean =>
  seen !== null && !isCurrent(seen) && !seen.mayWrite && seen.digest !== null;

export const BY_ADMINISTRATOR =
  "an administrator of the host installs deploy/zstack-chatops-run, see docs/least-power.md";
