#!/usr/bin/python3
"""Reference values for test/sql/clv_predict.sql, computed with mpmath.

Discounted purchases within a horizon, and mean, standard deviation and
quantiles of a customer's discounted value.  Nothing of the extension is used:
probabilities of n purchases are one-dimensional integrals over the time of
dropout (Pareto/NBD) or closed forms (BG/NBD: Fader, Hardie and Lee 2005, eq.
8), discounting is integration by parts over expected purchases, and quantiles
are roots of

    P(S <= s) = P(N = 0) + sum over n of P(N = n) I(s / (g + s); p n, q)

with q and g updated by the customer's spend (Fader and Hardie 2013), scaled by
discounted / undiscounted purchases.
"""
from mpmath import (mp, mpf, quad, beta, betainc, exp, fac, fsum, hyp2f1,
                    log, rf, sqrt)

mp.dps = 20


def nbd(r, alpha, t, n):
    return rf(r, n) / fac(n) * (alpha / (alpha + t)) ** r * (t / (alpha + t)) ** n


class Pareto:
    name = 'pareto/nbd'

    def __init__(self, params, h):
        r, alpha, s, b = map(mpf, params)
        x, t_x, age = map(mpf, h)
        integral = s * quad(lambda y: (alpha + y) ** -(r + x) * (b + y) ** -(s + 1), [t_x, age])
        alive = (alpha + age) ** -(r + x) * (b + age) ** -s
        self.alive = alive / (alive + integral)
        self.p = (r + x, alpha + age, s, b + age)

    def pmf(self, t, n):            # of a customer who is alive
        r, alpha, s, b = self.p
        return (b / (b + t)) ** s * nbd(r, alpha, t, n) + quad(
            lambda u: s / b * (b / (b + u)) ** (s + 1) * nbd(r, alpha, u, n), [0, t / 4, t])

    def mean(self, t):
        r, alpha, s, b = self.p
        return r / alpha * quad(lambda u: (b / (b + u)) ** s, [0, t])


class BG:
    name = 'bg/nbd'

    def __init__(self, params, h, modified=0):
        r, alpha, a, b = map(mpf, params)
        x, t_x, age = map(mpf, h)
        odds = 0
        if x > 0 or modified:
            odds = a / (b + x - 1 + modified) * ((alpha + age) / (alpha + t_x)) ** (r + x)
        self.alive = 1 / (1 + odds)
        self.p = (r + x, alpha + age, a, b + x + modified)

    def pmf(self, t, n):
        r, alpha, a, b = self.p
        total = beta(a, b + n) / beta(a, b) * nbd(r, alpha, t, n)
        if n > 0:
            total += beta(a + 1, b + n - 1) / beta(a, b) * (1 - fsum(nbd(r, alpha, t, j) for j in range(n)))
        return total

    def mean(self, t):
        r, alpha, a, b = self.p
        return (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + t)) ** r
                                        * hyp2f1(r, b, a + b - 1, t / (alpha + t)))


class MBG(BG):
    name = 'mbg/nbd'

    def __init__(self, params, h):
        BG.__init__(self, params, h, 1)


def discounted(m, t, delta):
    return m.alive * (exp(-delta * t) * m.mean(t)
                      + delta * quad(lambda u: exp(-delta * u) * m.mean(u), [0, t]))


def value(m, t, delta, spend, paid, mean_spend, conf):
    p, q, g = map(mpf, spend)
    q += p * paid
    g += mpf(mean_spend) * paid
    probs = [1 - m.alive + m.alive * m.pmf(t, 0)]
    while fsum(probs) < 1 - mpf(10) ** -15:
        probs.append(m.alive * m.pmf(t, len(probs)))
    n1 = m.alive * m.mean(t)
    n2 = fsum(n * n * w for n, w in enumerate(probs))
    shrink = discounted(m, t, delta) / n1
    e1 = g / (q - 1)
    e2 = e1 * g / (q - 2)
    sd = sqrt(e2 * (p * n1 + p * p * n2) - (p * n1 * e1) ** 2)

    def cdf(s):
        return probs[0] + fsum(w * betainc(p * n, q, 0, s / (g + s), regularized=True)
                               for n, w in enumerate(probs) if n > 0)

    def quantile(prob):
        low, high = mpf(0), mpf(10) ** 5
        if probs[0] >= prob:
            return mpf(0)
        while high - low > mpf(10) ** -10 * high:
            mid = (low + high) / 2
            low, high = (low, mid) if cdf(mid) >= prob else (mid, high)
        return high

    tail = (1 - mpf(conf)) / 2
    return (shrink * p * n1 * e1, shrink * sd, shrink * quantile(tail), shrink * quantile(1 - tail))


CDNOW = {Pareto: ('.553', '10.578', '.606', '11.669'), BG: ('.243', '4.414', '.793', '2.426'),
         MBG: ('.525', '6.183', '.891', '1.614')}
SPEND = ('6.25', '3.74', '15.44')

if __name__ == '__main__':
    delta = log(mpf('1.15')) / 52
    for model in (Pareto, BG, MBG):
        for h in (('0', '0', '38.86'), ('2', '30.43', '38.86'), ('26', '30.86', '31')):
            for t in (13, 52, 520):
                print("('%s', %s, %s, %s, %d, %s)," % ((model.name,) + h + (t, mp.nstr(discounted(model(CDNOW[model], h), mpf(t), delta), 13))))
    for model in (Pareto, BG, MBG):
        for h, paid, m in ((('0', '0', '38.86'), 0, 0), (('2', '30.43', '38.86'), 2, '22.35'), (('26', '30.86', '31'), 25, '40')):
            for t, conf in ((52, '.95'), (104, '.5')):
                got = value(model(CDNOW[model], h), mpf(t), delta, SPEND, paid, m, conf)
                print("('%s', %s, %s, %s, %d, %s, %d, %s, %s)," % ((model.name,) + h + (paid, m, t, conf, ', '.join(mp.nstr(v, 12) for v in got))))
