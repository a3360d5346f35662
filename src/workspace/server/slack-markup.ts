import type { Directory } from "./directory.ts";

/**
 * A typed text as Slack sends it to apps: known names become ids, addresses become links (bare domains too,
 * `host1.example.com` is sent as `<http://host1.example.com|host1.example.com>`), and `& < >` are escaped. Quotes and
 * dashes are unchanged.
 */
export function toSlackMarkup(typed: string, directory: Directory, names: "with names" | "ids only"): string {
  const mention = (sigil: "@" | "#", id: string, name: string) =>
    id.startsWith("S")
      ? `<!subteam^${id}${names === "with names" ? `|@${name}` : ""}>`
      : names === "with names" || sigil === "#"
        ? `<${sigil}${id}|${name}>`
        : `<${sigil}${id}>`;
  const groups = directory.userGroups.map(({ id, handle }) => ({ id, name: handle }));
  const known = { "@": [...directory.people, directory.bot, ...groups], "#": directory.channels };
  return typed.replace(PIECE, (piece: string, url?: string, domain?: string) => {
    if (url !== undefined) return `<${escaped(url)}>`;
    if (domain !== undefined) return `<http://${domain}|${domain}>`;
    const sigil = piece[0];
    if (sigil !== "@" && sigil !== "#") return escaped(piece);
    const found = known[sigil]
      .filter(({ name }) => piece.slice(1).toLowerCase().startsWith(name.toLowerCase()))
      .find(({ name }) => /^[._-]*$/.test(piece.slice(1 + name.length)));
    return found === undefined ? piece : mention(sigil, found.id, found.name) + piece.slice(1 + found.name.length);
  });
}

// The last character of an address is no punctuation: "see http://host/page." ends before the full stop.
const PIECE =
  /(https?:\/\/[^\s<>|"]*[^\s<>|".,;:!?)'])|(?<![\w@.-])((?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|cn|de))(?![\w.-])|[@#][\w.-]+|[&<>]/gi;

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
