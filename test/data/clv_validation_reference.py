#!/usr/bin/python3
"""Reference values for test/sql/clv_validation.sql, computed with mpmath.

    clv_validation_reference.py cdnow_sample_elog.csv {tracking,classes,purchase,totals}...

Nothing of the extension is used: the formulas are those of
clv_predict_reference.py.  A new customer is one with the history (0, 0, 0).

- Expected repeat purchases by the end of a week: the sum of E[X(t)] over
  customers, t from each one's first day.
- Customers by number of repeat purchases: the sum of P(X(T) = n).
- P(at least one purchase), and the time by which it is reached, a root.
- Totals: means, variances as sums over n, and the delta method's variance with
  derivatives by mpmath's diff.
"""
import csv
import sys
from collections import Counter
from datetime import date
from mpmath import mpf, diff, exp, fsum, log, matrix, nstr, quad, sqrt

import clv_predict_reference as reference

Pareto, BG, MBG, CDNOW = reference.Pareto, reference.BG, reference.MBG, reference.CDNOW
NEW = ('0', '0', '0')


def purchases(model, params, h, t):
    m = model(params, h)
    return m.alive * m.mean(t)


first = {}
with open(sys.argv[1]) as f:
    for row in csv.DictReader(f):
        day = date.fromisoformat(row['date'])
        first[row['sample_id']] = min(day, first.get(row['sample_id'], day))
began = Counter(first.values())
END = date(1997, 9, 30)


def tracking():
    print('-- expected repeat purchases until a day')
    for model in (Pareto, BG, MBG):
        for end in (date(1997, 1, 7), date(1997, 4, 1), date(1997, 9, 30), date(1998, 6, 30)):
            total = fsum(n * purchases(model, CDNOW[model], NEW, mpf((end - day).days) / 7)
                         for day, n in began.items() if day < end)
            print("('%s', '%s', %s)," % (model.name, end, nstr(total, 13)))


def classes():
    print('-- customers by number of repeat purchases')
    for model in (Pareto, BG, MBG):
        m = model(CDNOW[model], NEW)
        for n in range(7):
            total = fsum(w * m.alive * m.pmf(mpf((END - day).days) / 7, n) + (w * (1 - m.alive) if n == 0 else 0)
                         for day, w in began.items())
            print("('%s', %d, %s)," % (model.name, n, nstr(total, 13)))


def purchase():
    print('-- at least one purchase in 13; when that is as likely as not')
    for model in (Pareto, BG, MBG):
        for h in (('0', '0', '38.86'), ('2', '30.43', '38.86'), ('26', '30.86', '31')):
            m = model(CDNOW[model], h)

            def p(t):
                return m.alive * (1 - m.pmf(t, 0))
            median = 'NULL'
            if p(mpf(10) ** 6) > mpf(1) / 2:
                lo, hi = mpf(0), mpf(10) ** 3
                while hi - lo > mpf(10) ** -15 * hi:
                    mid = (lo + hi) / 2
                    lo, hi = (mid, hi) if p(mid) < mpf(1) / 2 else (lo, mid)
                median = nstr(hi, 13)
            print("('%s', %s, %s, %s)," % (model.name, ', '.join(h), nstr(p(mpf(13)), 13), median))


HISTORIES = ((('0', '0', '38.86'), 0, '0'), (('2', '30.43', '38.86'), 2, '22.35'), (('2', '30.43', '38.86'), 1, '60'),
             (('7', '29.43', '38.86'), 7, '73.74'), (('1', '1.71', '38.86'), 0, '0'))
# lower triangles by rows, on the natural scale
COVARIANCE = {
    Pareto: '0.002268 0.032983 0.710181 -0.003154 -0.026926 0.035074 -0.140686 -1.205963 1.130156 38.577932'.split(),
    BG: '0.000158 0.003706 0.143053 -0.000088 -0.002866 0.034497 0.000066 0.010523 0.123218 0.497609'.split(),
    MBG: '0.006934 0.048478 0.483888 -0.007508 -0.053208 0.023960 -0.037571 -0.236108 0.073804 0.288901'.split()}
SPEND = ('6.25', '3.74', '15.44')
SPEND_COVARIANCE = '1.416232 -0.231962 0.084177 -4.802947 0.991972 17.300798'.split()
T = mpf(26)
DELTA = log(mpf('1.1')) / 52


def full(triangle):
    n = {10: 4, 6: 3}[len(triangle)]
    m, k = matrix(n, n), 0
    for i in range(n):
        for j in range(i + 1):
            m[i, j] = m[j, i] = mpf(triangle[k])
            k += 1
    return m


def quadratic(f, params, triangle):
    g = [diff(lambda v, i=i: f([v if j == i else q for j, q in enumerate(params)]), params[i])
         for i in range(len(params))]
    c = full(triangle)
    return fsum(g[i] * c[i, j] * g[j] for i in range(len(g)) for j in range(len(g)))


def spend_mean(spend, paid, m):
    p, q, g = spend
    return p * (g + paid * mpf(m)) / (p * paid + q - 1)


def discounted(m):
    """The integral of exp(-delta t) dE[X(t)], which Pareto/NBD has as it stands."""
    if m.name != 'pareto/nbd':
        return reference.discounted(m, T, DELTA)
    r, alpha, s, b = m.p
    return m.alive * r / alpha * quad(lambda u: exp(-DELTA * u) * (b / (b + u)) ** s, [0, T])


def worth(model, params, spend):
    return fsum(discounted(model(params, h)) * spend_mean(spend, paid, m)
                for h, paid, m in HISTORIES)


def totals():
    print('-- totals: model, purchases in 26 weeks, their standard deviation with and without the covariance, value likewise')
    spend = [mpf(v) for v in SPEND]
    for model in (Pareto, BG, MBG):
        params = [mpf(v) for v in CDNOW[model]]
        mean = variance = value_variance = mpf(0)
        for h, paid, m in HISTORIES:
            c = model(params, h)
            n1 = c.alive * c.mean(T)
            n2, left, n = mpf(0), 1 - (1 - c.alive + c.alive * c.pmf(T, 0)), 1
            while left > mpf(10) ** -16:
                w = c.alive * c.pmf(T, n)
                n2 += n * n * w
                left -= w
                n += 1
            p, q, g = spend[0], spend[1] + spend[0] * paid, spend[2] + paid * mpf(m)
            e1 = g / (q - 1)
            e2 = e1 * g / (q - 2)
            shrink = discounted(c) / n1
            mean += n1
            variance += n2 - n1 * n1
            value_variance += shrink ** 2 * (e2 * (p * n1 + p * p * n2) - (p * n1 * e1) ** 2)
        of_params = quadratic(lambda v: fsum(purchases(model, v, h, T) for h, _, _ in HISTORIES), params, COVARIANCE[model])
        value = worth(model, params, spend)
        value_params = (quadratic(lambda v: worth(model, v, spend), params, COVARIANCE[model])
                        + quadratic(lambda v: worth(model, params, v), spend, SPEND_COVARIANCE))
        print("('%s', %s)," % (model.name, ', '.join(nstr(v, 11) for v in (
            mean, sqrt(variance), sqrt(variance + of_params), value, sqrt(value_variance), sqrt(value_variance + value_params)))))


for section in sys.argv[2:]:
    globals()[section]()
