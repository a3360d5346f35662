import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { z } from "zod";
import type { PageView } from "../page-protocol.ts";
import { Blocks } from "./Blocks.tsx";
import { Troubles } from "./Troubles.tsx";
import type { Gestures } from "./use-workspace.ts";
import type { Trouble } from "./workspace-state.ts";

interface Props {
  readonly view: PageView;
  readonly troubles: readonly Trouble[];
  readonly gestures: Gestures;
}

/** A modal as Slack opens it. It is the server that closes it: a refused form stays, with its errors. */
export function Modal({ view, troubles, gestures }: Props) {
  const titleId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const { busy, errors, send } = useSubmission(view, gestures);

  useEffect(() => {
    // The browser's own modal: the rest of the page can't be reached, by pointer or keyboard.
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>("input, textarea")?.focus();
  }, []);
  useEffect(() => {
    if (Object.keys(errors).length > 0) dialog.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [errors]);

  const close = () => gestures.close(view.id);
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void send(valuesOf(new FormData(event.currentTarget)));
  };
  return (
    <dialog
      ref={dialog}
      className="modal"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        void close();
      }}
    >
      <form onSubmit={onSubmit} noValidate>
        <header>
          <h2 id={titleId}>{view.title}</h2>
        </header>
        <div className="modal-body">
          <Blocks
            blocks={view.blocks}
            fallback=""
            click={(blockId, actionId) => gestures.click(view.id, blockId, actionId)}
            errors={errors}
          />
        </div>
        <Troubles troubles={troubles} dismiss={gestures.dismissTrouble} />
        <footer>
          <button type="button" className="button plain" onClick={close}>
            {view.close ?? "Close"}
          </button>
          {view.submit === null ? null : (
            <button type="submit" className="button primary" disabled={busy} aria-busy={busy}>
              {view.submit}
            </button>
          )}
        </footer>
      </form>
    </dialog>
  );
}

type Values = Record<string, Record<string, string>>;

/** Handing a form over. What is accepted is closed by the server; what the app did not answer can be sent again. */
function useSubmission(view: PageView, gestures: Gestures) {
  const [busy, setBusy] = useState(false);
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const send = async (values: Values) => {
    setBusy(true);
    setErrors((await gestures.submit(view.id, values)) ?? {});
    setBusy(false);
  };
  return { busy, errors, send };
}

const nameSchema = z.tuple([z.string(), z.string()]);

/** `block_id` → `action_id` → text, from the names that Field gives its inputs. */
function valuesOf(form: FormData): Values {
  const values: Values = {};
  for (const [name, value] of form) {
    if (typeof value !== "string") continue;
    const [blockId, actionId] = nameSchema.parse(JSON.parse(name));
    values[blockId] = { ...values[blockId], [actionId]: value };
  }
  return values;
}
