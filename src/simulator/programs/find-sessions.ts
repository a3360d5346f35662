import { isAnswered } from "../san/iscsi.ts";
import { complained, type Place, printed, type Result } from "../san/program.ts";

export const SESSIONS = "/sys/class/iscsi_session";
const CONNECTIONS = "/sys/class/iscsi_connection";

/** `find SESSIONS CONNECTIONS -type l -printf '%f\\t%l\\n' -exec grep -H -s '' {}/A {}/B … ;`: links, and attributes with values. */
export function kernelSessions(tests: readonly string[], place: Place): Result {
  const { host, san } = place;
  const command = tests.slice(tests.indexOf("-exec") + 1, tests.indexOf("-exec") + 5).join(" ");
  if (tests[0] !== CONNECTIONS || command !== "grep -H -s ") return complained("find: this is not simulated\n");
  // The module is loaded with the first session.
  if (host.iscsiSessions.length === 0)
    return complained([SESSIONS, CONNECTIONS].map((path) => `find: '${path}': No such file or directory\n`).join(""));
  const asked = tests.filter((test) => test.startsWith("{}/")).map((test) => test.slice(3));
  const lines = host.iscsiSessions.flatMap((session) => {
    const { sid, scsiHost, target, address, sentOnTo, port } = session;
    const device = `../../devices/platform/host${scsiHost}/session${sid}`;
    const current = isAnswered(san, session) ? { address: sentOnTo ?? address, port: String(port) } : {};
    return [
      [`session${sid}\t${device}/iscsi_session/session${sid}`],
      shown(`${SESSIONS}/session${sid}`, { targetname: target }, asked),
      [`connection${sid}:0\t${device}/connection${sid}:0/iscsi_connection/connection${sid}:0`],
      shown(
        `${CONNECTIONS}/connection${sid}:0`,
        { ...current, persistent_address: address, persistent_port: String(port) },
        asked,
      ),
    ].flat();
  });
  return printed(lines.map((line) => `${line}\n`).join(""));
}

const shown = (folder: string, values: Readonly<Record<string, string>>, asked: readonly string[]): string[] =>
  asked.flatMap((name) => (Object.hasOwn(values, name) ? [`${folder}/${name}:${values[name]}`] : []));
