import type { IncomingMessage } from "node:http";

/**
 * Whether a request can come from our own page or a program, and not from another page in the same browser. Another
 * page that calls our address has another Origin. A page with a name that resolves to our address (DNS rebinding) has
 * another Host.
 */
export function isSameOrigin({ headers }: IncomingMessage, port: number): boolean {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (headers.host === undefined || !hosts.includes(headers.host)) return false;
  return headers.origin === undefined || hosts.some((host) => headers.origin === `http://${host}`);
}
