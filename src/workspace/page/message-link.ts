/** The ts of the message that a link of this workspace leads to; null for any other link. */
export function linkedMessage(href: string, address: string): string | null {
  if (!URL.canParse(href) || new URL(href).origin !== new URL(address).origin) return null;
  const [, seconds, fraction] = /\/archives\/\w+\/p(\d{10})(\d{6})$/.exec(new URL(href).pathname) ?? [];
  return seconds === undefined ? null : `${seconds}.${fraction}`;
}
