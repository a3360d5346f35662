import { z } from "zod";
import { policySetting } from "./access/policy.ts";
import type { FindingKind } from "./core/finding.ts";
import type { PolicyRule } from "./core/policy.ts";
import { Refusal, reason } from "./core/refusal.ts";
import { syslogValue, webhookValue } from "./receiver-values.ts";
import type { Damping } from "./watch/incidents.ts";
import type { OnCall } from "./watch/on-call.ts";
import { usualSettings, type WatchSettings } from "./watch/watcher.ts";
import { fillValue, lastsValue } from "./watch-values.ts";

const ids = (pattern: RegExp, what: string) =>
  z
    .string()
    .default("")
    .transform((text) => text.split(/[\s,]+/).filter((id) => id !== ""))
    .refine((list) => list.every((id) => pattern.test(id)), `must be ${what}, with commas between`);
const SECONDS = "must be a number of seconds from 5 to 3600";
const DAYS = "must be a number of days from 1 to 3650";
const LOOPBACK = "127.0.0.1";
const PORT = "must be a port number from 1 to 65535, or 0 for a free one";

/** For HTTP headers and HMAC. */
const secret = z
  .string()
  .regex(/^[!-~]{16,}$/, "must have at least 16 ASCII letters, digits and signs, without blanks")
  .optional();

/** A proxy without a scheme, `proxy:3128`, is an HTTP proxy, as curl reads it. Empty means no proxy. */
const proxy = z
  .string()
  .default("")
  .transform((text) => (text === "" || text.includes("://") ? text.trim() : `http://${text.trim()}`))
  .refine((url) => url === "" || isProxy(url), "must be the address of a proxy, such as http://proxy:3128");

const isProxy = (url: string): boolean =>
  URL.canParse(url) && ["http:", "https:"].includes(new URL(url).protocol) && new URL(url).hostname !== "";

/** Addresses with commas between. */
const alertmanagers = z
  .string()
  .default("")
  .transform((text) => text.split(/[\s,]+/).filter((url) => url !== ""))
  .refine((urls) => urls.every(isHttp), "must be addresses such as http://alertmanager:9093, with commas between");

function isHttp(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, search, hash, username, password } = new URL(text);
  return ["http:", "https:"].includes(protocol) && search === "" && hash === "" && isDecodable(username + password);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

const environment = z.object({
  SLACK_BOT_TOKEN: z
    .string()
    .regex(/^xoxb-\S+$/, "must be a bot token, xoxb-…, from the app's page OAuth & Permissions")
    .optional(),
  SLACK_APP_TOKEN: z
    .string()
    .regex(/^xapp-\S+$/, "must be an app-level token, xapp-…, with the scope connections:write")
    .optional(),
  SLACK_API_URL: z.url("must be a URL such as https://slack.com/api/").default("https://slack.com/api/"),
  WORKSPACE: z.literal("local", "must be local, or empty").optional(),
  HOSTS: z.enum(["simulated", "ssh"], "must be simulated or ssh").optional(),
  DATA_DIR: z.string().default("data"),
  SSH_PRIVATE_KEY_FILE: z.string().optional(),
  SSH_PRIVATE_KEY_PASSPHRASE: z.string().max(1_000, "must have at most 1000 characters").optional(),
  SSH_PRIVATE_KEY_PASSPHRASE_FILE: z.string().optional(),
  SSH_AUTH_SOCK: z.string().optional(),
  SSH_CONFIG_FILE: z.string().optional(),
  SSH_KNOWN_HOSTS_FILE: z.string().optional(),
  ADMINS: ids(/^[UWS][A-Z0-9]+$/, "ids of Slack users or user groups such as U012AB3CD or S012AB3CD"),
  OPERATORS: ids(/^[UW][A-Z0-9]+$/, "Slack user ids such as U012AB3CD"),
  POLICY: z
    .string()
    .default("")
    .transform((text, context) => {
      const rules = policySetting(text);
      if (typeof rules !== "string") return rules;
      context.addIssue({ code: "custom", message: rules });
      return z.NEVER;
    }),
  CHANNELS: ids(/^[CG][A-Z0-9]+$/, "Slack channel ids such as C012AB3CD"),
  HTTPS_PROXY: proxy,
  HTTP_PROXY: proxy,
  NO_PROXY: z.string().default(""),
  WATCH: z.enum(["on", "off"], "must be on or off").default("on"),
  WATCH_CHANNEL: z
    .string()
    .regex(/^[CG][A-Z0-9]+$/, "must be a Slack channel id such as C012AB3CD")
    .optional(),
  ON_CALL: ids(/^[UWS][A-Z0-9]+$/, "ids of Slack users or user groups such as U012AB3CD or S012AB3CD"),
  ESCALATE_TO: ids(/^[UWS][A-Z0-9]+$/, "ids of Slack users or user groups such as U012AB3CD or S012AB3CD"),
  SHIFT_REPORT_AT: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time of the day such as 08:00")
    .optional(),
  WATCH_EVERY: z.coerce.number(SECONDS).int(SECONDS).min(5, SECONDS).max(3_600, SECONDS).default(30),
  WATCH_LASTS: lastsValue.prefault(""),
  WATCH_FULL: fillValue.prefault(""),
  HISTORY_DAYS: z.coerce.number(DAYS).int(DAYS).min(1, DAYS).max(3_650, DAYS).default(90),
  AUDIT_DAYS: z.coerce.number(DAYS).int(DAYS).min(1, DAYS).max(3_650, DAYS).optional(),
  METRICS_PORT: z.coerce.number(PORT).int(PORT).min(0, PORT).max(65_535, PORT).optional(),
  METRICS_HOST: z
    .string()
    .regex(/^[\w.:-]+$/, "must be an address of this computer, such as 127.0.0.1 or 0.0.0.0")
    .default(LOOPBACK),
  ALERTMANAGER_URL: alertmanagers,
  ALERTS_SECRET: secret,
  AUDIT_SYSLOG: syslogValue,
  AUDIT_SYSLOG_CA: z.string().optional(),
  AUDIT_WEBHOOK: webhookValue,
  AUDIT_WEBHOOK_SECRET: secret,
  PORT: z.coerce.number(PORT).int(PORT).min(0, PORT).max(65_535, PORT).default(3000),
  LOG_LEVEL: z.enum(["debug", "info", "error"], "must be debug, info or error").default("info"),
});

