/** Why a LUN must not be written, one sentence each, with the host and the fact. Empty: nothing speaks against it. */
export type Objection = string;
