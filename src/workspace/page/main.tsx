import "./zod-without-eval.ts";
import { createRoot } from "react-dom/client";
import { Workspace } from "./Workspace.tsx";

const place = document.getElementById("page");
if (place === null) throw new Error("index.html has no #page");
createRoot(place).render(<Workspace />);
