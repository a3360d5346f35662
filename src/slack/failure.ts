import { inspect } from "node:util";
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from "@slack/web-api";
import { ZodError } from "zod";
import { PROXY_REFUSED } from "./proxy-refusal.ts";
import { slackCode } from "./slack-code.ts";

/** What a failure of Slack concerns. That decides who can fix it. */
export type Failure =
  /** This message is too much. A smaller one can get through. */
  | { readonly about: "content"; readonly code: string }
  /** The message to change is gone, or can't be changed any more. */
  | { readonly about: "message"; readonly code: string }
  /** The bot can't post in this channel. */
  | { readonly about: "channel"; readonly code: string }
  /** The bot can't post anywhere: Slack refuses its token. */
  | { readonly about: "token"; readonly code: string }
  /**
   * The bot can't post anywhere: a rule of the workspace or a setting of the app prevents it. Another token does not
   * help.
   */
  | { readonly about: "access"; readonly code: string }
  /** Any other failure is transient: the call is tried again. `retryAfterMs`: Slack's own time. */
  | { readonly about: "moment"; readonly what: string; readonly retryAfterMs: number | null };

/** Slack refuses blocks that are too many, too large or invalid. */
const ofContent = [
  "invalid_blocks",
  "invalid_blocks_format",
  "invalid_attachments",
  "msg_too_long",
  "msg_blocks_too_long",
  "no_text",
  "attachment_payload_limit_exceeded",
  "block_mismatch",
  "invalid_arg_name",
  "invalid_array_arg",
  "too_many_attachments",
  "markdown_text_conflict",
  "invalid_metadata_format",
  "invalid_metadata_schema",
  "metadata_too_large",
  "metadata_must_be_sent_from_app",
  "invalid_arguments",
  "view_too_large",
];

const ofMessage = [
  "message_not_found",
  "cant_update_message",
  "edit_window_closed",
  "cant_broadcast_message",
  "no_dual_broadcast_content_update",
  "streaming_state_conflict",
];

const ofChannel = [
  "not_in_channel",
  "channel_not_found",
  "is_archived",
  "channel_is_archived",
  "is_inactive",
  "channel_is_limited_access",
  "restricted_action",
  "restricted_action_read_only_channel",
  "restricted_action_thread_only_channel",
  "restricted_action_non_threadable_channel",
  "restricted_action_thread_locked",
  "posting_to_general_channel_denied",
  "posting_to_channel_denied",
  "channel_type_not_supported",
  "method_not_supported_for_channel_type",
  "external_channel_migrating",
  "slack_connect_file_link_sharing_blocked",
  "cannot_reply_to_message",
  "thread_not_found",
  "user_not_found",
  "user_not_visible",
  "user_disabled",
  "user_not_in_channel",
  "user_is_bot",
  "users_not_found",
  "cannot_dm_bot",
  "messages_tab_disabled",
  "not_enough_users",
];

/** Of those, the codes for direct messages that no setting of the app or of the workspace changes. */
const ofPerson = [
  "channel_not_found",
  "is_archived",
  "channel_is_archived",
  "is_inactive",
  "user_not_found",
  "user_not_visible",
  "user_disabled",
  "user_is_bot",
  "users_not_found",
  "cannot_dm_bot",
];

/** Whether direct messages failed for this person alone, permanently. */
export const isOfPerson = (failure: Failure): boolean => failure.about === "channel" && ofPerson.includes(failure.code);

/** The token is wrong, or no longer valid. */
const ofToken = [
  "invalid_auth",
  "not_authed",
  "account_inactive",
  "token_revoked",
  "token_expired",
  "not_allowed_token_type",
  "missing_scope",
  "no_permission",
  "user_removed_from_team",
  "team_disabled",
];

const allowApp = "ask an administrator of the workspace to allow the app";

/** What prevents posting, and how a person fixes it. */
const ofAccess = new Map([
  ["access_denied", allowApp],
  ["ekm_access_denied", `${allowApp}: Enterprise Key Management has suspended access`],
  ["enterprise_is_restricted", allowApp],
  ["team_access_not_granted", `${allowApp}: the organisation has not granted it this workspace`],
  ["team_not_found", `${allowApp}: the organisation has not granted it this workspace`],
  ["two_factor_setup_required", "set up two-factor authentication for the account that installed the app"],
  ["accesslimited", "ask an administrator of the workspace to allow the address of the bot's computer"],
  ["app_missing_action_url", "switch on Interactivity & Shortcuts in the app's settings, as in manifest.yaml"],
]);

/** Whether the error comes from a call to Slack. */
export const isOfSlack = (error: unknown): boolean =>
  [WebAPIPlatformError, WebAPIHTTPError, WebAPIRequestError, WebAPIRateLimitedError].some(
    (kind) => error instanceof kind,
  ) || isRateLimited(error);