/** How the bot logs in on real hosts. */
export interface SshLogin {
  /** null: a key of the agent. A public key: only this key of the agent. */
  readonly privateKeyFile: string | null;
  /** Never printed. */
  readonly passphrase?: string | null;
  readonly passphraseFile?: string | null;
  readonly agentSocket?: string | null;
  /** OpenSSH's files: `none`, a path, or null for those of the bot's own user. */
  readonly configFile?: string | null;
  readonly knownHostsFile?: string | null;
}

export interface Config {
  /** null: the local workspace. */
  readonly slack: { readonly botToken: string; readonly appToken: string; readonly apiUrl: string } | null;
  /** The proxy on the way to Slack. Null means a direct connection. The local workspace never uses a proxy. */
  readonly proxy?: { readonly https: string; readonly http: string; readonly except: string };
  readonly hosts: { readonly kind: "simulated" } | (SshLogin & { readonly kind: "ssh" });
  readonly dataDirectory: string;
  /** Ids of users or user groups: the first admins. Absent: none. */
  readonly admins?: readonly string[];
  readonly operators: readonly string[];
  /** What is asked before plans run. Absent: the defaults. */
  readonly policies?: readonly PolicyRule[];
  readonly channels: readonly string[];
  /** null: hosts are not watched. `channel`: where incidents are posted; null: the first of `channels`. */
  readonly watch: {
    readonly channel: string | null;
    readonly settings: WatchSettings;
    /** Who is called for critical incidents; by default nobody. */
    readonly onCall?: OnCall;
    /** When the shift report is posted each day, `08:00` by the clock of the bot's computer. By default never. */
    readonly shiftReportAt?: string | null;
    /** How long the values that hosts and storages showed are kept. */
    readonly historyDays?: number;
  } | null;
  /** Absent: nothing is opened, and nothing is sent. */
  readonly monitoring?: {
    /** null: no port. */
    readonly listen: { readonly host: string; readonly port: number } | null;
    readonly alertsSecret: string | null;
    readonly alertmanagers: readonly string[];
  };
  /** Other systems that get the audit log. Absent: none. */
  readonly forward?: {
    readonly syslog: {
      readonly host: string;
      readonly port: number;
      readonly isTls: boolean;
      /** null: the certificates that Node trusts. */
      readonly caFile: string | null;
    } | null;
    readonly webhook: { readonly url: string; readonly secret: string; readonly proxy?: Config["proxy"] } | null;
  };
  /** Closed files of the audit log that are older are moved into its archive. Absent: never. */
  readonly auditDays?: number;
  readonly port: number;
  readonly logLevel: "debug" | "info" | "error";
}

