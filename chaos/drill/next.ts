import type { Drill, DrillEvent } from './drill.ts';

type On<P extends Drill['phase']> = (drill: Extract<Drill, { phase: P }>, event: DrillEvent) => Drill;

/**
 * The drill after an event. An event that means nothing in the drill's phase changes nothing. Once injection has begun,
 * every road to `over` leads through `restoring`.
 */
export function next(drill: Drill, event: DrillEvent): Drill {
  switch (drill.phase) {
    case 'baseline':
      return inBaseline(drill, event);
    case 'injecting':
      return inInjecting(drill, event);
    case 'failing-over':
      return inFailingOver(drill, event);
    case 'holding':
      return inHolding(drill, event);
    case 'restoring':
      return inRestoring(drill, event);
    case 'failing-back':
      return inFailingBack(drill, event);
    case 'over':
      return drill;
  }
}

const inBaseline: On<'baseline'> = (drill, event) => {
  if (event.type === 'baseline-seen') return { phase: 'injecting' };
  if (event.type === 'stop') return { phase: 'over', ending: { kind: 'untouched', because: event.because } };
  return drill;
};

/** A stop has to wait: the call may still take effect, and is awaited to its end. */
const inInjecting: On<'injecting'> = (drill, event) => {
  if (event.type === 'injected') return { phase: 'failing-over', t0: event.t0 };
  if (event.type === 'injection-failed') return { phase: 'restoring', t0: event.t0, stopped: event.because };
  return drill;
};

const inFailingOver: On<'failing-over'> = (drill, event) => {
  if (event.type === 'failed-over') return { phase: 'holding', t0: drill.t0 };
  // Holding an outage that nobody has ended shows nothing more.
  if (event.type === 'gave-up-waiting') return { phase: 'restoring', t0: drill.t0, stopped: null };
  if (event.type === 'stop') return { phase: 'restoring', t0: drill.t0, stopped: event.because };
  return drill;
};

const inHolding: On<'holding'> = (drill, event) => {
  if (event.type === 'held') return { phase: 'restoring', t0: drill.t0, stopped: null };
  if (event.type === 'stop') return { phase: 'restoring', t0: drill.t0, stopped: event.because };
  return drill;
};

/** A stop asks for what is being done already. */
const inRestoring: On<'restoring'> = (drill, event) => {
  const { t0, stopped } = drill;
  if (event.type === 'restored') return { phase: 'failing-back', t0, restoreCalled: event.called, stopped };
  if (event.type === 'restore-failed') {
    return { phase: 'over', ending: { kind: 'not-restored', t0, because: event.because } };
  }
  return drill;
};

const inFailingBack: On<'failing-back'> = (drill, event) => {
  const { t0, restoreCalled } = drill;
  if (event.type === 'failed-back') return over({ t0, restoreCalled, stopped: drill.stopped });
  if (event.type === 'stop') return over({ t0, restoreCalled, stopped: drill.stopped ?? event.because });
  if (event.type === 'restore-failed') {
    return { phase: 'over', ending: { kind: 'not-restored', t0, because: event.because } };
  }
  return drill;
};

function over(how: Pick<Extract<Drill, { phase: 'failing-back' }>, 't0' | 'restoreCalled' | 'stopped'>): Drill {
  return { phase: 'over', ending: { kind: 'restored', ...how } };
}
