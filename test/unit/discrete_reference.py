#!/usr/bin/python3
"""Reference values for the models of discrete opportunities and contracts.

    test/unit/discrete_reference.py bgbb > test/unit/data/bgbb_reference.csv
    test/unit/discrete_reference.py contract > test/unit/data/contract_reference.csv
    test/unit/discrete_reference.py far > test/unit/data/contract_far_reference.csv

With mpmath, 40 digits and more, from the closed forms of the papers (Fader,
Hardie, Shang 2010; Fader, Hardie 2007 and 2010; Fader et al. 2018) or from the
definition, which is not how src/math computes: there, ratios of neighbouring
terms, means over a beta distribution, and an integral of the tail.  Derivatives
are numerical ones of the log-likelihood at 60 digits.
"""
import itertools
import random
import sys

import mpmath as mp
from mpmath import mpf


def beta(a, b):
    return mp.exp(mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b))


# --------------------------------------------------------------------- BG/BB

def bgbb_likelihood(v, x, t_x, n):
    """Formula 5."""
    al, be, ga, de = v
    value = beta(al + x, be + n - x) * beta(ga, de + n)
    for i in range(int(n - t_x)):
        value += beta(al + x, be + t_x - x + i) * beta(ga + 1, de + t_x + i)
    return value / beta(al, be) / beta(ga, de)


def bgbb_p_alive(v, x, t_x, n, t):
    """Formula 11 for t = 1; alive at opportunity n + t."""
    al, be, ga, de = v
    return beta(al + x, be + n - x) * beta(ga, de + n + t) / beta(al, be) / beta(ga, de) \
        / bgbb_likelihood(v, x, t_x, n)


def bgbb_expected(v, x, t_x, n, t):
    """Formula 13, with gamma = 1 as its limit."""
    al, be, ga, de = v
    if ga == 1:
        ga += mpf(10) ** -30
    value = beta(al + x + 1, be + n - x) / beta(al, be) * de / (ga - 1) \
        * mp.gamma(ga + de) / mp.gamma(1 + de) \
        * (mp.gammaprod([1 + de + n], [ga + de + n])
           - mp.gammaprod([1 + de + n + t], [ga + de + n + t]))
    return value / bgbb_likelihood(v, x, t_x, n)


def bgbb_pmf(v, x, t_x, n, t, k):
    """Formulas 7 and 12, by the customer's updated parameters."""
    al, be, ga, de = v
    u = (al + x, be + n - x, ga, de + n)
    alive = bgbb_p_alive(v, x, t_x, n, 0)

    def part(i, more):
        return mp.binomial(i, k) * beta(u[0] + k, u[1] + i - k) / beta(u[0], u[1]) \
            * beta(u[2] + more, u[3] + i) / beta(u[2], u[3])
    value = part(t, 0) + sum((part(i, 1) for i in range(k, t)), mpf(0)) if k <= t else mpf(0)
    return alive * value + (1 - alive if k == 0 else 0)


def bgbb_variance(v, x, t_x, n, t):
    pmf = [bgbb_pmf(v, x, t_x, n, t, k) for k in range(t + 1)]
    mean = sum(k * p for k, p in enumerate(pmf))
    return sum((k - mean) ** 2 * p for k, p in enumerate(pmf))


def bgbb_discounted(v, x, t_x, n, delta, horizon):
    """Formula 14 (a hypergeometric function), or the sum of finitely many."""
    al, be, ga, de = v
    d = mp.expm1(delta)
    if horizon == 'inf':
        value = beta(al + x + 1, be + n - x) / beta(al, be) \
            * beta(ga, de + n) / beta(ga, de) / (1 + d) \
            * beta_geometric(ga, de + n, delta)
    else:
        value = beta(al + x + 1, be + n - x) / beta(al, be) \
            * sum(beta(ga, de + n + j) / beta(ga, de) / (1 + d) ** j
                  for j in range(1, horizon + 1))
    return value / bgbb_likelihood(v, x, t_x, n)


