/** The fields of a message of RFC 5424. */
export interface SyslogMessage {
  /** 0 to 23: who sends it. 13 is "log audit". */
  readonly facility: number;
  /** 0 (emergency) to 7 (debug). */
  readonly severity: number;
  /** ISO 8601, with at most six digits of a second. */
  readonly timestamp: string;
  readonly hostname: string | null;
  readonly appName: string | null;
  readonly processId: string | null;
  readonly messageId: string | null;
  readonly data: readonly DataElement[];
  /** Empty: the message has no text. */
  readonly text: string;
}

/** An element of the structured data. A parameter with null is left out. */
interface DataElement {
  readonly id: string;
  readonly parameters: Readonly<Record<string, string | null>>;
}

/** The message as bytes. What its fields may not contain is replaced, and what is too long for a field is cut. */
export function syslogBytes(message: SyslogMessage): Buffer {
  const { facility, severity, timestamp, hostname, appName, processId, messageId, data, text } = message;
  const header = [
    `<${facility * 8 + severity}>1`,
    timestamp,
    printable(hostname, 255),
    printable(appName, 48),
    printable(processId, 128),
    printable(messageId, 32),
    data.length === 0 ? "-" : data.map(elementText).join(""),
  ].join(" ");
  return Buffer.from(text === "" ? header : `${header} ${isAscii(text) ? "" : BYTE_ORDER_MARK}${text}`);
}

/** With the number of bytes before it: RFC 5425 for TLS, and RFC 6587 for TCP. */
export const framed = (message: Buffer): Buffer => Buffer.concat([Buffer.from(`${message.length} `), message]);

/** Before text that is UTF-8 and more than ASCII. Many programs that read JSON don't expect it, so ASCII has none. */
const BYTE_ORDER_MARK = "\ufeff";

const isAscii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text);

/** A field of the header: ASCII without blanks; `-` if there is none. */
const printable = (text: string | null, most: number): string =>
  (text ?? "").replace(/[^!-~]/g, "?").slice(0, most) || "-";

function elementText({ id, parameters }: DataElement): string {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === null ? [] : [` ${nameText(name)}="${valueText(value)}"`],
  );
  return `[${nameText(id)}${given.join("")}]`;
}

/** A name is ASCII without blanks and these three signs, and has at most 32 of them. */
const nameText = (text: string): string => text.replace(/[^!-~]|[="\]]/g, "?").slice(0, 32);

/** In characters. A name of a person or a host is shorter. */
const LONGEST_VALUE = 256;

/** Three signs are escaped. A receiver that reads lines must not find a line end. */
const valueText = (text: string): string =>
  text
    .slice(0, LONGEST_VALUE)
    .replace(/\p{Cc}/gu, " ")
    .replace(/[\\"\]]/g, "\\$&");
