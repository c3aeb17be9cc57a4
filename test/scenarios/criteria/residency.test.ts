import { describe } from 'vitest';
import { healthyFacts } from '../../fakes/facts.ts';
import { results, turnsOnly } from './cases.ts';

describe('rows of residency', () => {
  turnsOnly([
    {
      row: 'residency.eu-in-eu',
      claim: 'a user refused at home',
      bent: results((r) =>
        r.check === 'gb-user' ? { ...r, outcome: 'bad', details: { ...r.details, status: 403 } } : r,
      ),
      status: 'fail',
      because:
        /^10 of 20 answers: GB at eu-west-1: 403 by eu-west-1, stored in eu-west-1 \(10\); want: served and stored in eu-west-1$/,
    },
    {
      row: 'residency.eu-in-eu',
      claim: 'a record stored elsewhere',
      bent: results((r) => (r.check === 'eu-user' ? { ...r, details: { ...r.details, storedIn: 'us-east-1' } } : r)),
      status: 'fail',
      because: /stored in us-east-1/,
    },
    {
      row: 'residency.eu-in-eu',
      claim: 'one country never asked for',
      bent: results((r) => (r.check === 'gb-user' ? null : r)),
      status: 'inconclusive',
      because: /^0 answers of gb-user, want at least 5 of each$/,
    },
    {
      row: 'residency.us-anywhere',
      claim: 'a user refused whom no rule names',
      bent: results((r) =>
        r.check === 'us-user' && r.region === 'ap-southeast-1' ? { ...r, details: { ...r.details, status: 404 } } : r,
      ),
      status: 'fail',
      because: /^10 of 30 answers: US at ap-southeast-1: 404 by ap-southeast-1/,
    },
    {
      row: 'residency.us-anywhere',
      claim: 'a region that gave no answer',
      bent: results((r) => (r.check === 'us-user' && r.region === 'eu-west-1' ? { ...r, details: {} } : r)),
      status: 'inconclusive',
      because: /^0 answers of eu-west-1, want at least 5 of each$/,
    },
    {
      row: 'residency.eu-refused',
      claim: 'a refusal with another status',
      bent: results((r) =>
        r.check === 'eu-elsewhere' && r.region === 'us-east-1'
          ? { ...r, details: { status: 403, userCountry: 'DE' } }
          : r,
      ),
      status: 'fail',
      because: /^10 of 20 answers: DE at us-east-1: 403 by us-east-1 \(10\)/,
    },
    {
      row: 'residency.eu-refused',
      claim: 'refusals that were not tried',
      bent: results((r) => (r.check === 'eu-elsewhere' && r.region === 'us-east-1' ? { ...r, details: {} } : r)),
      status: 'inconclusive',
      because: /^0 answers of us-east-1/,
    },
    {
      row: 'residency.log',
      claim: 'a refusal without a record',
      bent: { residencyLog: {} },
      status: 'fail',
      because: /^20 of 20 refusals without a record$/,
    },
    {
      row: 'residency.log',
      claim: 'a record of a request that was served, and two of one',
      bent: {
        residencyLog: {
          ...healthyFacts().residencyLog,
          'eu-west-1': [
            ...(healthyFacts().residencyLog['us-east-1']?.slice(0, 1) ?? []),
            {
              event: 'data_residency_violation',
              requestId: 'eu-user-eu-west-1-3',
              country: 'DE',
              region: 'eu-west-1',
              atMs: 1,
            },
          ],
        },
      },
      status: 'fail',
      because: /^1 request with more than one record; 1 record of requests that were not refused$/,
    },
    {
      row: 'residency.audit',
      claim: 'an audit that found a record astray',
      bent: {
        audit: {
          country: 'DE',
          records: { 'us-east-1': 2 },
          allowed: ['eu-west-1'],
          status: 'fail',
          because: '2 of 2 are outside',
        },
      },
      status: 'fail',
      because: /^2 of 2 are outside$/,
    },
    {
      row: 'residency.audit',
      claim: 'no audit',
      bent: { audit: null },
      status: 'inconclusive',
      because: /^no audit was made$/,
    },
  ]);
});