def beta_geometric(a, b, delta):
    """The sum of B(a, b+j) / B(a, b) e^(-delta (j-1)), j from 1 on."""
    if a < 1000:
        return b / (a + b) * mp.hyp2f1(1, b + 1, a + b + 1, mp.exp(-delta))
    # the series converges too slowly for mpmath
    term, total, j = mp.exp(delta), mpf(0), 0
    while j < 60 / delta and term > total * mpf(10) ** -30:
        term *= (b + j) / (a + b + j) * mp.exp(-delta)
        total += term
        j += 1
    return total


def logs(v):
    return [mp.log(mpf(repr(p))) for p in v]


def derivatives(log_likelihood, theta):
    """Gradient and upper triangle of the Hessian."""
    n = len(theta)
    result = []
    f = lambda *t: log_likelihood(tuple(mp.exp(p) for p in t))
    for i in range(n):
        order = [0] * n
        order[i] = 1
        result.append(mp.diff(f, tuple(theta), tuple(order)))
    for i, j in itertools.combinations_with_replacement(range(n), 2):
        order = [0] * n
        order[i] += 1
        order[j] += 1
        result.append(mp.diff(f, tuple(theta), tuple(order)))
    return result


def emit(kind, v, history, quantity, args, value):
    print(','.join([kind] + [repr(p) for p in v] + [''] * (4 - len(v))
                   + [str(h) for h in history] + [quantity]
                   + [str(a) for a in args] + [''] * (2 - len(args))
                   + [mp.nstr(x, 20) for x in (value if isinstance(value, list) else [value])]))


def bgbb_rows():
    random.seed(20100601)
    sets = [(1.204, .750, .657, 2.783), (.66, 5.19, 173.76, 1882.93),
            (1.0, 1.0, 1.0, 1.0), (.5, 2.0, 2.0, 30.0), (1e-6, 1.0, 1e-6, 1.0),
            (1e7, 3e7, .7, 2.0), (.3, .2, 1e6, 9e6), (2.0, 1e-7, 1e-7, 3e-7),
            (30.0, 400.0, .01, .02)]
    for _ in range(5):
        sets.append(tuple(float('%.4g' % 10 ** random.uniform(-2, 2)) for _ in range(4)))
    histories = [(0, 0, 6), (6, 6, 6), (2, 4, 6), (1, 1, 6), (3, 20, 60), (30, 40, 40),
                 (0, 0, 150), (0, 0, 0)]
    for v in sets:
        w = tuple(mpf(repr(p)) for p in v)
        for h in histories:
            mp.mp.dps = 60
            emit('bgbb', v, h, 'loglik', [], mp.log(bgbb_likelihood(w, *h)))
            emit('bgbb', v, h, 'derivatives', [],
                 derivatives(lambda p: mp.log(bgbb_likelihood(p, *h)), logs(v)))
            for t in (0, 1, 12):
                emit('bgbb', v, h, 'p_alive', [t], bgbb_p_alive(w, *h, t))
            for t in (1, 5, 500, 5000):
                emit('bgbb', v, h, 'purchases', [t], bgbb_expected(w, *h, t))
            for t, k in ((5, 0), (5, 2), (5, 5), (5, 6), (40, 1), (40, 25)):
                emit('bgbb', v, h, 'pmf', [t, k], bgbb_pmf(w, *h, t, k))
            emit('bgbb', v, h, 'variance', [12], bgbb_variance(w, *h, 12))
            for delta, horizon in ((0.09531017980432493, 'inf'), (.001, 'inf'), (.05, 10),
                                   (1.0, 'inf'), (1e-4, 3000)):
                emit('bgbb', v, h, 'discounted', [delta, horizon],
                     bgbb_discounted(w, *h, mpf(delta), horizon))


# ----------------------------------------------------------------- contracts

def survival(v, t):
    c = v[2] if len(v) > 2 else mpf(1)
    u = mpf(t) ** c if t else mpf(0)
    return beta(v[0], v[1] + u) / beta(v[0], v[1])


def contract_likelihood(v, renewals, churned):
    if churned:
        return survival(v, renewals) - survival(v, renewals + 1)
    return survival(v, renewals)


