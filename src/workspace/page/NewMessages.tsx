import type { Newest } from "./use-newest.ts";

/** Says to a reader who scrolled up that something came, and leads there. */
export function NewMessages({ newest }: { newest: Newest }) {
  if (!newest.unseen) return null;
  return (
    <div className="new-messages">
      <button type="button" onClick={newest.goToNewest}>
        New messages ↓
      </button>
    </div>
  );
}
