/** Where a target is reached. */
export interface Portal {
  /** An IP address without brackets, as the URL standard writes it; a record may also hold a host name. */
  readonly address: string;
  readonly port: number;
}

/** The port that was given to iSCSI. */
const usualPort = 3260;

/** `10.0.2.2`, `10.0.2.2:3261`, `[2001:db8::1]:3260`; null for anything else. */
export function portalIn(text: string): Portal | null {
  const [, six, four, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|((?:\d{1,3}\.){3}\d{1,3}))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = six === undefined ? four : sixIn(six);
  const number = Number(port ?? usualPort);
  const isFour = address !== undefined && address === four && address.split(".").every((byte) => Number(byte) <= 255);
  if (address === undefined || (six === undefined && !isFour)) return null;
  return number >= 1 && number <= 65_535 ? { address, port: number } : null;
}

/** As iscsiadm prints it, also with a host name: `array2.lab:3260`; null for anything else. */
export function printedPortal(text: string): Portal | null {
  const [, name, port] = /^\[?([^[\]\s]+?)\]?:(\d{1,5})$/.exec(text) ?? [];
  return portalIn(text) ?? (name === undefined ? null : { address: name, port: Number(port) });
}

/** The same address may be written in many ways. */
function sixIn(address: string): string | undefined {
  const url = `http://[${address}]/`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : undefined;
}

export const portalText = ({ address, port }: Portal): string =>
  `${address.includes(":") ? `[${address}]` : address}:${port}`;

export const samePortal = (one: Portal, other: Portal): boolean => portalText(one) === portalText(other);
