import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { WebSocketServer } from "ws";
import { builtPage } from "../../src/workspace/built-page.ts";
import {
  breakSchema,
  clickSchema,
  closeSchema,
  openHomeSchema,
  type PageEvent,
  type PageMessage,
  type PageState,
  pageEventSchema,
  pageStateSchema,
  type San,
  sanSchema,
  saySchema,
  submitSchema,
} from "../../src/workspace/page-protocol.ts";
import { pageDirectory } from "../programs.ts";

const bodies = {
  "/page/say": saySchema,
  "/page/open-home": openHomeSchema,
  "/page/click": clickSchema,
  "/page/submit": submitSchema,
  "/page/close": closeSchema,
  "/page/san": breakSchema,
} as const;
/** Read once. */
const page = builtPage(pageDirectory);
type GesturePath = keyof typeof bodies;
const isGesture = (path: string): path is GesturePath => Object.hasOwn(bodies, path);

export interface UserAction {
  readonly path: GesturePath;
  readonly body: Readonly<Record<string, unknown>>;
}
/** The answer to an action. An error answers 500 with its message. */
export type Answer = (action: UserAction) => unknown;

/**
 * A fixture: it speaks the page's protocol, without Slack and without the bot. A test sends events to the page and
 * reads the page's actions. Both are checked against the protocol.
 */
export class FixtureWorkspace {
  state: PageState;
  /** What the panel that breaks the SAN is offered. */
  san: San = { hosts: [], luns: [], portals: [], storages: [], broken: [] };
  readonly actions: UserAction[] = [];
  answer: Answer = acceptAll;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #server = createServer((request, response) => void this.#respond(request, response));
  #refusing = false;

  constructor(state: PageState) {
    this.state = pageStateSchema.parse(state);
    this.#server.on("upgrade", (request, socket, head) => {
      if (this.#refusing || request.url !== "/page/events") socket.destroy();
      else this.#sockets.handleUpgrade(request, socket, head, () => undefined);
    });
  }

  /** Resolves to the page's address. */
  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the fixture listens on no port");
    return `http://127.0.0.1:${address.port}/`;
  }

  /** Changes the state and sends it to the page, as the real server does. */
  send(event: PageEvent): void {
    this.state = changed(this.state, pageEventSchema.parse(event));
    for (const client of this.#sockets.clients) client.send(JSON.stringify(event));
  }
  post(message: PageMessage): void {
    this.send({ kind: "message", message });
  }

  /** Closes the connections for events, and refuses new ones until `reconnectable`. */
  cut(): void {
    this.#refusing = true;
    for (const client of this.#sockets.clients) client.terminate();
  }
  reconnectable(): void {
    this.#refusing = false;
  }

  async close(): Promise<void> {
    for (const client of this.#sockets.clients) client.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "/";
    const file = (await page).get(path);
    if (file !== undefined) {
      response.writeHead(200, { "content-type": file.type }).end(file.body);
    } else if (path === "/page/state") {
      json(response, this.state);
    } else if (path === "/page/san" && request.method === "GET") {
      json(response, sanSchema.parse(this.san));
    } else if (isGesture(path)) {
      await this.#take(path, await text(request), response);
    } else {
      response.writeHead(404).end();
    }
  }

  async #take(path: GesturePath, body: string, response: ServerResponse): Promise<void> {
    try {
      const action: UserAction = { path, body: bodies[path].parse(JSON.parse(body)) };
      this.actions.push(action);
      json(response, await this.answer(action));
    } catch (error) {
      response.writeHead(500).end(error instanceof Error ? error.message : String(error));
    }
  }
}

export const acceptAll: Answer = ({ path }) => (path === "/page/submit" ? { errors: {} } : {});

const json = (response: ServerResponse, body: unknown): void => {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
};

function changed(state: PageState, event: PageEvent): PageState {
  switch (event.kind) {
    case "message": {
      const isThere = state.messages.some(({ ts }) => ts === event.message.ts);
      const revised = state.messages.map((each) => (each.ts === event.message.ts ? event.message : each));
      return { ...state, messages: isThere ? revised : [...state.messages, event.message] };
    }
    case "message deleted":
      return { ...state, messages: state.messages.filter(({ ts }) => ts !== event.ts) };
    case "view":
      return { ...state, views: [...state.views.filter(({ id }) => id !== event.view.id), event.view] };
    case "view closed":
      return { ...state, views: state.views.filter(({ id }) => id !== event.id) };
    case "home":
      return { ...state, homes: [...state.homes.filter(({ person }) => person !== event.home.person), event.home] };
    case "san changed":
    case "trouble":
      return state;
  }
}