def lifetime(v, renewals, delta, horizon):
    """From just before the next renewal: Fader and Hardie 2010, formula 6."""
    d = mp.expm1(delta)
    if len(v) == 2 and horizon == 'inf':
        al, be = v[0], v[1] + renewals
        if delta == 0:
            return be / (al - 1) if al > 1 else mp.inf
        return beta_geometric(al, be, delta)
    s = survival(v, renewals)
    if horizon != 'inf':
        return sum(survival(v, renewals + j) / s / (1 + d) ** (j - 1)
                   for j in range(1, horizon + 1))
    if delta > 0:
        # far enough that the rest is below 1e-25
        last = int(60 / delta)
        return sum(survival(v, renewals + j) / s * mp.exp(-delta * (j - 1))
                   for j in range(1, last))
    # a power law in the end: the Euler-Maclaurin formula after 3000 terms
    n = 3000
    f = lambda j: survival(v, renewals + j) / s
    return sum(f(j) for j in range(1, n)) + mp.quad(lambda y: f(n * mp.exp(y)) * n * mp.exp(y),
                                                    [0, 1, 2, 4, 8, 16, 32, 64, 100]) \
        + f(n) / 2 - mp.diff(f, n) / 12 + mp.diff(f, n, 3) / 720


def contract_rows():
    sets = [(.704, 1.182), (.668, 3.806), (1.0, 1.0), (1e-6, 1.0), (3e6, 1.2e7), (2.5, .01),
            (40.0, 300.0), (1e-7, 2e-7)]
    sets += [(.7, 1.2, 1.0), (.26, 1.72, 1.58), (2.0, 10.0, .5), (.5, .5, 3.0), (8e5, 4e6, .8),
             (3.0, 20.0, .1), (1e-5, 2e-5, 40.0)]
    for v in sets:
        w = tuple(mpf(repr(p)) for p in v)
        kind = 'sbg' if len(v) == 2 else 'bdw'
        for renewals in (0, 1, 2, 7, 40, 500):
            for churned in (0, 1):
                # ln Gamma(500^40) has 110 digits before the point
                mp.mp.dps = 80 if v[-1] < 10 or kind == 'sbg' else 320
                value = contract_likelihood(w, renewals, churned)
                if value < mpf(10) ** -250:
                    continue
                h = (renewals, renewals, renewals + churned)
                emit(kind, v, h, 'loglik', [], mp.log(value))
                emit(kind, v, h, 'derivatives', [],
                     derivatives(lambda p: mp.log(contract_likelihood(p, renewals, churned)),
                                 logs(v)))
        mp.mp.dps = 40 if v[-1] < 10 or kind == 'sbg' else 320
        for renewals in (0, 6):
            if survival(w, renewals + 1) < mpf(10) ** -200:
                continue
            for delta, horizon in ((.09531017980432493, 'inf'), (.008, 'inf'), (.05, 7),
                                   (0, 3000), (.001, 2000)):
                if kind == 'bdw' and horizon == 3000 and v[2] != .5:
                    continue
                emit(kind, v, (renewals, renewals, renewals), 'lifetime', [delta, horizon],
                     lifetime(w, renewals, mpf(delta), horizon))
    for v in ((2.5, 3.0), (1.5, 40.0)):
        w = tuple(map(mpf, v))
        emit('sbg', v, (3, 3, 3), 'lifetime', [0, 'inf'], lifetime(w, 3, 0, 'inf'))
    emit('sbg', (.8, 40.0), (3, 3, 3), 'lifetime', [0, 'inf'], mp.inf)
    emit('bdw', (.8, 40.0, 1.2), (3, 3, 3), 'lifetime', [0, 'inf'], mp.inf)
    for v in ((2.5, 3.0, 1.0), (2.0, 3.0, 1.5), (5.0, 20.0, .6)):
        w = tuple(map(mpf, v))
        value = lifetime(w, 3, 0, 'inf') if v[2] != 1 else lifetime(w[:2], 3, 0, 'inf')
        emit('bdw', v, (3, 3, 3), 'lifetime', [0, 'inf'], value)


# BdW where u = t^c is beyond all numbers while many customers are still there,
# where survival falls at a late time, and where alpha and beta are so large that
# lifetimes are all but geometric.

