/** How a health check fails once its endpoint is dark: what a failing try costs decides how fast it is noticed. */
export const failureModes = ['refused', 'status-503', 'black-hole', 'hung'] as const;
export type FailureMode = (typeof failureModes)[number];
