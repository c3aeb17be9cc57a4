import type {
  DrillsAnswer,
  FleetAnswer,
  ObjectiveAnswer,
  QuorumAnswer,
  ResultsAnswer,
  SchedulesAnswer,
  VerdictsAnswer,
} from '../../contract/api.ts';
import type { Clock } from '../../contract/clock.ts';
import type { Fleet } from './fleet.ts';
import { http } from './http.ts';
import { offsetOf } from './offset.ts';
import { streamResults } from './stream.ts';

export type AggregatorOptions = { readonly url: URL; readonly token: string | null };

/**
 * An aggregator, over HTTP and WebSocket. Connects when first used. Of agents it is asked for its own: of those
 * at another one, which it may know of an engine, no result would come here.
 */
export function aggregatorClient({ url, token }: AggregatorOptions, clock: Clock): Fleet {
  const api = http(url, token, clock);
  return {
    offset: (signal) => offsetOf(api, clock, signal),
    fleet: (signal) => api.get<FleetAnswer>('/api/v1/fleet?scope=own', signal),
    verdicts: (signal) => api.get<VerdictsAnswer>('/api/v1/verdicts', signal),
    objective: (id, signal) => api.get<ObjectiveAnswer>(`/api/v1/verdicts/${encodeURIComponent(id)}?scope=own`, signal),
    quorum: (signal) => api.get<QuorumAnswer>('/api/v1/quorum', signal),
    drills: (signal) => api.get<DrillsAnswer>('/api/v1/drills', signal),
    schedules: (signal) => api.get<SchedulesAnswer>('/api/v1/schedules', signal),
    announceSchedules: (schedules, signal) => api.post('/api/v1/schedules', schedules, signal),
    async newest(limit, check, signal) {
      const only = check === null ? '' : `&check=${encodeURIComponent(check)}`;
      return (await api.get<ResultsAnswer>(`/api/v1/results?limit=${limit}${only}`, signal)).results;
    },
    announce: (drill, reportHtml, signal) => api.post('/api/v1/drills', { drill, reportHtml }, signal),
    burst: (request, signal) => api.post('/api/v1/bursts', request, signal),
    annotate: (annotation, signal) => api.post('/api/v1/annotations', annotation, signal),
    async results(onResult, signal) {
      const newest = await api.get<ResultsAnswer>('/api/v1/results?limit=1', signal);
      return streamResults({ url, token }, api, clock, newest.results[0]?.id ?? 0).start(onResult);
    },
  };
}
