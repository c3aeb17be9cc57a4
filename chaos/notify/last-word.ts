/** What is over may take a little longer, so that its last word gets out; nothing waits for it any more. */
export const lastWordMs = 15_000;
export const lastWordOfTroubleMs = 60_000;
