#!/usr/bin/python3
"""Makes clv_covariates.csv, and the expected values of test/sql/clv_covariates.sql
and clv_priors.sql.

Customers are simulated from the Pareto/NBD model with covariates.  The maxima
are found with other means than the extension's: likelihoods from the models'
definitions (the dropout integral by a 50-point Gauss-Legendre rule on ln(1 + y),
gamma functions as products), derivatives by differences of fourth order, Newton's
method on those from two starts, its last steps in extended precision (80 bits),
and a look around that finds nothing better.

    python3 clv_covariates.py data > clv_covariates.csv
    python3 clv_covariates.py      # prints the expected values
"""
import sys
import numpy as np

L = np.longdouble
NODES, WEIGHTS = np.polynomial.legendre.leggauss(50)
# one Newton step on the Legendre polynomial makes the nodes good to 80 bits
n = L(len(NODES))
z = NODES.astype(L)
for _ in range(3):
    p0, p1 = np.ones_like(z), z.copy()
    for k in range(2, len(NODES) + 1):
        p0, p1 = p1, ((2 * k - 1) * z * p1 - (k - 1) * p0) / k
    d = n * (z * p1 - p0) / (z * z - 1)
    z = z - p1 / d
NODES = z
WEIGHTS = 2 / ((1 - z * z) * d * d)


def simulate():
    rng = np.random.default_rng(20261121)
    rows = []
    for i in range(400):
        c = (int(rng.random() < 0.4), round(float(rng.normal(3, 1)), 1),
             int(rng.random() < 0.5))
        lam = rng.gamma(0.8) / (2 * np.exp(-(0.7 * c[0] - 0.3 * c[1])))
        mu = rng.gamma(0.5) / (5 * np.exp(-(-0.6 * c[0] + 0.25 * c[1])))
        T = int(rng.integers(150, 365)) / 7
        end = min(T, rng.exponential(1 / mu))
        x, t = 0, 0.0
        last = 0.0
        while True:
            t += rng.exponential(1 / lam)
            day = np.ceil(t * 7) / 7
            if t > end or day > T:
                break
            if day > last:
                x, last = x + 1, day
        rows.append((x, round(last * 7), round(T * 7)) + c)
    return rows


def load():
    import os
    name = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'clv_covariates.csv')
    a = np.loadtxt(name, delimiter=',', skiprows=1)
    a = a.astype(L)
    return a[:, 0], a[:, 1] / 7, a[:, 2] / 7, a[:, 3:]


def log_rising(z, n):
    """ln Gamma(z + n) - ln Gamma(z) for arrays z, n"""
    out = np.zeros(len(n), dtype=z.dtype)
    for j in range(int(n.max())):
        more = n > j
        out[more] += np.log(z[more] + j)
    return out


def ll_pareto(r, alpha, s, beta, x, tx, T):
    # L = Gamma(r+x)/Gamma(r) alpha^r beta^s [ (alpha+T)^-(r+x) (beta+T)^-s
    #     + s int_tx^T (alpha+y)^-(r+x) (beta+y)^-(s+1) dy ], y = e^w - 1
    p = r + x
    ref = -p * np.log(alpha + tx) - s * np.log(beta + tx)
    alive = np.exp(-p * np.log(alpha + T) - s * np.log(beta + T) - ref)
    lo, hi = np.log1p(tx), np.log1p(T)
    nodes, weights = NODES.astype(r.dtype), WEIGHTS.astype(r.dtype)
    w = lo[:, None] + (hi - lo)[:, None] * (nodes[None, :] + 1) / 2
    y = np.expm1(w)
    f = np.exp(-p[:, None] * np.log(alpha[:, None] + y)
               - (s[:, None] + 1) * np.log(beta[:, None] + y) - ref[:, None] + w)
    integral = (f * weights[None, :]).sum(1) * (hi - lo) / 2
    return (log_rising(r, x) + r * np.log(alpha) + s * np.log(beta) + ref
            + np.log(alive + s * integral))


def ll_bg(r, alpha, a, b, x, tx, T, modified):
    p = r + x
    n = x + 1 if modified else x
    out = log_rising(r, x) + r * np.log(alpha) + log_rising(b, n) - log_rising(a + b, n)
    alive = -p * np.log(alpha + T)
    dead = np.where(n > 0, np.log(a) - np.log(np.where(n > 0, b + n - 1, 1))
                    - p * np.log(alpha + tx), -np.inf)
    return out + alive + np.log1p(np.exp(dead - alive))


def make(model, data, purchase, dropout, ridge=(0, 0), prior=None):
    """The penalised log-likelihood of (ln parameters, coefficients)."""
    k = 4 + max([i for i in purchase + dropout if i is not None], default=-1) + 1

    def parts(theta):
        x, tx, T, c = [a.astype(theta.dtype) for a in data]
        P = np.zeros(len(x), dtype=theta.dtype)
        Q = np.zeros(len(x), dtype=theta.dtype)
        for j in range(c.shape[1] if len(purchase) else 0):
            if purchase[j] is not None:
                P += theta[4 + purchase[j]] * c[:, j]
            if dropout[j] is not None:
                Q += theta[4 + dropout[j]] * c[:, j]
        one = np.ones(len(x), dtype=theta.dtype)
        v = np.exp(theta[:4])
        if model == 'pareto/nbd':
            ll = ll_pareto(v[0] * one, v[1] * np.exp(-P), v[2] * one, v[3] * np.exp(-Q), x, tx, T)
        else:
            ll = ll_bg(v[0] * one, v[1] * np.exp(-P), v[2] * np.exp(Q), v[3] * np.exp(Q),
                       x, tx, T, model == 'mbg/nbd')
        penalty = theta.dtype.type(0)
        for j in range(len(purchase)):
            if purchase[j] is not None:
                penalty += ridge[0] * theta[4 + purchase[j]] ** 2
            if dropout[j] is not None:
                penalty += ridge[1] * theta[4 + dropout[j]] ** 2
        if prior is not None:
            penalty += (((theta[:4] - prior[0]) / prior[1]) ** 2).sum() / 2
        return ll.sum(), penalty
    return k, parts


