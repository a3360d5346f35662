import type { IncomingMessage, ServerResponse } from "node:http";
import { chatMethods } from "./chat-methods.ts";
import { fileMethods } from "./file-methods.ts";
import { historyMethods } from "./history-methods.ts";
import { json } from "./http-response.ts";
import { infoMethods } from "./info-methods.ts";
import { isSameSecret } from "./key.ts";
import type { RateLimits } from "./rate-limits.ts";
import { callArguments, contentType, readBody } from "./request-body.ts";
import { errorBody, SlackError } from "./slack-error.ts";
import { validated } from "./validate-method.ts";
import { viewMethods } from "./view-methods.ts";
import type { WebMethod, WebMethods } from "./web-method.ts";
import type { Workspace } from "./workspace.ts";

const LONGEST_BODY_BYTES = 1_000_000;

/** Slack's Web API: `POST /api/METHOD` with a bearer token. */
export class WebApi {
  readonly #workspace: Workspace;
  readonly #limits: RateLimits;
  readonly #methods: WebMethods;

  constructor(workspace: Workspace, limits: RateLimits) {
    this.#workspace = workspace;
    this.#limits = limits;
    this.#methods = {
      ...chatMethods(workspace),
      ...viewMethods(workspace),
      ...fileMethods(workspace),
      ...infoMethods(workspace),
      ...historyMethods(workspace),
    };
  }

  async answer(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request, LONGEST_BODY_BYTES);
    if (body === null) return json(response, 413, { ok: false, error: "request_too_large" });
    try {
      const args = callArguments(contentType(request), body);
      if (name === "blocks.validate") return json(response, 200, validated(args));
      const method = this.#methodFor(name, bearer(request) ?? args.token);
      const { slackFaults } = this.#workspace;
      const bad = slackFaults.take(name, args);
      const hasEffect = bad === null || bad.effect === "after" || bad.answer.kind === "late";
      if (bad !== null && !hasEffect) return await slackFaults.answer(bad.answer, response, () => undefined);
      const retryAfterS = this.#limits.take(name, method.tier, method.tier === "post" ? String(args.channel) : "");
      if (retryAfterS !== null) {
        response.setHeader("retry-after", retryAfterS);
        return json(response, 429, { ok: false, error: "ratelimited" });
      }
      const result = method.call(args);
      const right = () => json(response, 200, { ok: true, ...result });
      if (bad === null) right();
      else await slackFaults.answer(bad.answer, response, right);
    } catch (error) {
      if (!(error instanceof SlackError)) throw error;
      json(response, 200, errorBody(error));
    }
  }

  #methodFor(name: string, token: unknown): WebMethod {
    const method = Object.hasOwn(this.#methods, name) ? this.#methods[name] : undefined;
    if (method === undefined) throw new SlackError("unknown_method");
    const { directory, slackFaults } = this.#workspace;
    const { botToken, appToken } = directory;
    if (typeof token !== "string" || token === "") throw new SlackError("not_authed");
    const isBots = isSameSecret(token, botToken);
    if (!isBots && !isSameSecret(token, appToken)) throw new SlackError("invalid_auth");
    const revoked = slackFaults.revoked(isBots ? "bot" : "app");
    if (revoked !== null) throw new SlackError(revoked);
    if (isBots !== (method.token === "bot")) throw new SlackError("not_allowed_token_type");
    return method;
  }
}

const bearer = (request: IncomingMessage): string | undefined =>
  request.headers.authorization?.match(/^Bearer (.+)$/)?.[1];
