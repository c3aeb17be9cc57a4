import type { CanaryPlan } from '../../../scenarios/scenario.ts';

const request = { headers: {}, body: null, token: null };

export const canaryPlan: CanaryPlan = {
  write: {
    ...request,
    method: 'POST',
    to: { path: '/records' },
    body: '{"id":"{id}","seq":{seq}}',
    acknowledged: null,
  },
  read: { ...request, method: 'GET', to: { path: '/records' }, items: '$.records[*]', id: '$.id' },
  erase: { ...request, method: 'DELETE', to: { path: '/records/{id}' } },
  writers: 'each',
  regions: null,
  entries: null,
  userCountry: null,
  resolver: 'system',
  everyMs: 200,
  timeoutMs: 1_000,
  rpoMs: 2_000,
  settleMs: 3_000,
};