/** Reports every problem at once. Each one names the variable and what to write. */
export function configError(problems: string | readonly [string, ...string[]], ...fixes: readonly string[]): Refusal {
  const [first, ...others] = typeof problems === "string" ? [problems] : problems;
  const invalid = (problem: string) => reason("CONFIG_INVALID", problem, ...fixes);
  return new Refusal("The bot can't start", [invalid(first), ...others.map(invalid)]);
}

/**
 * A person with the address of the local workspace changes real hosts as root. So it starts only on request, never
 * because a setting is missing.
 */
const NO_WORKSPACE = configError(
  "HOSTS=ssh needs SLACK_BOT_TOKEN and SLACK_APP_TOKEN",
  "set both tokens",
  "or set WORKSPACE=local and OPERATORS: the page of a local workspace on this computer then changes real hosts",
);

/** The configuration from environment variables; `.env.example` explains each. An empty value means the default. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  // Programs read the lowercase variables of the proxies first.
  const small = Object.fromEntries(Object.entries(env).filter(([name, value]) => /^[a-z]+_proxy$/.test(name) && value));
  const given = Object.keys(environment.shape).map((name) => {
    const value = small[name.toLowerCase()] ?? env[name];
    return [name, value?.trim() ? value : undefined];
  });
  const parsed = environment.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    const [first = "", ...others] = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
    throw configError([first, ...others]);
  }
  const { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken, SLACK_API_URL: apiUrl, ...rest } = parsed.data;
  if ((botToken === undefined) !== (appToken === undefined)) {
    const missing = botToken === undefined ? "SLACK_BOT_TOKEN" : "SLACK_APP_TOKEN";
    throw configError(
      `${missing} is empty, and Socket Mode needs both tokens`,
      `set ${missing}, or unset both: then the local workspace starts`,
    );
  }
  const slack =
    botToken && appToken ? { botToken, appToken, apiUrl: apiUrl.endsWith("/") ? apiUrl : `${apiUrl}/` } : null;
  if (slack !== null && rest.WORKSPACE !== undefined) {
    throw configError("WORKSPACE=local can't be used together with Slack's tokens", "unset one of the two");
  }
  const kind = rest.HOSTS ?? (slack === null ? "simulated" : "ssh");
  if (kind === "ssh" && rest.SSH_PRIVATE_KEY_FILE === undefined && rest.SSH_AUTH_SOCK === undefined) {
    throw configError(
      "HOSTS=ssh needs SSH_PRIVATE_KEY_FILE or SSH_AUTH_SOCK",
      "set SSH_PRIVATE_KEY_FILE to the private key that logs in on the hosts",
      "or set SSH_AUTH_SOCK to the socket of an agent that has it",
    );
  }
  if (rest.SSH_PRIVATE_KEY_PASSPHRASE !== undefined && rest.SSH_PRIVATE_KEY_PASSPHRASE_FILE !== undefined) {
    throw configError(
      "SSH_PRIVATE_KEY_PASSPHRASE and SSH_PRIVATE_KEY_PASSPHRASE_FILE can't be used together",
      "unset one of the two",
    );
  }
  if (kind === "ssh" && slack === null && rest.WORKSPACE === undefined) throw NO_WORKSPACE;
  if (rest.ALERTS_SECRET !== undefined && rest.METRICS_PORT === undefined) {
    throw configError(
      "ALERTS_SECRET needs METRICS_PORT",
      "set METRICS_PORT to the port that takes POST /alerts, or unset ALERTS_SECRET",
    );
  }
  if (rest.ALERTS_SECRET !== undefined && rest.WATCH === "off") {
    throw configError(
      "ALERTS_SECRET needs WATCH=on: alerts are joined to incidents",
      "set WATCH=on, or unset ALERTS_SECRET",
    );
  }
  if (rest.METRICS_HOST !== LOOPBACK && rest.METRICS_PORT === undefined) {
    throw configError("METRICS_HOST needs METRICS_PORT", "set METRICS_PORT to the port, or unset METRICS_HOST");
  }
  if (slack !== null && rest.WATCH_CHANNEL && rest.CHANNELS.length > 0 && !rest.CHANNELS.includes(rest.WATCH_CHANNEL)) {
    throw configError(
      `WATCH_CHANNEL ${rest.WATCH_CHANNEL} is not one of CHANNELS, so its buttons would be refused`,
      `add ${rest.WATCH_CHANNEL} to CHANNELS, or unset WATCH_CHANNEL`,
    );
  }
  const { AUDIT_SYSLOG: syslog, AUDIT_SYSLOG_CA: caFile, AUDIT_WEBHOOK: url, AUDIT_WEBHOOK_SECRET: signing } = rest;
  if (caFile !== undefined && !syslog?.isTls) {
    throw configError(
      "AUDIT_SYSLOG_CA needs AUDIT_SYSLOG with TLS",
      "set AUDIT_SYSLOG to syslog+tls://HOST:6514, or unset AUDIT_SYSLOG_CA",
    );
  }
  if ((url === undefined) !== (signing === undefined)) {
    throw configError(
      url === undefined ? "AUDIT_WEBHOOK_SECRET needs AUDIT_WEBHOOK" : "AUDIT_WEBHOOK needs AUDIT_WEBHOOK_SECRET",
      "set both, or unset both",
    );
  }
  const monitoring = {
    listen: rest.METRICS_PORT === undefined ? null : { host: rest.METRICS_HOST, port: rest.METRICS_PORT },
    alertsSecret: rest.ALERTS_SECRET ?? null,
    alertmanagers: rest.ALERTMANAGER_URL,
  };
  const { HTTPS_PROXY: https, HTTP_PROXY: http, NO_PROXY: except } = rest;
  const proxy = https === "" && http === "" ? null : { https, http, except };
  const forward = {
    syslog: syslog ? { ...syslog, caFile: caFile ?? null } : null,
    webhook: url && signing ? { url, secret: signing, ...(proxy && { proxy }) } : null,
  };
  return {
    slack,
    ...(slack !== null && proxy !== null && { proxy }),
    hosts: kind === "ssh" ? { kind, ...sshLoginIn(parsed.data) } : { kind },
    dataDirectory: rest.DATA_DIR,
    admins: rest.ADMINS,
    operators: rest.OPERATORS,
    policies: rest.POLICY,
    channels: rest.CHANNELS,
    watch:
      rest.WATCH === "off"
        ? null
        : {
            channel: rest.WATCH_CHANNEL ?? null,
            settings: {
              ...usualSettings,
              everyMs: rest.WATCH_EVERY * 1_000,
              damping: dampingOf(rest.WATCH_LASTS, kind),
              ...(kind === "simulated" && { groupsEveryMs: SIMULATED_GROUPS_EVERY_MS }),
              fill: rest.WATCH_FULL,
            },
            onCall: { onCall: rest.ON_CALL, escalateTo: rest.ESCALATE_TO },
            shiftReportAt: rest.SHIFT_REPORT_AT ?? null,
            historyDays: rest.HISTORY_DAYS,
          },
    ...(monitoring.listen === null && monitoring.alertmanagers.length === 0 ? {} : { monitoring }),
    ...(forward.syslog === null && forward.webhook === null ? {} : { forward }),
    ...(rest.AUDIT_DAYS === undefined ? {} : { auditDays: rest.AUDIT_DAYS }),
    port: rest.PORT,
    logLevel: rest.LOG_LEVEL,
  };
}

const sshLoginIn = (given: z.output<typeof environment>): SshLogin => ({
  privateKeyFile: given.SSH_PRIVATE_KEY_FILE ?? null,
  passphrase: given.SSH_PRIVATE_KEY_PASSPHRASE ?? null,
  passphraseFile: given.SSH_PRIVATE_KEY_PASSPHRASE_FILE ?? null,
  agentSocket: given.SSH_AUTH_SOCK ?? null,
  configFile: given.SSH_CONFIG_FILE ?? null,
  knownHostsFile: given.SSH_KNOWN_HOSTS_FILE ?? null,
});

/** On simulated hosts a newcomer sees an incident begin and end within a minute. */
const SIMULATED_QUIET_MS = 10_000;
const SIMULATED_GROUPS_EVERY_MS = 20_000;

function dampingOf(lasts: ReadonlyMap<FindingKind, number>, hosts: Config["hosts"]["kind"]): Damping {
  const { damping } = usualSettings;
  return {
    ...damping,
    ...(hosts === "simulated" && { quietMs: SIMULATED_QUIET_MS }),
    ...(lasts.size > 0 && { lastsMs: (kind) => lasts.get(kind) ?? damping.lastsMs(kind) }),
  };
}
