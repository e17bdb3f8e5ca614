#!/usr/bin/python3
"""Make the reference tables of the unit tests of src/math.

    make_reference.py loglik      > btyd_loglik_reference.csv
    make_reference.py derivatives > btyd_derivatives_reference.csv
    make_reference.py spend       > spend_loglik_reference.csv
    make_reference.py gamma       > gammafn_reference.csv

Needs mpmath; deterministic.  All values come from the models' definitions with
40 digits and more: the Pareto/NBD integral over the time of dropout is done
numerically in the time itself, the Beta functions by ln Gamma, derivatives by
central differences with 60 digits.  Nothing is shared with src/math.
"""

import random
import sys

from mpmath import mp, mpf, exp, log, loggamma, quad, psi, inf

mp.dps = 40


def pareto_terms(r, alpha, s, beta, x, t_x, T):
    """ln of the two terms of the bracket of the likelihood: alive, dropped out."""
    p = r + x
    alive = -p * log(alpha + T) - s * log(beta + T)
    if T == t_x:
        return alive, -inf

    def g(y):
        return -p * log(alpha + y) - (s + 1) * log(beta + y)

    # Pieces over which the logarithm changes little: the integrand is unimodal
    # on the scale ln(m + y), where its steepness is at most p + s + 1.
    m = min(alpha, beta)
    steps = max(1, int(log((m + T) / (m + t_x)) / mpf('0.5')) + 1)
    edges = [(m + t_x) * exp(i * log((m + T) / (m + t_x)) / steps) - m
             for i in range(steps + 1)]
    edges[0], edges[-1] = t_x, T
    top = max(g(e) for e in edges)
    total = mpf(0)
    for a, b in zip(edges[:-1], edges[1:]):
        # halve until the logarithm changes by 20 at most; leave out what
        # is e^-130 of the top
        stack = [(a, b)]
        while stack:
            lo, hi = stack.pop()
            if max(g(lo), g(hi)) - top < -130:
                continue
            if abs(g(lo) - g(hi)) > 20:
                mid = (lo + hi) / 2
                stack += [(lo, mid), (mid, hi)]
                continue
            total += quad(lambda y: exp(g(y) - top), [lo, (lo + hi) / 2, hi])
    return alive, top + log(s * total)


def loglik(kind, v, x, t_x, T):
    """ln likelihood, ln odds of dropout, and the size of the largest term."""
    if kind == 1:
        r, alpha, s, beta = v
        alive, dead = pareto_terms(r, alpha, s, beta, x, t_x, T)
        constant = (loggamma(r + x) - loggamma(r) + r * log(alpha)
                    + s * log(beta))
        top = max(alive, dead)
        bracket = top + log(exp(alive - top) + exp(dead - top))
        size = max(abs(loggamma(r + x) - loggamma(r)),
                   x * abs(log(alpha + t_x)),
                   r * log(1 + t_x / alpha), s * log(1 + t_x / beta))
    else:
        r, alpha, a, b = v
        n = x + 1 if kind == 3 else x

        def log_beta(c, d):
            return loggamma(c) + loggamma(d) - loggamma(c + d)

        alive = log_beta(a, b + n) - log_beta(a, b) - (r + x) * log(alpha + T)
        dead = -inf
        if n > 0:
            dead = (log_beta(a + 1, b + n - 1) - log_beta(a, b)
                    - (r + x) * log(alpha + t_x))
        constant = loggamma(r + x) - loggamma(r) + r * log(alpha)
        top = max(alive, dead)
        bracket = top + log(exp(alive - top) + exp(dead - top))
        size = max(abs(loggamma(r + x) - loggamma(r)),
                   x * abs(log(alpha + t_x)), r * log(1 + t_x / alpha),
                   abs(log_beta(a, b + n) - log_beta(a, b)))
    return constant + bracket, dead - alive, size


def histories(rng):
    """Customers of all kinds, times in one unit."""
    pick = rng.random()
    T = 10 ** rng.uniform(-2, 4)
    if pick < 0.2:
        return 0.0, 0.0, T
    x = float(int(10 ** rng.uniform(0, 3.7)))
    if pick < 0.3:
        return x, T, T
    if pick < 0.45:
        return x, T * (1 - 10 ** rng.uniform(-9, -2)), T
    return x, T * rng.uniform(0.001, 1), T


