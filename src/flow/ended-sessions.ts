import type { Finding } from "../core/finding.ts";
import { portalIn, portalText } from "../host/iscsi-node.ts";
import type { Known } from "../watch/known.ts";
import { pathOf } from "../watch/path-finding.ts";

type KnownPath = Known["paths"][string];
/** The sessions that a logout ends. */
interface Sessions {
  readonly target: string;
  /** null: all that the hosts have. */
  readonly portals: ReadonlySet<string> | null;
}

const ofWords = new Map<string, Sessions | null>();
const MOST_WORDS = 100;

/** null: it ends none, or it does not say which. */
function sessionsIn(words: string): Sessions | null {
  const known = ofWords.get(words);
  if (known !== undefined) return known;
  const value = (name: string) => new RegExp(`\\s${name}=(?:"([^"]+)"|(\\S+))`).exec(words)?.slice(1).find(Boolean);
  const target = /\biscsi\s+logout\s/.test(words) ? value("target") : undefined;
  const portals = value("portal")
    ?.split(",")
    .map((text) => {
      const portal = portalIn(text.trim());
      return portal === null ? text.trim() : portalText(portal);
    });
  const found = target === undefined ? null : { target, portals: portals === undefined ? null : new Set(portals) };
  if (ofWords.size >= MOST_WORDS) ofWords.clear();
  ofWords.set(words, found);
  return found;
}

/**
 * Whether the finding is about paths of the sessions that these words end; true for other commands. Another path that
 * fails at the same time is a fault. `paths`: those that its host has or had.
 */
export function isOfEndedSessions(words: string, finding: Finding, paths: Known["paths"]): boolean {
  const sessions = sessionsIn(words);
  if (sessions === null) return true;
  const isEnded = ({ array, port }: KnownPath) =>
    array === sessions.target &&
    (sessions.portals === null || (port !== null && sessions.portals.has(inBrackets(port))));
  const key = pathOf(finding);
  if (key !== null) {
    const path = paths[key];
    return path === undefined || isEnded(path);
  }
  if (finding.wwid === null) return true;
  const own = Object.values(paths).filter(({ wwid }) => wwid === finding.wwid);
  const ended = own.filter(isEnded).length;
  // If more paths fail than the sessions have, others fail too.
  return ended > 0 && (finding.pathsLeft === undefined || finding.pathsLeft >= own.length - ended);
}

/** The watch keeps `2001:db8::1:3260`. */
const inBrackets = (port: string): string => {
  const at = port.lastIndexOf(":");
  const address = port.slice(0, at);
  return address.includes(":") ? `[${address}]${port.slice(at)}` : port;
};
