import { useRef, useState } from "react";
import type { BlockOf, Button } from "./blocks.ts";
import { ConfirmDialog } from "./ConfirmDialog.tsx";
import { TextView } from "./Mrkdwn.tsx";

interface Clicking {
  /**
   * `block_id action_id` of the button with a click that is being sent. Until then its message takes no other click.
   */
  readonly pressed: string | null;
  press(blockId: string, actionId: string): void;
}

/** One click at a time for the buttons of one message. */
export function useClick(click: (blockId: string, actionId: string) => Promise<void>): Clicking {
  const [pressed, setPressed] = useState<string | null>(null);
  // Two clicks can come before the first is drawn; the state would let both through.
  const under = useRef(false);
  return {
    pressed,
    press: async (blockId, actionId) => {
      if (under.current) return;
      under.current = true;
      setPressed(`${blockId} ${actionId}`);
      await click(blockId, actionId);
      under.current = false;
      setPressed(null);
    },
  };
}

export function Actions({ block, clicking }: { block: BlockOf<"actions">; clicking: Clicking }) {
  return (
    <div className="actions">
      {block.elements.map((button) => (
        <ActionButton key={button.action_id} button={button} blockId={block.block_id} clicking={clicking} />
      ))}
    </div>
  );
}

interface ButtonProps {
  readonly button: Button;
  readonly blockId: string;
  readonly clicking: Clicking;
}

/** A button of a message or a modal. */
export function ActionButton({ button, blockId, clicking }: ButtonProps) {
  const [asks, setAsks] = useState(false);
  const busy = clicking.pressed === `${blockId} ${button.action_id}`;
  const press = () => {
    setAsks(false);
    clicking.press(blockId, button.action_id);
  };
  if (button.url !== undefined) {
    // The app gets an event of this click too.
    return (
      <a className="button plain" href={button.url} target="_blank" rel="noreferrer" onClick={press}>
        <TextView text={button.text} />
      </a>
    );
  }
  return (
    <>
      <button
        type="button"
        className={`button ${button.style ?? "plain"}`}
        disabled={clicking.pressed !== null}
        aria-busy={busy}
        onClick={() => (button.confirm === undefined ? press() : setAsks(true))}
      >
        <TextView text={button.text} />
      </button>
      {asks && button.confirm !== undefined ? (
        <ConfirmDialog dialog={button.confirm} confirm={press} deny={() => setAsks(false)} />
      ) : null}
    </>
  );
}
