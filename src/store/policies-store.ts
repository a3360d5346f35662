import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { InTurn } from "../core/in-turn.ts";
import { NotWritten } from "../core/not-written.ts";
import { type PolicyNotes, type PolicyRule, setRuleSchema } from "../core/policy.ts";
import { Refusal } from "../core/refusal.ts";
import { replaceFile } from "../replace-file.ts";
import { type Closing, type JsonFile, openJsonFile } from "./json-file.ts";

const schema = z.strictObject({ rules: z.array(setRuleSchema).max(1_000) });
type Content = z.output<typeof schema>;

interface Given {
  readonly configured: readonly PolicyRule[];
  readonly isLocal: boolean;
}

/**
 * `policies.json` in the data folder. With a damaged file the bot starts, and the strictest rule holds until a person
 * sets a rule. The damaged file is then kept under another name.
 */
export async function openPoliciesStore(directory: string, given: Given): Promise<Closing<PolicyNotes>> {
  const path = join(directory, "policies.json");
  let damage: string | null = null;
  const replacing = new InTurn();
  const open = () => openJsonFile<Content>(path, schema, { rules: [] }, { checksUpdates: true });
  let file: JsonFile<Content> | null = await open().catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    damage = [error.error.headline, ...error.error.reasons].join(": ");
    return null;
  });
  return {
    ...given,
    set: () => file?.read().rules ?? [],
    damage: () => damage,
    async changeSet(change) {
      const changed = (existing: JsonFile<Content>) =>
        existing.update((latest) => {
          const [rules, result] = change(latest.rules);
          return [rules === latest.rules ? latest : { rules: [...rules] }, result];
        });
      if (file !== null) return changed(file);
      return replacing.run(async () => {
        // Another person replaced it in the meantime.
        if (file !== null) return changed(file);
        const [rules, result] = change([]);
        // The file is replaced in one step: a kill leaves the damaged file or the new rules, and never no file.
        await copyFile(path, `${path}.damaged`)
          .then(() => replaceFile(path, JSON.stringify({ rules })))
          .catch((error: unknown) => {
            throw new NotWritten(path, error);
          });
        file = await open();
        damage = null;
        return result;
      });
    },
    close: async () => file?.close(),
  };
}