/** The only place that says what an answer of Slack means. An unknown error is transient, and is tried again. */
export function failureOf(error: unknown): Failure {
  const code = slackCode(error);
  if (code !== null) {
    if (ofContent.includes(code)) return { about: "content", code };
    if (ofMessage.includes(code)) return { about: "message", code };
    if (ofChannel.includes(code)) return { about: "channel", code };
    if (ofToken.includes(code)) return { about: "token", code };
    if (ofAccess.has(code)) return { about: "access", code };
  }
  return { about: "moment", what: whatOf(error, code), retryAfterMs: retryAfterOf(error) };
}

/** Whether Slack may have done what the call asked, although no answer came. */
export function mayHaveEffect(error: unknown): boolean {
  if (failureOf(error).about !== "moment") return false;
  if (notAccepted.includes(slackCode(error) ?? "") || error instanceof WebAPIRateLimitedError || isRateLimited(error))
    return false;
  return !(error instanceof WebAPIRequestError) || !neverSent.some((code) => hasCode(error, code));
}

/** Slack refused these before it did anything. */
const notAccepted = ["ratelimited", "rate_limited", "message_limit_exceeded"];
/** No connection was made. */
const neverSent = [
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  PROXY_REFUSED,
];

/** Whether this error or one of its causes has this code. */
function hasCode(error: unknown, code: string): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && error.code === code) return true;
  const original = "original" in error ? error.original : undefined;
  return [error.cause, original].some((each) => hasCode(each, code));
}

/** What Slack did, in words that follow "the channel did not accept the message:". */
function whatOf(error: unknown, code: string | null): string {
  // A server that is not Slack answers with a page. The client takes the page for the name of an error.
  if (code !== null) return isName(code) ? `Slack says ${code}` : "what answers is not Slack, but perhaps a proxy";
  if (error instanceof WebAPIHTTPError) return `Slack answers with the HTTP status ${error.statusCode}`;
  if (error instanceof WebAPIRateLimitedError || isRateLimited(error)) return "Slack says ratelimited";
  if (error instanceof ZodError) return "Slack's answer lacks what it must have";
  if (error instanceof WebAPIRequestError) return `Slack can't be reached: ${innermost(error)}`;
  return `Slack can't be used: ${innermost(error)}`;
}

export const isName = (code: string): boolean => /^\w+$/.test(code);

/** The client's message for a 429 without Retry-After. */
const isRateLimited = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith("Retry header did not contain a valid timeout");

function retryAfterOf(error: unknown): number | null {
  const seconds = error instanceof WebAPIRateLimitedError ? error.retryAfter : Number.NaN;
  return Number.isFinite(seconds) ? seconds * 1000 : null;
}

/** Node knows no issuer of the certificate. A proxy that opens TLS signs with its company's own. */
const certificateCodes =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?))$/;

/** The message of the innermost cause, because `fetch failed` explains nothing. Never empty. */
export function innermost(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0]);
  if (error === undefined || error === null) return "the connection ended";
  if (!(error instanceof Error)) return typeof error === "string" ? error : inspect(error, { breakLength: Infinity });
  if (error.cause !== undefined) return innermost(error.cause);
  if ("code" in error && typeof error.code === "string" && certificateCodes.test(error.code)) {
    return `${error.message}. Fix: set NODE_EXTRA_CA_CERTS to a file with the certificate that the proxy signs with, and restart the bot`;
  }
  return error.message === "" ? `the connection ended (${error.name})` : error.message;
}

/** Whether the error gives no reason, as for a WebSocket that could not be opened. */
export const hasNoCause = (error: unknown): boolean => /^the connection ended( |$)/.test(innermost(error));

/** How a person fixes it; null if it is transient. `place`: `in the channel C0STORAGE`. */
export function fixOf(failure: Failure): string | null {
  switch (failure.about) {
    case "moment":
    case "message":
      return null;
    case "content":
      return "report it with the bot's log: the bot must not make such a message";
    case "token":
      return failure.code === "missing_scope"
        ? "give the app the scopes of manifest.yaml, reinstall it, and restart the bot"
        : "set SLACK_BOT_TOKEN to the token under OAuth & Permissions, or reinstall the app, and restart the bot";
    case "access":
      return ofAccess.get(failure.code) ?? allowApp;
    case "channel":
      return fixOfChannel(failure.code);
  }
}

function fixOfChannel(code: string): string {
  switch (code) {
    case "not_in_channel":
    case "channel_not_found":
      return "type /invite @zstack in the channel";
    case "is_archived":
    case "channel_is_archived":
    case "is_inactive":
      return "unarchive the channel";
    case "messages_tab_disabled":
      return "allow direct messages: App Home > Messages Tab in the app's settings, as in manifest.yaml";
    case "thread_not_found":
    case "cannot_reply_to_message":
    case "restricted_action_thread_locked":
      return "use the channel itself: this thread takes no more messages";
    case "user_not_found":
    case "user_not_visible":
    case "user_disabled":
    case "user_not_in_channel":
    case "users_not_found":
    case "user_is_bot":
    case "cannot_dm_bot":
    case "not_enough_users":
      return "use an account of this workspace that is in the channel";
    default:
      return "let the bot post there: a channel manager or an owner of the workspace has restricted who may";
  }
}
