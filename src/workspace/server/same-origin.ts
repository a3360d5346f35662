import type { IncomingMessage } from "node:http";

/**
 * Whether a request can come from our own page or a program, and not from a page elsewhere in the same browser: one
 * that calls our address names another Origin, one whose name resolves to our address (DNS rebinding) another Host.
 */
export function isSameOrigin({ headers }: IncomingMessage, port: number): boolean {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (headers.host === undefined || !hosts.includes(headers.host)) return false;
  return headers.origin === undefined || hosts.some((host) => headers.origin === `http://${host}`);
}
