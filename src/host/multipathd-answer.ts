import { NotDone, OutputNotUnderstood } from "../core/host-command.ts";

/**
 * What an answer of multipathd's that is not `ok` means. With these the daemon did nothing, or was not reached:
 *
 *     fail
 *     ux_socket_connect: No such file or directory
 *     error -104 connecting to socket
 *     multipath daemon is not running
 *
 * After any other it may have done it: `timeout`, or a connection that was lost.
 */
export const notOk = (answer: string): Error =>
  DEFINITE.test(answer) ? new NotDone("multipathd", answer) : new OutputNotUnderstood("multipathd", answer, "ok");

const DEFINITE =
  /^fail\b|socket_connect|connecting to (?:socket|multipathd)|not running|permission denied|need to be root/im;
