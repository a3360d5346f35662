import { randomUUID } from "node:crypto";
import { rootHelper } from "../host/root-helper/program.ts";
import type { Deadline } from "./deadline.ts";
import { helperRequest } from "./helper-request.ts";
import type { HostSession, RootWay } from "./host-session.ts";
import { anyProgramScript, helperVersionScript } from "./shell-script.ts";

/** How long a host may need to say how commands run as root on it. */
const LIMIT_MS = 10_000;
const LIMIT_BYTES = 64 * 1024;

/**
 * How commands of a user without root run on a host: through its root helper if that has the version of this bot. With
 * another version, sudo decides: a user that may run any program needs no root helper. null if the host did not answer.
 */
export async function askRootWay(session: HostSession, deadline: Deadline): Promise<RootWay | null> {
  const mark = `--${randomUUID()}--`;
  const ask = async (text: string, stdin: string | undefined): Promise<string | null> => {
    const limit = deadline.limit(LIMIT_MS, "it did not say how commands run as root");
    const ended = await session.execute({ text, stdin, limit, mark, limitsBytes: [LIMIT_BYTES] }, deadline);
    return ended.kind === "started" && ended.cut === null ? ended.stdout : null;
  };
  const shown = await ask(helperVersionScript(mark), helperRequest([], mark));
  if (shown === null) return null;
  const version = /^zstack-chatops-run (\S+)$/m.exec(shown)?.[1];
  if (version === undefined) return "shell";
  if (version === rootHelper().version) return "helper";
  const any = await ask(anyProgramScript(mark), undefined);
  if (any === null) return null;
  return any.includes(`${mark} never ran`) ? "helper" : "shell";
}
