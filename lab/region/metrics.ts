/** The service's own counters of one region, in the text format 0.0.4. Agents have no part in them. */
export type RegionMetrics = {
  began(): void;
  /** The request that `began` is over without an answer. */
  abandoned(): void;
  answered(request: CountedRequest): void;
  text(): string;
};

export type CountedRequest = {
  readonly code: number;
  /** First label of the Host header; `direct` for an address. */
  readonly entry: string;
  readonly country: string;
  readonly client: 'user' | 'probe';
};

/** Label sets at most: Host headers are the clients' choice. Further ones are counted under entry and country `other`. */
const maxSeries = 1_000;

export function regionMetrics(region: string, missing: ReadonlySet<string>): RegionMetrics {
  const requests = new Map<string, number>();
  let errors = 0;
  let inFlight = 0;

  function count(request: CountedRequest): void {
    const own = labels(region, request);
    const fits = requests.has(own) || requests.size < maxSeries;
    const key = fits ? own : labels(region, { ...request, entry: 'other', country: 'other' });
    requests.set(key, (requests.get(key) ?? 0) + 1);
  }

  return {
    began: () => {
      inFlight += 1;
    },
    abandoned: () => {
      inFlight -= 1;
    },
    answered(request) {
      inFlight -= 1;
      if (request.code >= 500) errors += 1;
      count(request);
    },
    text() {
      const own = `{region="${escaped(region)}"}`;
      const families: readonly Family[] = [
        {
          name: 'agent_region_requests_total',
          type: 'counter',
          help: 'Requests answered, by status code, entry name, country and kind of client.',
          samples: [...requests].map(([key, value]) => `agent_region_requests_total${key} ${value}`),
        },
        {
          name: 'agent_region_errors_total',
          type: 'counter',
          help: 'Requests answered with a status code of 500 or above.',
          samples: [`agent_region_errors_total${own} ${errors}`],
        },
        {
          name: 'agent_region_requests_in_flight',
          type: 'gauge',
          help: 'Requests that have arrived and are not answered yet.',
          samples: [`agent_region_requests_in_flight${own} ${inFlight}`],
        },
      ];
      return families
        .filter(({ name }) => !missing.has(name))
        .map(formatFamily)
        .join('');
    },
  };
}

type Family = {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly string[];
};

function formatFamily({ name, type, help, samples }: Family): string {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples].map((line) => `${line}\n`).join('');
}

function labels(region: string, { code, entry, country, client }: CountedRequest): string {
  const values = { region, code: String(code), entry, country, client };
  return `{${Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
