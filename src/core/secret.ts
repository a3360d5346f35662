/**
 * A value that a person types into the confirmation form and nobody may read later: the secret of a CHAP user. It stays
 * in memory until the plan has ended and reaches hosts only on standard input. All texts, files and logs contain
 * `<secret>` instead.
 */
export interface SecretAsked {
  /** The name that steps use: lower-case letters and dashes. */
  readonly name: string;
  /** The label of the form's field. */
  readonly label: string;
}
/** Values by secret name. */
export type Secrets = ReadonlyMap<string, string>;

export const noSecrets: Secrets = new Map();

export const shownSecret = "<secret>";

/** Why a text can't be a secret, or null. Tools read a secret as one line and remove the spaces around it. */
export const secretProblem = (value: string | undefined): string | null =>
  value !== undefined && /^[!-~](?:[ -~]{0,253}[!-~])?$/.test(value)
    ? null
    : "One line of 1 to 255 letters, digits and ASCII signs, without a blank at its ends.";

/** A program's output without secrets, in case it repeats one. */
export const withoutSecrets = (text: string, secrets: Secrets): string =>
  [...secrets.values()].reduce((left, secret) => left.replaceAll(secret, shownSecret), text);
