"""Writes the table that the statistics are compared with: python -m venv, pip install scipy==1.17.1, then
python test/contract/statistics/table.py > test/contract/statistics/table.json

Each row is [arguments..., value]. Values are SciPy's, as doubles; numbers of samples go from 1 to 10^9.
"""

import itertools
import json
import re

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
