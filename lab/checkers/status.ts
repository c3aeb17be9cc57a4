/** What a checker writes into the status API: free text that begins with `Success:` or `Failure:`. */
import { STATUS_CODES } from 'node:http';

export type Outcome = { readonly good: boolean; readonly status: string };

export function answered(code: number, address: string): Outcome {
  const good = code >= 200 && code < 400;
  const reason = STATUS_CODES[code];
  const text = `HTTP Status Code ${code}${reason === undefined ? '' : `, ${reason}`}. Resolved IP: ${address}`;
  return good ? success(text) : failure(text);
}

export function success(text: string): Outcome {
  return { good: true, status: `Success: ${text}` };
}

export function failure(text: string): Outcome {
  return { good: false, status: `Failure: ${text}` };
}

export const timedOut = failure(
  'Connection timed out. The endpoint or the internet connection is down, or requests are being blocked by your firewall. See https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-router-firewall-rules.html',
);

/** A connection that failed at once, by the system's code for it. */
export function brokenOff(error: Error, address: string): Outcome {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const text = code === 'ECONNREFUSED' ? 'The endpoint refused the connection' : `The connection failed (${code})`;
  return failure(`${text}. Resolved IP: ${address}`);
}
