"""Writes the table that the statistics are compared with. From the root of a checkout, in ten seconds:

    python3 -m venv .venv && .venv/bin/pip install scipy==1.17.1
    .venv/bin/python test/contract/statistics/table.py > test/contract/statistics/table.json

Each row is [arguments..., values...]. Values are SciPy's, as doubles; numbers of samples go from 1 to 10^9.
"""

import itertools
import json
import math
import re

import numpy
from scipy import special, stats

SIZES = [1, 2, 3, 7, 10, 60, 368, 1440, 2995, 8640, 43200, 10**6, 10**7, 10**9]
ALPHAS = [0.05, 0.01, 1e-6]


def inverse(tail, a, b, share):
    """The inverse, polished by Newton's steps on the tail itself: betainccinv alone errs by up to 1e-8 at 10^9 samples."""
    x = (special.betaincinv if tail is special.betainc else special.betainccinv)(a, b, share)
    for _ in range(3):
        slope = stats.beta.pdf(x, a, b) * (1 if tail is special.betainc else -1)
        if slope == 0 or not 0 < x < 1:
            break
        x -= (tail(a, b, x) - share) / slope
    return float(x)


def counts(n):
    wanted = [0, 1, 2, 5, 43, n // 1000, n // 100, n // 10, n // 2, n - n // 10, n - n // 1000, n - 43, n - 1, n]
    return sorted({k for k in wanted if 0 <= k <= n})


def interval():
    for n, alpha in itertools.product(SIZES, ALPHAS):
        for k in counts(n):
            lower = 0.0 if k == 0 else inverse(special.betainc, k, n - k + 1, alpha / 2)
            upper = 1.0 if k == n else inverse(special.betaincc, k + 1, n - k, alpha / 2)
            yield [k, n, alpha, lower, upper]


def tails():
    ratios = [1e-9, 1e-6, 1e-4, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.999999]
    for n, p in itertools.product(SIZES, ratios):
        near = {round(n * p + z * (n * p * (1 - p)) ** 0.5) for z in (-6, -3, -1, 0, 1, 3, 6)}
        for k in sorted(k for k in near | {0, 1, n - 1} if 0 <= k < n):
            at_most = special.betaincc(k + 1, n - k, p)
            at_least = 1.0 if k == 0 else special.betainc(k, n - k + 1, p)
            yield [k, n, p, float(at_most), float(at_least)]


def fractional():
    """Effective numbers of samples are not whole."""
    for n, share, alpha in itertools.product([0.5, 3.3, 28.8, 1440 / 7, 8640.5], [0.01, 0.2, 0.5, 0.99], ALPHAS):
        k = n * share
        lower = inverse(special.betainc, k, n - k + 1, alpha / 2)
        if lower > 1e-290:
            yield [k, n, alpha, lower, inverse(special.betaincc, k + 1, n - k, alpha / 2)]


def normal():
    for z in [-37.0, -20.0, -8.0, -5.0, -3.0, -2.5, -1.96, -1.0, -0.1, 0.0, 0.1, 1.0, 2.4, 2.6, 5.0]:
        yield [z, float(special.ndtr(z))]


def normal_quantile():
    for p in [1e-300, 1e-100, 1e-12, 1e-9, 1e-6, 0.001, 0.025, 0.05, 0.3, 0.5, 0.7, 0.975, 0.999]:
        yield [p, float(special.ndtri(p))]


def student():
    for t, freedom in itertools.product([-40.0, -6.0, -2.0, -0.5, -1e-6, 0.0, 0.7, 3.0], [1, 2, 3, 10, 99, 10**4]):
        yield [t, freedom, float(stats.t.cdf(t, freedom))]


def student_quantile():
    for p, freedom in itertools.product([1e-6, 0.005, 0.025, 0.3, 0.5, 0.6, 0.975, 0.999], [1, 2, 3, 10, 99, 10**4]):
        yield [p, freedom, float(stats.t.ppf(p, freedom))]


def log_gamma():
    for x in [1e-9, 0.01, 0.5, 1.0, 1.5, 2.0, 10.0, 14.9, 15.1, 170.0, 1e4, 1e6, 1e9]:
        yield [x, float(special.gammaln(x))]


def ranks():
    """Of quantiles: the largest l with P(B < l) <= alpha/2 and the smallest u with P(B >= u) <= alpha/2."""
    for n, q, alpha in itertools.product(SIZES, [0.01, 0.5, 0.9, 0.99, 0.999], ALPHAS):
        half = alpha / 2
        if q**n > half or (1 - q) ** n > half:
            yield [n, q, alpha, None, None]
            continue
        lower = int(stats.binom.ppf(half, n, q))
        while lower > 0 and stats.binom.cdf(lower - 1, n, q) > half:
            lower -= 1
        while stats.binom.cdf(lower, n, q) <= half:
            lower += 1
        upper = int(stats.binom.isf(half, n, q))
        while stats.binom.sf(upper - 1, n, q) > half:
            upper += 1
        while upper > 0 and stats.binom.sf(upper - 2, n, q) <= half:
            upper -= 1
        yield [n, q, alpha, lower, upper]


SHAPES = [0.01, 0.3, 1.0, 2.5, 60.0, 2999.0, 3001.0, 1e5, 1e9]


def beta():
    """Both tails, around the mean and far from it."""
    for a, b in itertools.product(SHAPES, SHAPES):
        mean = a / (a + b)
        sd = math.sqrt(mean * (1 - mean) / (a + b + 1))
        for x in sorted({mean + z * sd for z in (-20, -5, -1, 0, 1, 5, 20)} | {1e-6, 0.5, 0.999}):
            if 0 < x < 1:
                yield [x, a, b, float(special.betainc(a, b, x)), float(special.betaincc(a, b, x))]


def beta_quantile():
    """The x of each tail; of two small shapes it lies so near to 0 or 1 that a double does not hold it."""
    for a, b, share in itertools.product(SHAPES[2:], SHAPES[2:], [1e-9, 0.025, 0.5, 0.975]):
        yield [share, a, b, inverse(special.betainc, a, b, share), inverse(special.betaincc, a, b, share)]


def one_sided():
    for n, alpha in itertools.product(SIZES, [0.5, *ALPHAS]):
        for k in counts(n):
            at_least = 0.0 if k == 0 else inverse(special.betainc, k, n - k + 1, alpha)
            at_most = 1.0 if k == n else inverse(special.betaincc, k + 1, n - k, alpha)
            yield [k, n, alpha, at_least, at_most]


def deviance():
    """Not where the two are nearly the same: there SciPy's function loses digits, and ours is there for it."""
    for mean, ratio in itertools.product([1e-6, 0.3, 7.0, 1440.0, 1e9], [0.0, 1e-3, 0.5, 0.9, 0.95, 1.05, 1.11, 2.0, 1e3]):
        yield [mean * ratio, mean, float(special.kl_div(mean * ratio, mean))]


def crowding():
    """Of blocks [good, bad]...: Pearson's chi-squared over its degrees of freedom."""
    blocks = [
        [(100, 0), (100, 0), (60, 40), (100, 0)],
        [(10, 0)] * 5 + [(0, 10)] + [(10, 0)] * 6,
        [(60, 0)] * 5 + [(50, 10)] * 2 + [(60, 0)] * 4,
        [(1439, 1), (1340, 100), (1440, 0), (720, 720)],
    ]
    for some in blocks:
        found = stats.chi2_contingency(numpy.array(some).T, correction=False)
        yield [*itertools.chain(*some), float(found.statistic / found.dof)]


def mean():
    for runs in [[1.0, 2.0], [0.1, 0.1, 0.4], [5.0, 7.5, 6.25, 9.0, 4.0], [1e9, 1e9 + 1, 1e9 + 5]]:
        for alpha in [0.05, 0.01]:
            yield [alpha, *runs, *map(float, stats.t.interval(1 - alpha, len(runs) - 1, numpy.mean(runs), stats.sem(runs)))]


def quantiles():
    for q in [0.01, 0.5, 0.9, 0.99]:
        for runs in [[3.0], [1.0, 2.0], [float(n * n) for n in range(1, 11)], [float(n) for n in range(1, 19)]]:
            yield [q, *runs, float(numpy.quantile(runs, q, method="inverted_cdf"))]


def decided(k, n, target, alpha):
    """Whether Clopper and Pearson's interval of k in n, which need not be whole, lies on one side of the target."""
    at_least = 1.0 if k <= 0 else float(special.betainc(k, n - k + 1, target))
    at_most = 1.0 if k >= n else float(special.betaincc(k + 1, n - k, target))
    return at_least <= alpha / 2 or at_most < alpha / 2


def needed():
    """How many more samples like these decide."""
    cases = [(60, 60), (1440, 1440), (8630, 8640), (8639, 8640), (43178, 43200), (990, 1000), (0, 5), (95, 100)]
    for (good, n), target, effect in itertools.product(cases, [0.9, 0.99, 0.999], [1, 5]):
        if good / n == target:
            continue

        def decides(total):
            return decided(good / n * total / effect, total / effect, target, 0.05)

        low, high = n, n
        while not decides(high):
            low, high = high, high * 2
        while high > low + 1:
            middle = (low + high) // 2
            low, high = (low, middle) if decides(middle) else (middle, high)
        if not decides(n):
            yield [good, n, target, effect, 0.05, high - n]


def quantile_samples():
    for q, alpha in itertools.product([0.01, 0.5, 0.9, 0.95, 0.99, 0.999], ALPHAS):
        n = 1
        while max(stats.binom.pmf(0, n, q), stats.binom.pmf(n, n, q)) > alpha / 2:
            n += 1
        yield [q, alpha, n]


TABLES = {
    "interval": interval,
    "tails": tails,
    "fractional": fractional,
    "normal": normal,
    "normalQuantile": normal_quantile,
    "student": student,
    "studentQuantile": student_quantile,
    "logGamma": log_gamma,
    "ranks": ranks,
    "beta": beta,
    "betaQuantile": beta_quantile,
    "oneSided": one_sided,
    "deviance": deviance,
    "crowding": crowding,
    "mean": mean,
    "quantiles": quantiles,
    "needed": needed,
    "quantileSamples": quantile_samples,
}


def plain(text):
    """1e-06 as 1e-6, the way the repository's formatter has it."""
    return re.sub(r"e([+-]?)0*(\d)", r"e\1\2", text)


def main():
    parts = []
    for name, rows in TABLES.items():
        lines = ",\n".join(f"    {plain(json.dumps(row))}" for row in rows())
        parts.append(f'  "{name}": [\n{lines}\n  ]')
    print("{\n" + ",\n".join(parts) + "\n}")


if __name__ == "__main__":
    main()
