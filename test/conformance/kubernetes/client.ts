/** Plain requests to an API server, so that nothing a library does stands between the table and the answer. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';

/** Where the API is, and what the table may use there. */
export type Connection = {
  readonly baseUrl: string;
  /** May do everything in the namespace. */
  readonly token: string;
  readonly ca: string;
  readonly namespace: string;
  /** A Deployment with a Service of the same name and pods labelled `app` with it; scaled between 0 and 3. */
  readonly deployment: string;
  /** May get, patch and update the scale of `deployment`, and nothing else of Deployments. Absent: those rows are left out. */
  readonly limitedToken?: string;
  /** Makes the API forget its history. Absent: the rows on 410 are left out. */
  readonly compact?: () => Promise<void>;
  /** Pods take long enough that two evictions come before the first replacement is ready. */
  readonly slowPods?: boolean;
  /** HorizontalPodAutoscalers are looked after, within a few seconds. */
  readonly autoscales?: boolean;
};

/** A name, or a token that was got on the way. */
export type Caller = 'admin' | 'limited' | 'nobody' | 'anonymous' | { readonly token: string };

export type Asked = {
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  /** Of the body; JSON unless said. */
  readonly type?: string;
  readonly accept?: string;
  readonly as?: Caller;
};

// biome-ignore lint/suspicious/noExplicitAny: bodies are whatever the API under test says
export type Body = any;

export type Answer = { readonly code: number; readonly body: Body; readonly headers: IncomingMessage['headers'] };

export type Event = { readonly type: string; readonly object: Body };

export type Client = {
  readonly at: Connection;
  ask(asked: Asked): Promise<Answer>;
  /** Reads events until `enough` says so, or the server ends the watch; resolves with all that came. */
  watch(path: string, enough: (event: Event, all: readonly Event[]) => boolean): Promise<readonly Event[]>;
  close(): void;
};

export function clientOf(at: Connection): Client {
  const agent = new Agent({ ca: at.ca, keepAlive: true });
  const tokens: Readonly<Record<string, string | undefined>> = {
    admin: at.token,
    limited: at.limitedToken,
    nobody: 'not-a-token-of-anybody',
    anonymous: undefined,
  };

  function send(asked: Asked): ClientRequest {
    const caller = asked.as ?? 'admin';
    const token = typeof caller === 'string' ? tokens[caller] : caller.token;
    const { body } = asked;
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const request = httpsRequest(new URL(asked.path, at.baseUrl), {
      agent,
      method: asked.method ?? 'GET',
      headers: {
        accept: asked.accept ?? 'application/json',
        'user-agent': 'conformance/1',
        ...(text === undefined
          ? {}
          : { 'content-type': asked.type ?? 'application/json', 'content-length': Buffer.byteLength(text) }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    });
    request.end(text);
    return request;
  }

  return {
    at,
    async ask(asked) {
      const response = await responseTo(send(asked));
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      const isJson = response.headers['content-type']?.startsWith('application/json') === true;
      return { code: response.statusCode ?? 0, body: isJson ? JSON.parse(text) : text, headers: response.headers };
    },
    async watch(path, enough) {
      const request = send({ path });
      const response = await responseTo(request);
      const events = await eventsOf(response, enough);
      request.destroy();
      return events;
    },
    close: () => agent.destroy(),
  };
}

function responseTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
  });
}

function eventsOf(
  response: IncomingMessage,
  enough: (event: Event, all: readonly Event[]) => boolean,
): Promise<readonly Event[]> {
  return new Promise((resolve) => {
    const events: Event[] = [];
    let unfinished = '';
    response.on('data', (chunk: Buffer) => {
      const lines = (unfinished + chunk.toString()).split('\n');
      unfinished = lines.pop() ?? '';
      for (const line of lines) {
        const event = JSON.parse(line) as Event;
        events.push(event);
        if (enough(event, events)) return resolve(events);
      }
    });
    // The server ended it, or we hung up after the last event that we wanted.
    for (const over of ['close', 'error']) response.on(over, () => resolve(events));
  });
}
