import { z } from "zod";

const ids = (pattern: RegExp, what: string) =>
  z
    .string()
    .default("")
    .transform((text) => text.split(/[\s,]+/).filter((id) => id !== ""))
    .refine((list) => list.every((id) => pattern.test(id)), `must be ${what}, with commas between`);
const optional = (schema: z.ZodString) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

const environment = z.object({
  SLACK_BOT_TOKEN: optional(
    z.string().regex(/^xoxb-\S+$/, "must be a bot token, xoxb-…, from the app's page OAuth & Permissions"),
  ),
  SLACK_APP_TOKEN: optional(
    z.string().regex(/^xapp-\S+$/, "must be an app-level token, xapp-…, with the scope connections:write"),
  ),
  SLACK_API_URL: z.url("must be a URL such as https://slack.com/api/").default("https://slack.com/api/"),
  HOSTS: z.preprocess(
    (value) => (value === "" ? undefined : value),
    z.enum(["simulated", "ssh"], "must be simulated or ssh").optional(),
  ),
  DATA_DIR: z.string().min(1, "must be a folder").default("data"),
  SSH_PRIVATE_KEY_FILE: optional(z.string()),
  OPERATORS: ids(/^[UW][A-Z0-9]+$/, "Slack user ids such as U012AB3CD"),
  CHANNELS: ids(/^[CG][A-Z0-9]+$/, "Slack channel ids such as C012AB3CD"),
  PORT: z.coerce.number("must be a port number, or 0 for a free one").int().min(0).max(65_535).default(3000),
  LOG_LEVEL: z.enum(["debug", "info", "error"], "must be debug, info or error").default("info"),
});

export interface Config {
  /** null: the local workspace. */
  readonly slack: { readonly botToken: string; readonly appToken: string; readonly apiUrl: string } | null;
  readonly hosts: { readonly kind: "simulated" } | { readonly kind: "ssh"; readonly privateKeyFile: string };
  readonly dataDirectory: string;
  readonly operators: readonly string[];
  readonly channels: readonly string[];
  readonly port: number;
  readonly logLevel: "debug" | "info" | "error";
}

/** Every problem at once, each with the variable and what to write. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** The configuration from environment variables; `.env.example` explains each. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`).join("\n"));
  }
  const { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken, SLACK_API_URL: apiUrl, ...rest } = parsed.data;
  if ((botToken === undefined) !== (appToken === undefined)) {
    const missing = botToken === undefined ? "SLACK_BOT_TOKEN" : "SLACK_APP_TOKEN";
    throw new ConfigError(
      `${missing} must be set too: Socket Mode needs both tokens. Without both, the local workspace starts`,
    );
  }
  const slack =
    botToken && appToken ? { botToken, appToken, apiUrl: apiUrl.endsWith("/") ? apiUrl : `${apiUrl}/` } : null;
  const kind = rest.HOSTS ?? (slack === null ? "simulated" : "ssh");
  if (kind === "ssh" && rest.SSH_PRIVATE_KEY_FILE === undefined) {
    throw new ConfigError(
      "SSH_PRIVATE_KEY_FILE must be the file of the private key that logs in on the hosts (HOSTS=ssh)",
    );
  }
  return {
    slack,
    hosts: kind === "ssh" ? { kind, privateKeyFile: rest.SSH_PRIVATE_KEY_FILE ?? "" } : { kind },
    dataDirectory: rest.DATA_DIR,
    operators: rest.OPERATORS,
    channels: rest.CHANNELS,
    port: rest.PORT,
    logLevel: rest.LOG_LEVEL,
  };
}