def points():
    rng = random.Random(20240101)
    fixed = [
        (1, (0.553, 10.578, 0.606, 11.669)), (1, (0.55, 10.0, 0.6, 10.0)),
        (1, (0.553, 10.578, 1.0, 11.669)),
        (1, (10.465, 7.98565181e-3, 3.0516, 2.820)),
        (1, (0.5329, 38.0598, 64.2792, 7721.5264)),
        (1, (1e-8, 1.0, 1e-8, 1.0)), (1, (1e8, 1e8, 1e8, 1e8)),
        (1, (1e-8, 1e8, 2.0, 1e-8)), (1, (0.5, 1e-8, 0.5, 1e8)),
        (1, (0.5, 1e8, 0.5, 1e-8)), (1, (1e7, 2e8, 0.6, 11.0)),
        (1, (0.6, 11.0, 1e7, 2e8)), (1, (0.6, 11.0, 1e-8, 32.0)),
        (2, (0.243, 4.414, 0.793, 2.426)), (2, (0.243, 4.414, 1.0, 2.426)),
        (2, (1e-8, 1.0, 1e-8, 1e-8)), (2, (1e7, 2e8, 1e7, 2e8)),
        (2, (0.5, 4.0, 1e-8, 1.0)), (2, (0.5, 4.0, 1.0, 1e-8)),
        (3, (0.525, 6.183, 0.891, 1.614)), (3, (1e-8, 1.0, 1e-8, 1e-8)),
        (3, (1e7, 2e8, 1e7, 2e8)), (3, (0.5, 4.0, 1e-8, 1.0)),
        (3, (0.5, 4.0, 1.0, 1e-8)),
    ]
    known = [(0.0, 0.0, 38.86), (0.0, 0.0, 1e-3), (1.0, 1.71, 38.86),
             (7.0, 29.43, 38.86), (40.0, 5.0, 6.0), (500.0, 1.0, 37.0),
             (23.0, 39.0, 39.0)]
    for kind, v in fixed:
        for h in known:
            yield kind, v, h
    for i in range(200):
        kind = 1 if i < 140 else 2 + i % 2
        wide = 8 if i % 4 == 0 else 2
        v = tuple(float('%.6g' % 10 ** rng.uniform(-wide, wide))
                  for _ in range(4))
        yield kind, v, histories(rng)


def text(value):
    return 'inf' if value == inf else '-inf' if value == -inf else \
        mp.nstr(value, 20)


def main_loglik():
    print('kind,v0,v1,v2,v3,x,t_x,T,loglik,log_odds_dead,size')
    for kind, v, h in points():
        value = loglik(kind, [mpf(c) for c in v], *[mpf(c) for c in h])
        print(','.join([str(kind)] + ['%.17g' % c for c in v]
                       + ['%.17g' % c for c in h] + [text(c) for c in value]))


def derivatives(f, theta, names):
    """Gradient and upper triangle of the Hessian of f by central differences."""
    h = mpf(10) ** -14
    n = len(theta)

    def at(*moves):
        t = list(theta)
        for i, d in moves:
            t[i] += d * h
        return f(t)

    f0 = at()
    up = [at((i, 1)) for i in range(n)]
    down = [at((i, -1)) for i in range(n)]
    out = [(up[i] - down[i]) / (2 * h) for i in range(n)]
    for i in range(n):
        out.append((up[i] - 2 * f0 + down[i]) / h ** 2)
        for j in range(i + 1, n):
            out.append((at((i, 1), (j, 1)) - at((i, 1), (j, -1))
                        - at((i, -1), (j, 1)) + at((i, -1), (j, -1)))
                       / (4 * h ** 2))
    return out


