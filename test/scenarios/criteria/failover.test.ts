import { describe } from 'vitest';
import { drawn, healthyFacts, restoreMs, resultsOf, t0Ms, written } from '../../fakes/facts.ts';
import { drills, during, entries, turnsOnly, verdict, weights } from './cases.ts';

describe('rows of drills', () => {
  turnsOnly([
    {
      row: 'failover.active-active',
      claim: 'an entry name that did not move in time',
      bent: drills((drill) =>
        drill.name === 'lose-us-east-1'
          ? {
              ...drill,
              entries: drill.entries.map((report) => (report.entry === 'api' ? verdict('fail')(report) : report)),
            }
          : drill,
      ),
      status: 'fail',
      because: /^api: as the judge says; global: left/,
    },
    {
      row: 'failover.active-active',
      claim: 'a weighted name that goes on answering the region that is gone',
      bent: {
        drillResults: [
          ...(during((r) => (r.check === 'draws' && r.startMs < restoreMs ? null : r)).drillResults ?? []),
          ...drawn(400, weights, t0Ms),
        ],
      },
      status: 'fail',
      because: /draws answered us-east-1 later than 2.80 s after t0/,
    },
    {
      row: 'failover.active-active',
      claim: 'the rest shared out otherwise than by weight',
      bent: during((r) => (r.check === 'draws' && r.region === 'ap-southeast-1' ? { ...r, region: 'eu-west-1' } : r)),
      status: 'fail',
      because: /that is not 75\/25/,
    },
    {
      row: 'failover.active-active',
      claim: 'a region that is not drawn again in all the time that it has',
      bent: {
        drillResults: [
          ...(during((r) => (r.check === 'draws' && r.startMs > restoreMs ? null : r)).drillResults ?? []),
          ...drawn(200, { 'eu-west-1': 75, 'ap-southeast-1': 25 }, restoreMs + 100, 50),
        ],
      },
      status: 'fail',
      because: /us-east-1 was not drawn again in 200 draws after the restore/,
    },
    {
      row: 'failover.active-active',
      claim: 'draws too few to show that the region has left',
      bent: during((r) => (r.check === 'draws' && r.startMs < restoreMs && r.startMs > t0Ms + 2_800 ? null : r)),
      status: 'inconclusive',
      because: /global: \d+ draws without us-east-1 before the restore, want 16/,
    },
    {
      row: 'failover.active-passive',
      claim: 'a standby that is another region',
      bent: during((r) => (r.entry === 'standby' ? { ...r, servedBy: 'ap-southeast-1' } : r)),
      status: 'fail',
      because: /eu-west-1 gave 0 of 30 answers meanwhile, others ap-southeast-1 \(30\)$/,
    },
    {
      row: 'failover.active-passive',
      claim: 'a standby that nobody asked',
      bent: during((r) => (r.entry === 'standby' ? null : r)),
      status: 'inconclusive',
      because: /eu-west-1 gave 0 of 0 answers meanwhile$/,
    },
    {
      row: 'failover.active-passive',
      claim: 'a standby that the judge is not sure of',
      bent: entries('standby', verdict('inconclusive')),
      status: 'inconclusive',
      because: /^as the judge says; eu-west-1 gave 30 of 30/,
    },
    {
      row: 'failover.eu-dark',
      claim: 'a dark door that answers with another status',
      bent: during((r) => (r.details.status === 503 ? { ...r, details: { status: 404 } } : r)),
      status: 'fail',
      because: /^50 answers at eu-west-1 on api while eu-west-1 was dark, of them 404 \(50\), want 503$/,
    },
    {
      row: 'failover.eu-dark',
      claim: 'users led to another region',
      bent: during((r) => (r.vantage === 'eu-west-1' && r.entry === 'api' ? { ...r, region: 'us-east-1' } : r)),
      status: 'fail',
      because: /^users at eu-west-1 were led to us-east-1 \(50\)$/,
    },
    {
      row: 'failover.eu-dark',
      claim: 'an outage whose end was not seen',
      bent: drills((drill) => ({
        ...drill,
        entries: drill.entries.map((report) =>
          report.servedBy.length === 0 ? { ...report, failback: { stages: {}, passages: [] } } : report,
        ),
      })),
      status: 'inconclusive',
      because: /the end of the outage was not seen$/,
    },
    {
      row: 'failover.residency',
      claim: 'a user served elsewhere while the own region was dark',
      bent: {
        drillResults: [
          ...healthyFacts().drillResults,
          ...resultsOf(1, written('eu-elsewhere', 'DE', 'us-east-1'), { fromMs: t0Ms + 33_000 }),
        ],
      },
      status: 'fail',
      because:
        /^1 of 91 attempts of these users were served or stored outside: DE at us-east-1: 201 by us-east-1, stored in us-east-1 \(1\)$/,
    },
  ]);
});
