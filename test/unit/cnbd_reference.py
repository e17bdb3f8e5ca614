"""Write test/unit/data/cnbd_reference.csv, to test BG/CNBD-k and MBG/CNBD-k against.

Run by hand with a Python that has mpmath and numpy (Debian: python3-mpmath,
python3-numpy):

    python3 test/unit/cnbd_reference.py > test/unit/data/cnbd_reference.csv

Nothing is said of stages here.  The times between purchases are gamma(k, rate l)
distributed, a density f with survival function S, and everything is a numerical
integral over l and over the time until the next purchase:

- likelihood: the integral over l of prod f(t_i) times S(T - t_x), for equal times
  t_i = t_x / x (less (k-1) sum ln t_i, which the tables leave out), and of the same
  without S for those who dropped out; mpmath, 25 digits;
- future: given l and being alive, the next purchase comes at u with density
  f(s + u) / S(s), s = T - t_x, and the n-th after that by t with the distribution
  function of a gamma(k n, l) variable at t - u.  The probability of more than n
  purchases is the integral over u and over the posterior of l, times E[(1-p)^n];
  Gauss-Legendre rules in extended precision, good to some 13 digits.

Columns: model, k, four parameters, x, t_x, T (empty for a new customer), quantity,
two arguments, value.  Quantities and arguments are those of
btyd_predict_reference.csv, and log_likelihood.
"""
import mpmath as mp
import numpy as np

L = np.longdouble
NODE, WEIGHT = np.polynomial.legendre.leggauss(60)
NODE, WEIGHT = NODE.astype(L), WEIGHT.astype(L)


def rule(lo, hi, panels):
    edge = np.linspace(L(lo), L(hi), panels + 1, dtype=L)
    half = (edge[1:] - edge[:-1]) / 2
    mid = (edge[1:] + edge[:-1]) / 2
    return (mid[:, None] + half[:, None] * NODE).ravel(), (half[:, None] * WEIGHT).ravel()


def surviving(k, z):
    """P(gamma(k, 1) > z), k whole."""
    term = np.exp(-z)
    total = np.zeros_like(z)
    for i in range(k):
        total = total + term
        term = term * z / (i + 1)
    return total


def density(k, l, u):
    return l * np.exp(-l * u + (k - 1) * np.log(np.maximum(l * u, L(1e-300)))) / L(mp.factorial(k - 1))


class Living:
    def __init__(self, k, v, hist, mbg):
        r, alpha, a, b = map(L, v)
        x, t_x, T = map(L, hist) if hist else (L(0), L(0), L(0))
        self.k, self.a, self.b = k, a, b + x + (1 if mbg else 0)
        self.s = T - t_x
        shape = r + k * x
        # over ln l, from where l^shape is negligible
        centre = np.log((shape + 1) / (alpha + t_x))
        top = np.log((shape + 14 * np.sqrt(shape) + 60) / (alpha + t_x))
        y, w = rule(max(centre - 12, centre - 45 / shape - 1), top, 6)
        if 45 / shape + 1 > 12:
            low = rule(centre - 45 / shape - 1, centre - 12, 4)
            y, w = np.concatenate([low[0], y]), np.concatenate([low[1], w])
        self.l = np.exp(y)
        w = w * np.exp(shape * (y - centre) - (alpha + t_x) * (self.l - np.exp(centre)))
        w = w * surviving(k, self.l * self.s)
        self.w = w / w.sum()

    def m(self, n):
        value = L(1)
        for i in range(n):
            value *= (self.b + i) / (self.a + self.b + i)
        return value

    def tails(self, t):
        """P(more than n purchases in t without dropout) for n = 0, 1, ..."""
        k, l, s = self.k, self.l, self.s
        u, w = rule(0, 1, 2)
        reach = np.minimum(t, (k + 90) / l)     # beyond it the density is nothing
        u = u[:, None] * reach
        w = w[:, None] * reach * density(k, l, s + u) * (self.w / surviving(k, l * s))
        z = l * (t - u)
        term = np.exp(-z)
        late = np.zeros_like(z)                 # P(fewer than k n events in z)
        out = []
        while True:
            out.append((w * (1 - late)).sum())
            if out[-1] < 1e-17:
                break
            for i in range(k * (len(out) - 1), k * len(out)):
                late = late + term
                term = term * z / (i + 1)
        return out

    def survival(self, t):
        tail = [L(1)] + self.tails(t)
        return sum(self.m(n) * (tail[n] - tail[n + 1]) for n in range(len(tail) - 1))

    def purchases(self, t):
        return sum(self.m(n) * p for n, p in enumerate(self.tails(t)))

    def variance(self, t):
        tails = self.tails(t)
        mean = sum(self.m(n) * p for n, p in enumerate(tails))
        return sum((2 * n + 1) * self.m(n) * p for n, p in enumerate(tails)) - mean ** 2

    def pmf(self, t, n):
        tails = self.tails(t) + [L(0)] * 8
        at_least = self.m(n - 1) * tails[n - 1] if n > 0 else L(1)
        return at_least - self.m(n) * tails[n]

    def discounted(self, delta, h):
        delta = L(delta)
        k, l, s = self.k, self.l, self.s
        if h == 'inf':
            # discounted next purchase, then one more after each k-fold discount
            y = (l / (l + delta)) ** k
            u, w = rule(0, 1, 40)
            first = np.zeros_like(l)
            for ui, wi in zip(u, w):
                time = ui / (1 - ui) * (k / l)
                first = first + wi * k / l / (1 - ui) ** 2 * \
                    density(k, l, s + time) * np.exp(-delta * time)
            # mean over p of 1 / (1 - (1 - p) y), as the mean of an integral
            # that mpmath has: F(1, b; a + b; y)
            f = np.array([L(mp.nstr(mp.hyp2f1(1, mp.mpf(float(self.b)),
                                              mp.mpf(float(self.a)) + mp.mpf(float(self.b)),
                                              mp.mpf(str(yi))), 20)) for yi in y])
            return (self.w * first / surviving(k, l * s) * f).sum()
        h = L(h)
        t, w = rule(0, h, 1)
        value = np.exp(-delta * h) * self.purchases(h)
        for ti, wi in zip(t, w):
            value += wi * delta * np.exp(-delta * ti) * self.purchases(ti)
        return value


