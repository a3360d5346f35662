import { type FormEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import type { FormValues, PageView } from "../page-protocol.ts";
import { Blocks } from "./Blocks.tsx";
import { drawnBlockSchema } from "./blocks.ts";
import { FormContext, fieldName } from "./form-fields.ts";
import { Troubles } from "./Troubles.tsx";
import type { UserActions } from "./use-workspace.ts";
import type { Trouble } from "./workspace-state.ts";

interface Props {
  readonly view: PageView;
  readonly troubles: readonly Trouble[];
  readonly userActions: UserActions;
}

/** A modal as Slack opens it. It is the server that closes it: a refused form stays, with its errors. */
export function Modal({ view, troubles, userActions }: Props) {
  const titleId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const { busy, errors, send } = useSubmission(view, userActions);

  useEffect(() => {
    // The browser's own modal: the rest of the page can't be reached, by pointer or keyboard.
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>("input, textarea")?.focus();
  }, []);
  useEffect(() => {
    if (Object.keys(errors).length > 0) dialog.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [errors]);

  const form = useRef<HTMLFormElement>(null);
  const fields = useMemo(
    () => ({
      suggest: (blockId: string, actionId: string, query: string) =>
        userActions.suggest(view.id, blockId, actionId, query),
      chosen: (blockId: string, actionId: string) => {
        if (form.current === null) return;
        void userActions.choose(view.id, blockId, actionId, valuesOf(view.blocks, new FormData(form.current)));
      },
    }),
    [userActions, view.id, view.blocks],
  );
  const close = () => userActions.close(view.id);
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void send(valuesOf(view.blocks, new FormData(event.currentTarget)));
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
      <form ref={form} onSubmit={onSubmit} noValidate>
        <header>
          <h2 id={titleId}>{view.title}</h2>
        </header>
        <div className="modal-body">
          <FormContext value={fields}>
            <Blocks
              blocks={view.blocks}
              fallback=""
              click={(blockId, actionId) => userActions.click(view.id, blockId, actionId)}
              errors={errors}
            />
          </FormContext>
        </div>
        <Troubles troubles={troubles} dismiss={userActions.dismissTrouble} />
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

/** Handing a form over. What is accepted is closed by the server; what the app did not answer can be sent again. */
function useSubmission(view: PageView, userActions: UserActions) {
  const [busy, setBusy] = useState(false);
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const send = async (values: FormValues) => {
    setBusy(true);
    setErrors((await userActions.submit(view.id, values)) ?? {});
    setBusy(false);
  };
  return { busy, errors, send };
}

/** What each input holds: a line its text, a menu or checkboxes the values that are chosen. */
function valuesOf(blocks: PageView["blocks"], form: FormData): FormValues {
  const values: FormValues = {};
  for (const block of blocks) {
    const { data } = drawnBlockSchema.safeParse(block);
    if (data?.type !== "input") continue;
    const { block_id: blockId, element } = data;
    const held = form.getAll(fieldName(blockId, element.action_id)).filter((value) => typeof value === "string");
    values[blockId] = { [element.action_id]: element.type === "plain_text_input" ? (held[0] ?? "") : held };
  }
  return values;
}
