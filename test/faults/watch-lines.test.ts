import { expect, it } from "vitest";
import type { HostCommand } from "../../src/core/host-command.ts";
import { readClock } from "../../src/host/clock.ts";
import { listIscsiSessions } from "../../src/host/iscsi-session.ts";
import { listLockspaces } from "../../src/host/lvmlockctl.ts";
import { listLeases } from "../../src/host/sanlock.ts";
import { shellScript } from "../../src/ssh/shell-script.ts";
import { daemons } from "../../src/watch/daemons.ts";
import { fillReads, readsOf, watchReads } from "../../src/watch/watch-reads.ts";
import { isOfWatch } from "./watch-lines.ts";

const lineOf = (reads: Readonly<Record<string, HostCommand<unknown>>>, user: string): string =>
  shellScript(Object.values(reads), user, "mark");

it.each(["root", "zops"])("what the watch asks %s is no program of the story", (user) => {
  for (const reads of [watchReads([]), fillReads, ...daemons.map((daemon) => readsOf(daemon))])
    expect(isOfWatch(lineOf(reads, user))).toBe(true);
});

it("what people's commands ask is one, also if the watch asks the same", () => {
  for (const reads of [{ readClock }, { listLockspaces }, { listLeases, listIscsiSessions }])
    expect(isOfWatch(lineOf(reads, "root"))).toBe(false);
});
