/** SLOs of Sloth as objectives on their way. */
import { joined, marksIn } from '../imports/marks.ts';
import type { NotRead, Translated } from '../imports/translated.ts';
import type { At } from '../parse/reader.ts';
import { type Recognised, recognised } from '../promql/indicator.ts';
import { NotUnderstood } from '../promql/words.ts';
import type { SlothSli, SlothSlo, SlothSpec } from './spec.ts';

export const labelPrefix = 'blackstart_';

/** But for those to be skipped. Sloth's own window is a flag of its command, `30d` without it: a file says none. */
export function translateSloth(
  spec: SlothSpec,
  at: At,
  skip: readonly string[],
  say: (at: At, text: string) => void,
): readonly Translated[] {
  const shared = marksIn(spec.labels, labelPrefix, at.in('labels'));
  if (spec.slo_plugins !== null) say(at.in('slo_plugins'), 'plugins are not run');
  return spec.slos.flatMap((slo, index): Translated | readonly Translated[] => {
    if (skip.includes(slo.name)) return [];
    const place = at.in('slos').in(index);
    sayLeftOut(slo, place, say);
    return {
      name: slo.name,
      index: null,
      home: place.in('name'),
      share: Number((slo.objective / 100).toFixed(9)),
      shareAt: place.in('objective'),
      time: { values: {}, places: {} },
      queries: queriesOf(slo.sli),
      queriesAt: slo.sli.at,
      limitMs: null,
      marks: joined(shared, marksIn(slo.labels, labelPrefix, place.in('labels'))),
      markedBy: `the label ${labelPrefix}`,
    };
  });
}

function queriesOf(sli: SlothSli): Recognised | NotRead {
  switch (sli.kind) {
    case 'events':
      return attempt([sli.error, sli.total], () => recognised({ bad: sli.error, total: sli.total }));
    case 'raw':
      return attempt([sli.query], () => recognised({ share: sli.query, of: 'bad' }));
    case 'plugin':
      return { got: `the plugin ${sli.id}`, why: 'what a plugin asks is not known here' };
  }
}

function attempt(queries: readonly string[], read: () => Recognised): Recognised | NotRead {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    return { got: queries.map((query) => JSON.stringify(query.trim())).join(' of '), why: error.message };
  }
}

function sayLeftOut(slo: SlothSlo, at: At, say: (at: At, text: string) => void): void {
  if (slo.plugins !== null) say(at.in('plugins'), 'plugins are not run');
  if (slo.interval !== null) say(at.in('interval'), 'intervals of rules are not taken over');
  if (!slo.alerting.isOff)
    say(at.in('alerting'), 'names, labels and routes of alerts are not taken over: burn rates of ours alert');
}