def main_derivatives():
    mp.dps = 60
    names = 'g0,g1,g2,g3,h00,h01,h02,h03,h11,h12,h13,h22,h23,h33'
    print('kind,v0,v1,v2,v3,x,t_x,T,' + names)
    cases = [
        (1, (0.553, 10.578, 0.606, 11.669), [(0, 0, 38.86), (2, 30.43, 38.86),
                                             (26, 30.86, 31), (5, 39, 39)]),
        (1, (0.8, 30.0, 1.7, 4.0), [(0, 0, 100), (3, 20, 100)]),
        (1, (2.0, 5.0, 0.3, 5.0), [(0, 0, 10), (12, 1, 10)]),
        (1, (10.465, 7.98565181e-3, 3.0516, 2.82), [(50, 1, 37), (0, 0, 3)]),
        (1, (0.5329, 38.0598, 64.2792, 7721.5264), [(20, 140, 145)]),
        (1, (300.0, 1500.0, 0.6, 9.0), [(7, 20, 60)]),
        (1, (0.6, 9.0, 500.0, 25000.0), [(0, 0, 60), (2, 10, 60)]),
        (2, (0.243, 4.414, 0.793, 2.426), [(0, 0, 38.86), (1, 1.71, 38.86),
                                           (26, 30.86, 31)]),
        (2, (90.0, 500.0, 3.0, 7.0), [(1, 5, 30), (80, 10, 30)]),
        (3, (0.525, 6.183, 0.891, 1.614), [(0, 0, 38.86), (1, 1.71, 38.86),
                                           (26, 30.86, 31)]),
    ]
    for kind, v, hs in cases:
        for h in hs:
            hm = [mpf(c) for c in map(float, h)]
            d = derivatives(lambda t: loglik(kind, [exp(c) for c in t], *hm)[0],
                            [log(mpf(c)) for c in v], names)
            print(','.join([str(kind)] + ['%.17g' % c for c in v]
                           + ['%.17g' % c for c in h]
                           + [mp.nstr(c, 17) for c in d]), flush=True)


def main_spend():
    rng = random.Random(7)
    print('p,q,gamma,x,m,loglik')
    cases = [(6.25, 3.74, 15.44, 2, 22.35), (1, 1, 1, 1, 1),
             (6.25, 3.74, 15.44, 5000, 30), (1e6, 1e6, 20, 3, 20.001),
             (1e6, 4, 5e-5, 2, 22), (0.01, 0.02, 3, 1, 1e-3),
             (3, 1e-8, 15, 2, 30), (1e-8, 3, 15, 2, 30)]
    for _ in range(40):
        cases.append((10 ** rng.uniform(-3, 5), 10 ** rng.uniform(-3, 5),
                      10 ** rng.uniform(-4, 6), int(10 ** rng.uniform(0, 3)),
                      10 ** rng.uniform(-2, 4)))
    for case in cases:
        case = tuple(float('%.8g' % c) for c in case)
        p, q, g, x, m = [mpf(c) for c in case]
        # Fader and Hardie 2013, note 025, formula 1a
        value = (loggamma(p * x + q) - loggamma(p * x) - loggamma(q)
                 + q * log(g) + (p * x - 1) * log(m) + p * x * log(x)
                 - (p * x + q) * log(g + m * x))
        print(','.join(['%.17g' % c for c in case] + [mp.nstr(value, 20)]))


def main_gamma():
    print('function,z,n,value')
    args = ['1e-8', '1e-3', '0.3', '1', '1.4616321449683623', '2', '5.5',
            '12.9', '13', '40', '1e4', '1e8']
    for a in args:
        z = mpf(float(a))
        print('digamma,%s,0,%s' % (a, mp.nstr(psi(0, z), 20)))
        print('trigamma,%s,0,%s' % (a, mp.nstr(psi(1, z), 20)))
        print('lgamma,%s,0,%s' % (a, mp.nstr(loggamma(z), 20)))
        for b in ['1e-8', '1e-4', '0.25', '1', '3', '24', '25', '5000', '1e7',
                  '123456.75']:
            n = mpf(float(b))
            mp.dps = 60
            print('lgamma_diff,%s,%s,%s'
                  % (a, b, mp.nstr(loggamma(z + n) - loggamma(z), 20)))
            print('digamma_diff,%s,%s,%s'
                  % (a, b, mp.nstr(psi(0, z + n) - psi(0, z), 20)))
            print('trigamma_diff,%s,%s,%s'
                  % (a, b, mp.nstr(psi(1, z + n) - psi(1, z), 20)))
            mp.dps = 40


if __name__ == '__main__':
    {'loglik': main_loglik, 'derivatives': main_derivatives,
     'spend': main_spend, 'gamma': main_gamma}[sys.argv[1]]()
