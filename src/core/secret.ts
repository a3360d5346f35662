/**
 * What a person types into the form of confirmation and nobody may read afterwards: the secret of a CHAP user. Its value
 * is in memory from there until the plan has ended, and reaches hosts by standard input only; what is shown, compared,
 * kept and logged says `<secret>`.
 */
export interface SecretAsked {
  /** By which steps name it; of lower-case letters and dashes. */
  readonly name: string;
  /** What the form's field is called. */
  readonly label: string;
}
/** Values by the names of the secrets. */
export type Secrets = ReadonlyMap<string, string>;

export const noSecrets: Secrets = new Map();

export const shownSecret = "<secret>";

/** Why a text can't be a secret, or null: tools that take one read a line and drop the blanks around it. */
export const secretProblem = (value: string | undefined): string | null =>
  value !== undefined && /^[!-~](?:[ -~]{0,253}[!-~])?$/.test(value)
    ? null
    : "One line of 1 to 255 letters, digits and ASCII signs, without a blank at its ends.";

/** What a program printed, without secrets if it repeats one. */
export const withoutSecrets = (text: string, secrets: Secrets): string =>
  [...secrets.values()].reduce((left, secret) => left.replaceAll(secret, shownSecret), text);
