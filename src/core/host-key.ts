/** A host as a person typed it. null: not typed. */
export interface AskedHost {
  readonly address: string;
  readonly port: number | null;
  readonly user: string | null;
}

/** What a host shows before any login. Nobody has confirmed its key yet. */
export interface PresentedHost {
  /** `SHA256:…` of its key. */
  readonly sha256: string;
  readonly port: number;
  readonly user: string;
  /** How it is reached, if OpenSSH's configuration names another address or jump hosts; null: directly. */
  readonly way: string | null;
  /** The certificate of its key, or why none counts. null: no authority is known for it. */
  readonly certificate: string | null;
}

/** A host shows another key than the inventory has. */
interface ChangedKey {
  /** The host's name. */
  readonly host: string;
  /** `SHA256:…` of both keys. */
  readonly presented: string;
  readonly trusted: string;
}

/** For the operator. `changedKeyIn` finds it in longer texts. */
export const changedKeyText = ({ host, presented, trusted }: ChangedKey): string =>
  `${host} shows the key ${presented}, but the bot trusts ${trusted}. The host was reinstalled, or another computer answers at its address. Find out which. Nothing was sent to it`;

/** For a title, which is shortened at its end. */
export const OTHER_KEY = "shows another SSH host key";

const CHANGED =
  /([A-Za-z0-9][A-Za-z0-9._-]{0,62}) shows the key (SHA256:[\w+/=-]{1,64}), but the bot trusts (SHA256:[\w+/=-]{1,64})/;

/** The changed key that a reason is about; null if it is about something else. */
export function changedKeyIn(text: string): ChangedKey | null {
  const [, host, presented, trusted] = CHANGED.exec(text) ?? [];
  return host === undefined || presented === undefined || trusted === undefined ? null : { host, presented, trusted };
}