def gamma_ratio(z, a):
    """Gamma(z) / Gamma(z + a); for a large z by formula 5.11.13 of the DLMF."""
    if z > mpf(10) ** 40 * (1 + a) ** 2:
        return z ** -a * (1 - a * (a - 1) / (2 * z))
    with mp.extradps(int(mp.log10(z + a + 10)) + 10):
        return mp.exp(mp.loggamma(z) - mp.loggamma(z + a))


def far_survival(v, t):
    a, b, c = v
    u = mpf(t) ** c if t else mpf(0)
    return gamma_ratio(b + u, a) / gamma_ratio(b, a)


def far_lifetime(v, renewals, delta, horizon):
    """The sum, and where it has no end and c is large, zeta for its power law."""
    a, b, c = v
    s = far_survival(v, renewals)
    last = horizon
    if horizon == 'inf' and delta > 0:
        last = int(60 / delta)
    elif horizon == 'inf' and c > 20 and a * c < 20:
        # (elsewhere terms fall fast, and mpmath's zeta is not exact)
        last = int(mp.exp((80 + mp.log(1 + b) + 2 * mp.log(1 + a)) / c)) + 1
    total, j = mpf(0), 1
    while last == 'inf' or j <= last:
        term = far_survival(v, renewals + j) / s * mp.exp(-delta * (j - 1))
        total += term
        if term < total * mpf(10) ** -40:
            return total
        j += 1
    if horizon == 'inf' and delta == 0:
        t = mpf(renewals) + last
        total += far_survival(v, t) / s * t ** (a * c) * mp.zeta(a * c, t + 1)
    return total


def far_rows():
    mp.mp.dps = 60
    sets = [(.01, 1.5, 110.0), (1e-3, .5, 3000.0), (1e-5, 2.0, 2e5), (.02, 1e8, 120.0),
            (3e-4, 1e-6, 4e3), (1e-8, 3.0, 1e4), (2.0, 4.0, 1e3), (3.0, 1e250, 100.0),
            (2.0, 1e300, 105.0), (5.0, 1e300, 110.0), (.5, 1e308, 130.0), (60.0, 1e290, 300.0),
            (.2, 1e306, 255.0), (1e6, 2e8, 1.01), (1e5, 3e7, .99), (1e6, 1e11, 1.6), (1e7, 5e7, .3)]
    for v in sets:
        w = tuple(mpf(repr(p)) for p in v)
        for renewals in (0, 1, 12, 900):
            h = (renewals, renewals, renewals)
            if far_survival(w, renewals + 1) < mpf(10) ** -200:
                continue
            for t in (1, 30, 4000, 10 ** 9):
                value = far_survival(w, renewals + t) / far_survival(w, renewals)
                if value < mpf(10) ** -200 or value > 1 - mpf(10) ** -35:
                    continue
                f = lambda *p: mp.log(far_survival(p, renewals + t) / far_survival(p, renewals))
                # a relative step: beta may be 1e300
                slopes = [mp.diff(lambda e: f(*[w[k] * (mp.exp(e) if k == i else 1) for k in range(3)]), 0)
                          / w[i] for i in range(3)]
                emit('bdw', v, h, 'survival', [t], [mp.log(value)] + slopes)
            for delta, horizon in ((.09531017980432493, 'inf'), (.008, 'inf'), (0, 'inf'), (0, 700),
                                   (0, 1500), (1e-3, 3000)):
                if delta == 0 and horizon == 'inf' and v[0] * v[2] <= 1:
                    continue
                # (the plain sum is too long where c is small)
                if horizon == 'inf' and v[2] < .9:
                    continue
                emit('bdw', v, h, 'lifetime', [delta, horizon], far_lifetime(w, renewals, mpf(delta), horizon))


print('# Written by test/unit/discrete_reference.py, which says from what formulas.')
print('model,p1,p2,p3,p4,x,t_x,T,quantity,arg1,arg2,value...')
mp.mp.dps = 60
{'bgbb': bgbb_rows, 'contract': contract_rows, 'far': far_rows}[sys.argv[1]]()