FOURTH = ((1, 8), (-1, -8), (2, -1), (-2, 1))     # times f, over 12 h


def gradient(f, t, h):
    g = np.zeros(len(t), dtype=t.dtype)
    for i in range(len(t)):
        e = np.zeros(len(t), dtype=t.dtype)
        e[i] = h
        g[i] = sum(w * f(t + k * e) for k, w in FOURTH) / (12 * h)
    return g


def hessian(f, t, h, rule=FOURTH, scale=12):
    k = len(t)
    H = np.zeros((k, k))
    for i in range(k):
        for j in range(i, k):
            ei, ej = np.zeros(k), np.zeros(k)
            ei[i] = ej[j] = h
            H[i][j] = H[j][i] = sum(v * w * f(t + a * ei + b * ej)
                                    for a, v in rule for b, w in rule) / (scale * h) ** 2
    return H


def maximise(k, parts, start):
    f = lambda t: parts(t)[0] - parts(t)[1]
    t = np.array(list(start) + [0.0] * (k - 4))
    value = f(t)
    for it in range(60):
        g = gradient(f, t, 1e-3)
        H = hessian(f, t, 1e-2, ((1, 1), (-1, -1)), 2)
        vals, vecs = np.linalg.eigh(-H)
        step = vecs @ ((vecs.T @ g) / np.maximum(np.abs(vals), 1e-3))
        if np.abs(step).max() > 1:
            step /= np.abs(step).max()
        while not f(t + step) >= value - 1e-9 and np.abs(step).max() > 1e-9:
            step /= 2
        t = t + step
        value = f(t)
        if np.abs(step).max() < 1e-6:
            break
    H = hessian(f, t, 2e-2)
    t = t.astype(L)
    for it in range(3):
        step = np.linalg.solve(-H, gradient(f, t, L('1e-3')).astype(float))
        t = t + step
    assert np.abs(step).max() < 1e-9
    for i in range(k):                       # nothing better around
        for d in (0.01, 0.1, 0.5, 2, -0.01, -0.1, -0.5, -2):
            e = np.zeros(k)
            e[i] = d
            assert f(t + e) < f(t), (i, d)
    return t, np.linalg.inv(-H), parts(t)


def report(label, model, data, purchase=(), dropout=(), ridge=(0, 0), prior=None):
    k, parts = make(model, data, list(purchase), list(dropout), ridge, prior)
    best = None
    for start in ([-0.5, 2, -0.3, 2.5], [0.3, 3, 0.5, 4]) if model == 'pareto/nbd' else \
            ([-1, 1.5, -0.3, 0.9], [0.3, 3, -1, 0.5]):
        t, cov, (ll, penalty) = maximise(k, parts, start)
        if best is None or ll - penalty > best[2]:
            best = (t, cov, ll - penalty, ll)
    t, cov, _, ll = best
    scale = np.array([float(np.exp(v)) for v in t[:4]] + [1.0] * (k - 4))
    est = [float(np.exp(v)) for v in t[:4]] + [float(v) for v in t[4:]]
    se = np.sqrt(np.diag(cov)) * scale
    print("    ('%s', '%s', '{%s}', '{%s}', %.12g)," % (
        label, model, ','.join('%.10g' % v for v in est),
        ','.join('%.8g' % v for v in se), float(ll)))
    if prior is not None:
        print('     -- prior weights', ','.join('%.8g' % (cov[i][i] / float(prior[1]) ** 2)
                                                for i in range(4)))
    sys.stdout.flush()
    return t, cov


if __name__ == '__main__':
    if sys.argv[1:] == ['data']:
        print('x,recency_days,age_days,member,score,region')
        for row in simulate():
            print(','.join(str(v) for v in row))
        sys.exit()
    data = load()
    x, tx, T, c = data
    two = (x, tx, T, c[:, :2])
    for model in ('pareto/nbd', 'bg/nbd', 'mbg/nbd'):
        report('both', model, two, (0, 1), (2, 3))
    report('three', 'pareto/nbd', data, (0, 1, 2), (3, 4, 5))
    report('equal', 'pareto/nbd', two, (0, 1), (0, 2))
    report('equal', 'bg/nbd', two, (0, 1), (0, 2))
    report('lists', 'pareto/nbd', data, (0, None, 1), (None, 2, None))
    report('lists', 'mbg/nbd', data, (0, None, 1), (None, 2, None))
    report('ridge', 'pareto/nbd', two, (0, 1), (2, 3), (3, 20))
    report('ridge', 'bg/nbd', two, (0, 1), (2, 3), (3, 20))
    report('prior', 'pareto/nbd', two, (0, 1), (2, 3), (0, 0),
           (np.log(np.array([0.5, 10, 0.5, 10])), 1.0))
    few = tuple(a[:60] for a in (x, tx, T))
    mean_age = float(few[2].mean())
    for model in ('pareto/nbd', 'bg/nbd', 'mbg/nbd'):
        medians = [1, mean_age, 1, mean_age if model == 'pareto/nbd' else 1]
        report('weak', model, few + (c[:60],), (), (), (0, 0),
               (np.log(np.array(medians)), 1.5))
