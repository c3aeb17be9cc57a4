/** An Alertmanager as far as senders see it: takes alerts, or answers as it is told to. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Told = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
};
export type Post = {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly alerts: readonly Told[];
};

export type FakeAlertmanager = {
  readonly url: string;
  readonly posts: readonly Post[];
  /** 200 unless set; `hang` never answers. */
  answer: number | 'hang';
  /** Resolves with the first post, past or coming, that holds. */
  seen(holds: (post: Post) => boolean): Promise<Post>;
  close(): Promise<void>;
};

export async function fakeAlertmanager(): Promise<FakeAlertmanager> {
  const posts: Post[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const alerts = JSON.parse(body) as readonly Told[];
      posts.push({ path: `${request.method} ${request.url}`, authorization: request.headers.authorization, alerts });
      if (fake.answer !== 'hang') response.writeHead(fake.answer).end(fake.answer === 200 ? '' : 'as it was told\n');
      server.emit('post');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const fake: FakeAlertmanager = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posts,
    answer: 200,
    async seen(holds) {
      for (;;) {
        const found = posts.find(holds);
        if (found !== undefined) return found;
        await once(server, 'post');
      }
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return fake;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += piece as string;
  return text;
}
