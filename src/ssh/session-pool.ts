import type { Connector, Target } from "./connect.ts";
import { HostSession } from "./host-session.ts";
import { ConnectFailed } from "./log-in.ts";
import { createQueues, type Places } from "./queue.ts";

/** sshd allows 10 sessions per connection by default. Some of them are reserved for operations. */
const execsPerHost: Places = { all: 4, queries: 3, watch: 1 };
const execsAtOnce: Places = { all: 128, queries: 112, watch: 48 };
const connectsPerHost: Places = { all: 1, queries: 1 };
const connectsAtOnce: Places = { all: 64, queries: 56, watch: 32 };

interface SessionPool {
  of(target: Target): HostSession;
  close(): void;
}

/** One session for each host with its key, address and user: if one of them differs, it is another session. */
export function openSessionPool(connector: Connector, log: (message: string) => void): SessionPool {
  const newQueue = createQueues(execsPerHost, execsAtOnce);
  const newConnects = createQueues(connectsPerHost, connectsAtOnce);
  const sessions = new Map<string, HostSession>();
  let closed = false;

  async function open(target: Target) {
    if (closed) throw stopping();
    const ssh = await connector.connect(target);
    if (closed) {
      ssh.dispose();
      throw stopping();
    }
    const name = `${target.user}@${target.address}:${target.port}`;
    log(`connected to ${name}`);
    ssh.connection?.on("error", (error) => log(`the connection to ${name} broke: ${error.message}`));
    ssh.connection?.on("close", () => log(`the connection to ${name} ended`));
    return ssh;
  }

  return {
    of(target) {
      const key = JSON.stringify([target.address, target.port, target.user, target.hostKeySha256]);
      const known = sessions.get(key);
      if (known) return known;
      const session = new HostSession(
        () => open(target),
        newConnects(),
        newQueue(),
        () => sessions.delete(key),
      );
      sessions.set(key, session);
      return session;
    },
    close() {
      closed = true;
      for (const session of sessions.values()) session.close();
      connector.close();
    },
  };
}

const stopping = () => new ConnectFailed("the bot is stopping");
