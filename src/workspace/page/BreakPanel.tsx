import { useId, useState } from "react";
import type { San } from "../page-protocol.ts";
import {
  breakages,
  type Chosen,
  type FieldName,
  fieldLabels,
  isTyped,
  type Option,
  optionsOf,
  settled,
  wordsOf,
} from "./breaking.ts";
import { useSan } from "./use-san.ts";

interface Props {
  /** Grows with each change of the SAN. */
  readonly changes: number;
  /** When the bot reports what was broken. */
  readonly hint: string | null;
  close(): void;
}

/** Breaks the simulated SAN, and shows what is broken. */
export function BreakPanel({ changes, hint, close }: Props) {
  const titleId = useId();
  const { san, said, isBusy, apply } = useSan(changes);
  return (
    <aside className="pane thread break-panel" aria-labelledby={titleId}>
      <div className="thread-head">
        <h2 id={titleId}>Break something</h2>
        <button type="button" className="icon" aria-label="Close" onClick={close}>
          ✕
        </button>
      </div>
      <div className="scroller break-content">
        {san === null ? null : <BreakForm san={san} isBusy={isBusy} apply={apply} />}
        {hint === null ? null : <p className="field-hint">{hint}</p>}
        <p className={said?.isError ? "break-said error" : "break-said"} role="status">
          {said?.text}
        </p>
        {san === null ? null : <Broken san={san} isBusy={isBusy} apply={apply} />}
      </div>
    </aside>
  );
}

interface SanProps {
  readonly san: San;
  readonly isBusy: boolean;
  apply(words: string): Promise<void>;
}

function BreakForm({ san, isBusy, apply }: SanProps) {
  const [word, setWord] = useState(breakages[0].word);
  const [chosen, setChosen] = useState<Chosen>({});
  const breakage = breakages.find((one) => one.word === word) ?? breakages[0];
  const values = settled(breakage, chosen, san);
  const words = wordsOf(breakage, values);
  const isPossible = breakage.fields.every((field) => isTyped(field) || values[field] !== undefined);
  const choose = (field: FieldName, value: string) => setChosen((now) => ({ ...now, [field]: value }));
  return (
    <form
      className="break-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (words !== null) void apply(words);
      }}
    >
      <Field
        label="What"
        value={word}
        options={breakages.map((one) => ({ value: one.word, label: one.label }))}
        choose={(value) => {
          const found = breakages.find((one) => one.word === value);
          if (found === undefined) return;
          setWord(found.word);
          // A size and a percentage are of one object.
          setChosen(({ size: _size, percent: _percent, ...kept }) => kept);
        }}
      />
      {isPossible ? (
        breakage.fields.map((field) => (
          <Field
            key={field}
            label={fieldLabels[field]}
            value={values[field] ?? ""}
            options={isTyped(field) ? null : optionsOf(field, breakage, values, san)}
            choose={(value) => choose(field, value)}
          />
        ))
      ) : (
        <p className="field-hint">{breakage.without}</p>
      )}
      <button type="submit" className="button danger" disabled={!isPossible || words === null || isBusy}>
        Break it
      </button>
      {isPossible && words !== null ? (
        <p className="field-hint">
          In a terminal: <code>npm run san -- {words}</code>
        </p>
      ) : null}
    </form>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  /** null: it is typed. */
  readonly options: readonly Option[] | null;
  choose(value: string): void;
}

function Field({ label, value, options, choose }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {options === null ? (
        <input
          id={id}
          value={value}
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) => choose(target.value)}
        />
      ) : (
        <select id={id} value={value} onChange={({ target }) => choose(target.value)}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}

function Broken({ san: { broken }, isBusy, apply }: SanProps) {
  const titleId = useId();
  return (
    <section aria-labelledby={titleId}>
      <h3 id={titleId}>Broken now</h3>
      {broken.length === 0 ? <p className="field-hint">Nothing is broken.</p> : null}
      <ul className="broken">
        {broken.map(({ text, restore }) => (
          <li key={restore}>
            <span>{text}</span>
            <button
              type="button"
              className="button plain"
              aria-label={`Restore: ${text}`}
              disabled={isBusy}
              onClick={() => void apply(restore)}
            >
              Restore
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
