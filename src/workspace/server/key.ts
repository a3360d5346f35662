import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A secret of 128 bits for use in a URL. */
export const newKey = (): string => randomBytes(16).toString("hex");

/** Takes the same time for any difference. */
export const isSameSecret = (given: string, secret: string): boolean => timingSafeEqual(digest(given), digest(secret));

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
