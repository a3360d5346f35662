/** A reader of RFC 5424 by the grammar of its section 6, with nothing of the bot's own code. */
export interface Parsed {
  readonly facility: number;
  readonly severity: number;
  readonly timestamp: string;
  readonly hostname: string;
  readonly appName: string;
  readonly processId: string;
  readonly messageId: string;
  readonly data: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Without the mark. */
  readonly text: string;
}

const TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,6})?(?:Z|[+-]\\d\\d:\\d\\d)";
const VALUE = '"((?:[^"\\\\\\]]|\\\\["\\\\\\]])*)"';
const NAME = "[!#-<>-\\\\^-~]{1,32}";
const ELEMENT = `\\[(${NAME})((?: ${NAME}=${VALUE.replace("(", "(?:")})*)\\]`;
const HEADER = new RegExp(
  `^<(\\d{1,3})>1 (${TIME}) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) (-|(?:${ELEMENT.replaceAll(/\((?!\?)/g, "(?:")})+)(?: (.*))?$`,
  "s",
);

/** Throws if it is no message of RFC 5424. */
export function parsedMessage(message: string): Parsed {
  const found = HEADER.exec(message);
  if (found === null) throw new Error(`no message of RFC 5424: ${message}`);
  const [
    ,
    priority,
    timestamp = "",
    hostname = "",
    appName = "",
    processId = "",
    messageId = "",
    data = "",
    text = "",
  ] = found;
  const elements = [...data.matchAll(new RegExp(ELEMENT, "g"))].map(([, id = "", parameters = ""]) => {
    const pairs = [...parameters.matchAll(new RegExp(` (${NAME})=${VALUE}`, "g"))];
    return [id, Object.fromEntries(pairs.map(([, name, value = ""]) => [name, value.replace(/\\(["\\\]])/g, "$1")]))];
  });
  return {
    ...{ facility: Math.floor(Number(priority) / 8), severity: Number(priority) % 8 },
    ...{ timestamp, hostname, appName, processId, messageId, data: Object.fromEntries(elements) },
    text: text.replace(/^\ufeff/, ""),
  };
}

/** The messages of a stream in which each has its number of bytes before it. `rest`: the beginning of one more. */
export function framesIn(bytes: Buffer): { readonly messages: readonly string[]; readonly rest: number } {
  const messages: string[] = [];
  for (let at = 0; ; ) {
    const blank = bytes.indexOf(" ", at);
    const length = blank === -1 ? "" : bytes.toString("latin1", at, blank);
    if (length !== "" && !/^[1-9]\d{0,7}$/.test(length))
      throw new Error(`no length at byte ${at}: ${length.slice(0, 40)}`);
    const end = blank + 1 + Number(length);
    if (length === "" || end > bytes.length) return { messages, rest: bytes.length - at };
    messages.push(bytes.toString("utf8", blank + 1, end));
    at = end;
  }
}