def log_likelihood(k, v, hist, mbg):
    mp.mp.dps = 30
    r, alpha, a, b = map(mp.mpf, v)
    x, t_x, T = map(mp.mpf, hist)
    n = x + 1 if mbg else x
    prior = lambda l: alpha ** r * l ** (r - 1) * mp.exp(-alpha * l) / mp.gamma(r)
    bought = lambda l: (l ** k / mp.factorial(k - 1)) ** x * mp.exp(-l * t_x)
    # decades, and finer about the rate's posterior
    points = {mp.mpf(10) ** e for e in range(-9, 5)}
    for T_at in (t_x, T):
        points |= {(r + k * x) / (alpha + T_at) * c / 10 for c in range(3, 30)}
    points = sorted(points)
    # l = m^(1/r) takes the singularity at 0 away
    change = lambda f: mp.quad(lambda m: f(m ** (1 / r)) * m ** (1 / r - 1) / r,
                               [0] + [p ** r for p in points])
    alive = change(lambda l: prior(l) * bought(l) *
                   mp.gammainc(k, l * (T - t_x), regularized=True))
    value = alive * mp.beta(a, b + n) / mp.beta(a, b)
    if n > 0:
        value += change(lambda l: prior(l) * bought(l)) * \
            mp.beta(a + 1, b + n - 1) / mp.beta(a, b)
    mp.mp.dps = 20
    alive_value = alive * mp.beta(a, b + n) / mp.beta(a, b)
    return mp.log(value), alive_value / value


def emit(model, k, v, hist, quantity, arg1, arg2, value):
    where = ','.join(map(str, hist)) if hist else ',,'
    print('%s,%d,%s,%s,%s,%s,%s,%s' % (model, k, ','.join(map(str, v)), where, quantity,
                                      arg1, arg2, mp.nstr(mp.mpf(str(value)), 17)))


CASES = [
    (2, (1.329, 2.813, .425, .790), [None, (0, 0, 40), (3, 20, 30), (12, 50, 52), (5, 10, 40)]),
    (2, (.227, 1.463, .944, 2.074), [None, (1, 5, 39), (7, 35, 38.857)]),
    (3, (1.303, 1.75, .449, .835), [None, (4, 22, 45), (20, 51, 52)]),
    (5, (2.5, .9, 1, 3), [None, (0, 0, 10), (6, 21, 23)]),
    (12, (3.2, .25, .3, 4), [None, (9, 30, 32.5)]),
]

print('model,k,p1,p2,p3,p4,x,t_x,T,quantity,arg1,arg2,value')
for k, v, hists in CASES:
    for hist in hists:
        for model in ('bg', 'mbg'):
            mbg = model == 'mbg'
            p = L(1)
            if hist:
                ll, p = log_likelihood(k, v, hist, mbg)
                emit(model, k, v, hist, 'log_likelihood', '', '', ll)
                p = L(mp.nstr(p, 20))
            elif mbg:
                p = L(v[3]) / (L(v[2]) + L(v[3]))
            c = Living(k, v, hist, mbg)
            emit(model, k, v, hist, 'p_alive', 0, '', p)
            for t in (1.5, 26):
                emit(model, k, v, hist, 'p_alive', t, '', p * c.survival(L(t)))
                mean = c.purchases(L(t))
                emit(model, k, v, hist, 'purchases', t, '', p * mean)
                emit(model, k, v, hist, 'variance', t, '',
                     p * c.variance(L(t)) + p * (1 - p) * mean ** 2)
                for n in (0, 1, 4):
                    value = p * c.pmf(L(t), n)
                    emit(model, k, v, hist, 'pmf', t, n, value + (1 - p if n == 0 else 0))
            emit(model, k, v, hist, 'discounted', .0027, 'inf', p * c.discounted(.0027, 'inf'))
            if k <= 3 and mbg:
                emit(model, k, v, hist, 'discounted', .0027, 52, p * c.discounted(.0027, 52))
