/** A control endpoint at a region's door, name servers or network, which ends what it was told once nobody renews it. */
import type { Clock } from '../contract/clock.ts';
import { DeadlineExceeded, within } from '../contract/deadline.ts';
import { isObject, type Json } from '../contract/json.ts';
import type { Secret } from '../contract/secret.ts';
import { reveal } from '../contract/secret.ts';
import { sentenceOf, Trouble, type TroubleKind } from './trouble.ts';

/** One thing that can be set, as it is. */
export type Setting = {
  /** `door`, `health-route`, `peers/eu-west-1`, `name-server/127.0.0.53:53`. */
  readonly subject: string;
  /** `null`: as it is without any drill. */
  readonly setting: Json;
  /** Whose it is; `null`: nobody's. */
  readonly drill: string | null;
  /** Compare-and-set is on this: every change makes a new one, also the end by itself. */
  readonly version: number;
  /** Whether it ends when its lease does, by the target's own clock. */
  readonly endsByItself: boolean;
};

export type SettingDraft = Pick<Setting, 'setting' | 'drill'> & { readonly leaseMs: number };

/** Each call is one request, has a deadline, and rejects with a `Trouble`. */
export type Switchboard = {
  readonly name: string;
  read(subject: string, signal: AbortSignal): Promise<Setting>;
  /** `false`: it is no longer at that version, and nothing was set. */
  write(at: Setting, to: SettingDraft, signal: AbortSignal): Promise<boolean>;
  /** `false`: it is not that drill's any more: it ended, or somebody else has it. */
  renew(subject: string, drill: string, leaseMs: number, signal: AbortSignal): Promise<boolean>;
};

export type SwitchboardPlace = { readonly region: string; readonly url: string; readonly token: Secret | null };

const callLimitMs = 5_000;
const conflict = 409;

/** The switchboard of a region, over HTTP. */
export function httpSwitchboard({ region, url, token }: SwitchboardPlace, clock: Clock): Switchboard {
  const name = `the switchboard of ${region}`;

  async function call(path: string, body: object | null, signal: AbortSignal) {
    const headers = {
      ...(token === null ? {} : { authorization: `Bearer ${reveal(token)}` }),
      ...(body === null ? {} : { 'content-type': 'application/json' }),
    };
    const init = { headers, ...(body === null ? {} : { method: 'PUT', body: JSON.stringify(body) }) };
    try {
      return await within(clock, callLimitMs, signal, async (inner) => {
        const answer = await fetch(`${url.replace(/\/+$/, '')}${path}`, { ...init, redirect: 'error', signal: inner });
        const text = await answer.text();
        if (!answer.ok && answer.status !== conflict) throw refusal(name, answer.status, text);
        return { status: answer.status, text };
      });
    } catch (error) {
      if (error instanceof Trouble) throw error;
      if (signal.aborted) throw signal.reason;
      const because =
        error instanceof DeadlineExceeded ? `gave no answer within ${callLimitMs / 1_000} s` : 'cannot be reached';
      throw new Trouble('unreachable', `${name} ${because}: ${causeOf(error)}`, { cause: error });
    }
  }

  const pathOf = (subject: string): string => `/settings/${subject.split('/').map(encodeURIComponent).join('/')}`;
  return {
    name,
    async read(subject, signal) {
      const { text } = await call(pathOf(subject), null, signal);
      return settingIn(text, name);
    },
    async write(at, to, signal) {
      const { status } = await call(pathOf(at.subject), { ...to, ifVersion: at.version }, signal);
      return status !== conflict;
    },
    async renew(subject, drill, leaseMs, signal) {
      const { status } = await call(`${pathOf(subject)}/lease`, { drill, leaseMs }, signal);
      return status !== conflict;
    },
  };
}

const kinds: Readonly<Record<number, TroubleKind>> = { 401: 'wrong-input', 403: 'forbidden', 404: 'missing' };

function refusal(name: string, status: number, text: string): Trouble {
  const kind = kinds[status] ?? (status >= 500 ? 'unreachable' : 'rejected');
  return new Trouble(kind, `${name} answered ${status}: ${text.slice(0, 120)}`);
}

function settingIn(text: string, name: string): Setting {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // Told below.
  }
  if (!isSetting(value)) throw new Trouble('rejected', `${name} answered no setting: ${text.slice(0, 80)}`);
  const { subject, setting, drill, version, endsByItself } = value;
  return { subject, setting, drill, version, endsByItself };
}

function isSetting(value: unknown): value is Setting {
  return (
    isObject(value) &&
    typeof value['subject'] === 'string' &&
    'setting' in value &&
    (value['drill'] === null || typeof value['drill'] === 'string') &&
    Number.isSafeInteger(value['version']) &&
    typeof value['endsByItself'] === 'boolean'
  );
}

/** `fetch failed` says nothing; its cause does. */
function causeOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? sentenceOf(error.cause) : sentenceOf(error);
}
