import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { z } from "zod";
import {
  breakAnswerSchema,
  breakSchema,
  type Completion,
  chooseSchema,
  clickSchema,
  closeSchema,
  openHomeSchema,
  type PageState,
  sanSchema,
  saySchema,
  submitAnswerSchema,
  submitSchema,
  suggestAnswerSchema,
  suggestSchema,
} from "../page-protocol.ts";
import { click } from "./click.ts";
import { json, plain } from "./http-response.ts";
import { choose, suggest } from "./menu.ts";
import { openHome } from "./open-home.ts";
import { PageSan, type SanToBreak } from "./page-san.ts";
import { contentType, parsedJson, readBody } from "./request-body.ts";
import { say } from "./say.ts";
import { close, submit } from "./submission.ts";
import { ImpossibleAction } from "./user-action.ts";
import type { Workspace } from "./workspace.ts";

const LONGEST_BODY_BYTES = 1_000_000;

/** Requests of the page that the app does not see. */
interface PageSetting {
  readonly completions: readonly Completion[];
  readonly notice: string | null;
}

/** The HTTP routes of the page: its state, its events and the actions of its people. */
export class PageRoutes {
  readonly #workspace: Workspace;
  readonly #setting: PageSetting;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: 1_000_000 });
  readonly #unsubscribe: () => void;
  #san: PageSan | null = null;
  #sanHint: string | null = null;

  constructor(workspace: Workspace, setting: PageSetting) {
    this.#workspace = workspace;
    this.#setting = setting;
    this.#unsubscribe = workspace.pageEvents.subscribe((event) => {
      for (const client of this.#sockets.clients) client.send(JSON.stringify(event));
    });
  }

  state(): PageState {
    const { directory, messages, views, homes } = this.#workspace;
    const { channel, bot, people } = directory;
    return {
      channel: { id: channel.id, name: channel.name },
      bot: { id: bot.id, name: bot.name },
      people: [...people],
      messages: messages.shown(),
      views: views.all(),
      homes: homes.all(),
      completions: [...this.#setting.completions],
      notice: this.#setting.notice,
      breaksSan: this.#san !== null,
      sanHint: this.#sanHint,
    };
  }

  /** From now on the page can break this SAN. */
  offerSan(san: SanToBreak, hint: string | null): void {
    this.#sanHint = hint;
    this.#san = new PageSan(san, this.#workspace.pageEvents);
  }

  connect(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.handleUpgrade(request, socket, head, (client) => client.on("error", () => client.terminate()));
  }

  async answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === "GET" && path === "/page/state") return json(response, 200, this.state());
    if (request.method === "GET" && path === "/page/san" && this.#san !== null) {
      return json(response, 200, sanSchema.parse(this.#san.choices()));
    }
    if (request.method !== "POST") return plain(response, 404, "no such page\n");
    // A form of another site can't have this type without a preflight request.
    if (contentType(request) !== "application/json") return plain(response, 415, "send application/json\n");
    const body = await readBody(request, LONGEST_BODY_BYTES);
    if (body === null) return json(response, 413, { field: null, error: "the body is too long" });
    try {
      const answer = await this.#action(path, parsedJson(body.toString("utf8")));
      if (answer === null) plain(response, 404, "no such page\n");
      else json(response, 200, answer);
    } catch (error) {
      const wrong = fieldAndError(error);
      if (wrong === null) throw error;
      json(response, 400, wrong);
    }
  }

  stop(): void {
    this.#unsubscribe();
    for (const client of this.#sockets.clients) client.terminate();
    this.#sockets.close();
  }

  async #action(path: string, body: unknown): Promise<object | null> {
    switch (path) {
      case "/page/say":
        await say(this.#workspace, saySchema.parse(body));
        return {};
      case "/page/click":
        await click(this.#workspace, clickSchema.parse(body));
        return {};
      case "/page/open-home":
        await openHome(this.#workspace, openHomeSchema.parse(body));
        return {};
      case "/page/submit":
        return submitAnswerSchema.parse(await submit(this.#workspace, submitSchema.parse(body)));
      case "/page/suggest":
        return suggestAnswerSchema.parse(await suggest(this.#workspace, suggestSchema.parse(body)));
      case "/page/choose":
        await choose(this.#workspace, chooseSchema.parse(body));
        return {};
      case "/page/close":
        await close(this.#workspace, closeSchema.parse(body));
        return {};
      case "/page/san":
        return this.#san && breakAnswerSchema.parse(await this.#san.apply(breakSchema.parse(body).words));
      default:
        return null;
    }
  }
}

function fieldAndError(error: unknown): { field: string; error: string } | null {
  if (error instanceof ImpossibleAction) return { field: error.field, error: error.message };
  if (!(error instanceof z.ZodError)) return null;
  const issue = error.issues[0];
  const field = issue?.code === "unrecognized_keys" ? issue.keys.join(", ") : (issue?.path.join(".") ?? "");
  return { field, error: `${field === "" ? "the body" : field}: ${issue?.message}` };
}
