/** How this agent measures round trips: found out once, by asking this machine for one of itself. */
import type { Ending } from '../ending.ts';
import { type Dialect, dialects, type EchoTerms, ping } from './ping.ts';

/** `because`: what `ping` said when it was tried. */
export type Way = { readonly by: 'icmp'; readonly dialect: Dialect } | { readonly by: 'udp'; readonly because: string };

export type Pinger = {
  /** `undefined` when the signal aborts before it is known; then whoever asks next finds out. */
  way(signal: Ending): Promise<Way | undefined>;
  /** Where `ping` is looked for, as in PATH. */
  readonly path: string;
  /** Where requests come from unless a check says so; `null` for what the system chooses. */
  readonly sourceAddress: string | null;
};

export type PingerOptions = Partial<Pick<Pinger, 'path' | 'sourceAddress'>> & {
  /** Called once. */
  readonly onChosen?: (way: Way) => void;
};

const systemPath = '/run/wrappers/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** What can ping at all can ping this, and at once. */
const itself: EchoTerms = { address: '127.0.0.1', payloadBytes: 56, ttl: 64, dontFragment: false, waitSeconds: 1 };

export function pinger({ path = systemPath, sourceAddress = null, onChosen }: PingerOptions = {}): Pinger {
  let chosen: Way | undefined;

  async function tried(signal: Ending): Promise<Way | undefined> {
    let because: string | undefined;
    for (const dialect of dialects) {
      const pinged = await ping(itself, { dialect, path }, signal);
      if (pinged.said === 'answer') return { by: 'icmp', dialect };
      if (pinged.said === 'cut short') return undefined;
      because ??= pinged.words;
    }
    return { by: 'udp', because: because ?? '' };
  }

  return {
    path,
    sourceAddress,
    async way(signal) {
      const found = chosen ?? (await tried(signal));
      if (found !== undefined && chosen === undefined) {
        chosen = found;
        onChosen?.(found);
      }
      return chosen;
    },
  };
}
