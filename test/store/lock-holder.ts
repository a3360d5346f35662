import { lockDirectory } from "../../src/store/lock.ts";

// Run by lock.test.ts in a process of its own: says what came of locking, and holds until its input ends.
const lock = await lockDirectory(process.argv[2] ?? "");
if ("heldByPid" in lock) {
  console.log(`locked: ${lock.heldByPid}`);
} else {
  console.log("locked");
  process.stdin.resume().on("end", () => void lock.release());
}
