import type { BlockOf } from "./blocks.ts";
import { LibraryBlock } from "./LibraryBlock.tsx";

const signs = { pending: "○", in_progress: "◐", complete: "✓", error: "✗" } as const;
const words = { pending: "Pending", in_progress: "In progress", complete: "Complete", error: "Error" } as const;

/** What is done one after another, and how far it is. */
export function Plan({ block }: { block: BlockOf<"plan"> }) {
  return (
    <section className="plan" aria-label={block.title}>
      <h4>{block.title}</h4>
      <ol>
        {(block.tasks ?? []).map(({ task_id, title, status, details }) => (
          <li key={task_id} className={`task ${status}`}>
            <span className="task-sign" role="img" aria-label={words[status]}>
              {signs[status]}
            </span>
            <div>
              {title}
              {details === undefined ? null : <LibraryBlock block={details} />}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
