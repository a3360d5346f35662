import { useEffect, useId, useRef } from "react";
import type { Dialog } from "./blocks.ts";
import { TextView } from "./Mrkdwn.tsx";

interface Props {
  readonly dialog: Dialog;
  readonly confirm: () => void;
  readonly deny: () => void;
}

/** The dialog between a button and its click, as Slack shows it. */
export function ConfirmDialog({ dialog, confirm, deny }: Props) {
  const titleId = useId();
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    element.current?.showModal();
    element.current?.querySelector<HTMLElement>("button")?.focus();
  }, []);
  return (
    <dialog
      ref={element}
      className="modal confirm-dialog"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        deny();
      }}
    >
      <form method="dialog" onSubmit={(event) => event.preventDefault()}>
        <header>
          <h2 id={titleId}>{dialog.title === undefined ? "Are you sure?" : <TextView text={dialog.title} />}</h2>
        </header>
        <div className="modal-body">
          <p>
            <TextView text={dialog.text} />
          </p>
        </div>
        <footer>
          <button type="button" className="button plain" onClick={deny}>
            {dialog.deny === undefined ? "Cancel" : <TextView text={dialog.deny} />}
          </button>
          <button type="button" className={`button ${dialog.style ?? "primary"}`} onClick={confirm}>
            {dialog.confirm === undefined ? "Yes" : <TextView text={dialog.confirm} />}
          </button>
        </footer>
      </form>
    </dialog>
  );
}
