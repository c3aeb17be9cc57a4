/** What makes the connections: the same parts as of the agent's own checks. */
import type { Inquired, Inquiry } from '../dns/inquiry.ts';
import type { HealthAnswer, HealthQuestion } from '../grpc/health.ts';
import type { Journey, JourneyRequest } from '../http/journey.ts';
import type { Echo, Echoed } from '../icmp/echo.ts';
import type { ProbeContext } from '../prober.ts';
import type { Dialogue, DialogueTerms } from '../tcp/dialogue.ts';

/** None of them rejects: failures of the target are values. All obey the context's ending. */
export type Engines = {
  readonly journey: (request: JourneyRequest, context: ProbeContext) => Promise<Journey>;
  readonly converse: (terms: DialogueTerms, context: ProbeContext) => Promise<Dialogue>;
  readonly inquire: (inquiry: Inquiry, context: ProbeContext) => Promise<Inquired>;
  readonly askHealth: (question: HealthQuestion, context: ProbeContext) => Promise<HealthAnswer>;
  readonly echo: (asked: Echo, context: ProbeContext) => Promise<Echoed>;
};
