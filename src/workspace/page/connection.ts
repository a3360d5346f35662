import { type PageEvent, type PageState, pageEventSchema, pageStateSchema } from "../page-protocol.ts";

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;

interface Listener {
  loaded(page: PageState): void;
  happened(event: PageEvent): void;
  lost(): void;
}

/**
 * Follows the workspace until stopped: the state, then each event. After a lost connection it reads the state again,
 * because only the server knows the events since then.
 */
export function follow(listener: Listener): () => void {
  let stopped = false;
  let socket: WebSocket | null = null;
  let waitMs = FIRST_WAIT_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const connect = () => {
    const ws = new WebSocket(new URL("page/events", location.href.replace(/^http/, "ws")));
    socket = ws;
    // Events that arrive before the state are kept and delivered after it.
    let early: PageEvent[] | null = [];
    ws.onopen = async () => {
      try {
        const page = await loadState();
        if (stopped || socket !== ws) return;
        listener.loaded(page);
        for (const event of early ?? []) listener.happened(event);
        early = null;
        waitMs = FIRST_WAIT_MS;
      } catch (error) {
        console.error("loading the workspace:", error);
        ws.close();
      }
    };
    ws.onmessage = ({ data }) => {
      const event = readEvent(data);
      if (event === null) return;
      if (early === null) listener.happened(event);
      else early.push(event);
    };
    ws.onclose = () => {
      if (stopped) return;
      listener.lost();
      timer = setTimeout(connect, waitMs);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    };
  };

  connect();
  return () => {
    stopped = true;
    clearTimeout(timer);
    socket?.close();
  };
}

async function loadState(): Promise<PageState> {
  const response = await fetch("page/state", { cache: "no-store" });
  if (!response.ok) throw new Error(`page/state answered ${response.status}`);
  return pageStateSchema.parse(await response.json());
}

function readEvent(data: unknown): PageEvent | null {
  try {
    return pageEventSchema.parse(JSON.parse(String(data)));
  } catch (error) {
    console.error("an event that this page does not know:", error);
    return null;
  }
}
