import type { HealthCheck } from '../../zone/records.ts';

export function checkOf(change: Partial<HealthCheck>): HealthCheck {
  return {
    id: 'hc-us-east-1',
    version: 1,
    type: 'HTTPS',
    ipAddress: '127.0.0.1',
    port: 443,
    hostname: null,
    path: '/health',
    searchString: null,
    requestIntervalSeconds: 30,
    failureThreshold: 3,
    inverted: false,
    disabled: false,
    healthThreshold: 0,
    childHealthChecks: [],
    ...change,
  };
}
