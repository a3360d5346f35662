import type { Grant } from "../core/role.ts";

/** alice of the local workspace. */
export const localAdmins = ["U0ALICE01"] as const;

/** bob operates, and carol approves. dave may only read, as everybody may. */
export const localGrants = (now: Date): Grant[] => {
  const given = { clusters: "all", by: "the local workspace", at: now.toISOString() } as const;
  return [
    { who: "U0BOB0001", role: "operator", ...given },
    { who: "U0CAROL01", role: "approver", ...given },
  ];
};
