"""Write test/unit/data/btyd_predict_reference.csv, to test predictions against.

Run by hand with a Python that has mpmath (Debian: python3-mpmath):

    python3 test/unit/btyd_reference.py > test/unit/data/btyd_predict_reference.csv

The values are computed with mpmath in as many digits as it takes for two
precisions to agree to 25 digits, by other formulas than those of src/math:

- the published hypergeometric formulas: Pareto/NBD P(alive) and DERT from Fader
  and Hardie's notes and Fader, Hardie, Lee 2005 "RFM and CLV"; BG/NBD from
  Fader, Hardie, Lee 2005 "Counting Your Customers the Easy Way"; MBG/NBD from
  Batislam, Denizel, Filiztekin 2007;
- direct numerical integration over the lifetime, over time, or over the dropout
  probability, where there is no such formula or mpmath cannot evaluate it;
- for a few cases, a double integral over the two unknown rates.

Columns: model, four parameters, x, t_x, T (empty for a new customer), quantity,
two arguments, value.
  p_alive        t          P(alive at T + t)
  purchases      t          E[X(t)]
  variance       t          Var[X(t)]
  pmf            t, n       P(X(t) = n)
  discounted     delta, h   discounted purchases up to horizon h
"""
import random
import signal
import sys

import mpmath as mp
from mpmath import mpf


def settled(compute):
    """The value of compute() at a precision beyond which it does not change."""
    dps = 40
    last = None
    while dps <= 2600:
        mp.mp.dps = dps
        try:
            value = compute()
            if mp.isinf(value):
                return value
            if last is not None and abs(value - last) <= abs(value) * mpf(10) ** -25:
                return value
            last = value
        except (mp.libmp.NoConvergence, ZeroDivisionError):
            last = None
        dps *= 2
    return None


def quad_peaked(log_f, lo, hi):
    """The integral of exp(log_f(y)), log-concave, cut where it is negligible."""
    # ternary search for the mode
    a, b = mpf(lo), mpf(hi)
    for _ in range(200):
        m1, m2 = a + (b - a) / 3, b - (b - a) / 3
        if log_f(m1) < log_f(m2):
            a = m1
        else:
            b = m2
        if b - a < mpf(10) ** -12 * (1 + abs(a)):
            break
    mode = (a + b) / 2
    top = log_f(mode)

    def reach(sign, limit):
        d = mpf(10) ** -6
        while d < limit and log_f(mode + sign * d) > top - 95:
            d *= mpf(1.5)
        return min(d, limit)

    left, right = reach(-1, mode - lo), reach(1, hi - mode)
    points = [mode - left * k / 12 for k in range(12, 0, -1)] + [mode] + \
             [mode + right * k / 12 for k in range(1, 13)]
    f = lambda y: mp.exp(log_f(y) - top)
    return mp.quad(f, points, maxdegree=8) * mp.exp(top)


# ---------------------------------------------------------------- Pareto/NBD

def pareto_p_alive(v, x, t_x, T):
    """Fader and Hardie, "A Note on Deriving the Pareto/NBD Model", formula 41."""
    r, al, s, be = v
    if r + x + s > 1000:
        # the defining integral, where the hypergeometric function is hopeless
        log_f = lambda y: mp.log(s) - (r + x) * mp.log((al + y) / (al + T)) \
            - s * mp.log((be + y) / (be + T)) - mp.log(be + y)
        rate = (r + x) / (al + t_x) + (s + 1) / (be + t_x)
        top = log_f(t_x)
        odds = mp.exp(top) * split_quad(lambda d: mp.exp(log_f(t_x + d) - top),
                                        T - t_x, rate)
        return 1 / (1 + odds)

    def compute():
        if T == t_x:
            return mpf(1)
        big, other, e1, e2 = (al, be, s, s + 1) if al >= be else (be, al, r + x, r + x)
        n = r + s + x
        f = lambda y: mp.hyp2f1(n, e2, n + 1, (big - other) / (big + y)) / (big + y) ** n
        a0 = f(t_x) - f(T)
        return 1 / (1 + s / n * (al + T) ** (r + x) * (be + T) ** s * a0)
    return settled(compute)


def pareto_update(v, x, T):
    r, al, s, be = v
    return (r + x, al + T, s, be + T)


def pareto_survival(v, t):
    return (v[3] / (v[3] + t)) ** v[2]


def pareto_purchases(v, t):
    """Schmittlein, Morrison, Colombo 1987, formula 17 (its limit at s = 1)."""
    r, al, s, be = v
    if s == 1:
        return r * be / al * mp.log((be + t) / be)
    return r * be / (al * (s - 1)) * (1 - (be / (be + t)) ** (s - 1))


def pareto_variance(v, t):
    """From E[X(X-1)] = r (r+1) / alpha^2 * 2 * integral of u S(u), elementary."""
    r, al, s, be = v
    mean = pareto_purchases(v, t)
    power = lambda e: mp.log((be + t) / be) if e == 0 else ((be + t) ** e - be ** e) / e
    second = r * (r + 1) / al ** 2 * 2 * be ** s * (power(2 - s) - be * power(1 - s))
    return second + mean - mean ** 2


def nbd(n, r, al, t):
    return mp.exp(mp.loggamma(r + n) - mp.loggamma(r) - mp.loggamma(n + 1)
                  + r * mp.log(al / (al + t)) + (n * mp.log(t / (al + t)) if n else 0))


def pareto_pmf(v, t, n):
    """Integral over the lifetime D: purchases are negative binomial in min(D, t)."""
    r, al, s, be = v
    const = mp.loggamma(r + n) - mp.loggamma(r) - mp.loggamma(n + 1) + mp.log(s)

    def log_f(y):
        u = mp.exp(y)
        return const + r * mp.log(al / (al + u)) + n * mp.log(u / (al + u)) \
            + s * mp.log(be / (be + u)) + mp.log(u / (be + u))
    top = mp.log(t)
    return nbd(n, r, al, t) * pareto_survival(v, t) + quad_peaked(log_f, top - 200, top)


def pareto_pmf_double(v, t, n):
    """The same as a double integral over the purchase and the dropout rate."""
    r, al, s, be = v

    def given(l, m):
        z = l + m
        return mp.exp(-z * t) * (l * t) ** n / mp.factorial(n) + \
            m / z * (l / z) ** n * mp.gammainc(n + 1, 0, z * t, regularized=True)

    def inner(l):
        return mp.quad(lambda w: given(l, w ** (1 / s)) / s * mp.exp(-be * w ** (1 / s)),
                       [0, mpf(1) / 100, 1, 10, 200])
    value = mp.quad(lambda w: inner(w ** (1 / r)) / r * mp.exp(-al * w ** (1 / r)),
                    [0, mpf(1) / 100, 1, 10, 200])
    return value * al ** r / mp.gamma(r) * be ** s / mp.gamma(s)


def pareto_discounted(v, delta, h):
    """Infinite: "RFM and CLV" formula 3, with Kummer's U.  Finite: integral."""
    r, al, s, be = v
    if mp.isinf(h):
        if delta == 0:
            return r * be / al / (s - 1) if s > 1 else mp.inf
        return r / al * be ** s * delta ** (s - 1) * mp.hyperu(s, s, delta * be)
    if delta == 0:
        return pareto_purchases(v, h)
    f = lambda w: mp.exp(-delta * be * mp.expm1(w) + (1 - s) * w)
    return r / al * be * split_quad(f, mp.log1p(h / be), s + delta * be)


def split_quad(f, top, rate):
    """Integral from 0 to top with points about the scale 1 / rate."""
    points = sorted({mpf(0), top} | {min(top, c / rate) for c in (1, 4, 16, 80)}
                    | {top * k / 8 for k in range(1, 8)})
    return mp.quad(f, points, maxdegree=9)


# ------------------------------------------------------- BG/NBD and MBG/NBD

def bg_p_alive(kind, v, x, t_x, T):
    """FHL 2005 / Batislam et al. 2007, the closed form."""
    r, al, a, b = v
    if kind == 'bg' and x == 0:
        return mpf(1)
    k = x if kind == 'mbg' else x - 1
    return 1 / (1 + a / (b + k) * ((al + T) / (al + t_x)) ** (r + x))


def bg_survival(v, t):
    r, al, a, b = v
    return mp.hyp2f1(r, a, a + b, -t / al)


def bg_purchases(v, t):
    """FHL 2005 formula 9; at a = 1 its limit, approached to half the digits."""
    r, al, a, b = v
    if a == 1:
        a = 1 + mpf(10) ** (-mp.mp.dps // 3)
    return (a + b - 1) / (a - 1) * \
        (1 - (al / (al + t)) ** r * mp.hyp2f1(r, b, a + b - 1, t / (al + t)))


def bg_purchases_settled(v, t):
    return settled(lambda: bg_purchases(tuple(map(mpf, v)), mpf(t)))


def bg_pmf(v, t, n):
    """FHL 2005 formula 8: the tail as one minus the sum of what is before."""
    r, al, a, b = v
    beta = lambda p, q: mp.loggamma(p) + mp.loggamma(q) - mp.loggamma(p + q)
    value = mp.exp(beta(a, b + n) - beta(a, b)) * nbd(n, r, al, t)
    if n > 0:
        term = nbd(0, r, al, t)
        total = mpf(0)
        q = t / (al + t)
        for k in range(int(n)):
            total += term
            term *= (r + k) / (k + 1) * q
        value += mp.exp(beta(a + 1, b + n - 1) - beta(a, b)) * (1 - total)
    return value


def bg_variance(v, t):
    """E[X(X-1)] as an integral over time of a hypergeometric function."""
    r, al, a, b = v
    tau = t / al
    mean = bg_purchases_settled(v, t)
    mp.mp.dps = 40
    f = lambda w: mp.expm1(w) * mp.exp(w) * mp.hyp2f1(r + 2, a, a + b + 1, -mp.expm1(w))
    second = 2 * r * (r + 1) * b / (a + b) * split_quad(f, mp.log1p(tau), r + 1)
    return second + mean - mean ** 2


def bg_discounted(v, delta, h):
    """Integral over time of exp(-delta u) dE[X(u)], with 2F1."""
    r, al, a, b = v
    if delta == 0:
        if mp.isinf(h):
            return (a + b - 1) / (a - 1) if a > 1 else mp.inf
        return bg_purchases_settled(v, h)
    f = lambda w: mp.exp(w - delta * al * mp.expm1(w)) * \
        mp.hyp2f1(r + 1, a, a + b, -mp.expm1(w))
    top = mp.log1p(100 / (delta * al)) if mp.isinf(h) else mp.log1p(h / al)
    return r * split_quad(f, top, r + 1 + delta * al)


def mean_over_p(v, f, f_at_0):
    """E[f(p, 1 - p)], p ~ Beta(a, b), by the trapezoidal rule over the logit.

    For parameters where mpmath's hypergeometric functions do not converge.
    Below exp(-120) f is taken as f_at_0; above 1 - exp(-120) as f(1, 0).
    """
    r, al, a, b = v
    log_w = lambda y: -a * mp.log1p(mp.exp(-y)) - b * mp.log1p(mp.exp(y))
    mode = mp.log(a / b)
    width = 1 / mp.sqrt(a * b / (a + b))
    last = None
    h = min(mpf(1) / 5, width / 4)
    while h > width / 200 or h > mpf(1) / 100:
        first, final = -int(120 / h), int(120 / h)
        total = mp.exp(log_w(first * h)) * f_at_0 / mp.expm1(a * h) \
            + mp.exp(log_w(final * h)) * f(mpf(1), mpf(0)) / mp.expm1(b * h)
        i_mode = max(first, min(final, int(mode / h)))
        for side in (range(i_mode, first - 1, -1), range(i_mode + 1, final + 1)):
            top = mpf(0)
            for i in side:
                y = i * h
                w = mp.exp(log_w(y))
                term = w * f(1 / (1 + mp.exp(-y)), 1 / (1 + mp.exp(y)))
                total += term
                top = max(top, term)
                if term < top * mpf(10) ** -35 and a * abs(y) > 1:
                    break
        value = total * h / mp.exp(mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b))
        if last is not None and abs(value - last) < abs(value) * mpf(10) ** -22:
            return value
        last = value
        h /= 2
    return None


def bg_by_mean(v, quantity, arg1, arg2):
    """The same quantities of the living customer by mean_over_p."""
    mp.mp.dps = 180
    v = tuple(map(mpf, v))
    r, al, a, b = v
    if quantity == 'p_alive':
        tau = arg1 / al
        return mean_over_p(v, lambda p, q: (1 + p * tau) ** -r, mpf(1))
    if quantity == 'purchases':
        tau = arg1 / al
        return mean_over_p(v, lambda p, q: (1 - (1 + p * tau) ** -r) / p, r * tau)
    if quantity == 'variance':
        tau = arg1 / al
        mean = bg_by_mean(v, 'purchases', arg1, arg2)
        pairs = lambda p: (1 - (1 + p * tau) ** (-r - 1) * (1 + (r + 1) * p * tau)) / p ** 2
        second = mean_over_p(v, lambda p, q: 2 * q * pairs(p), r * (r + 1) * tau ** 2)
        return second + mean - mean ** 2
    if quantity == 'discounted':
        zeta = arg1 * al
        whole = lambda z: mp.exp(z) * mp.expint(r + 1, z)
        if arg2 == 'inf':
            return mean_over_p(v, lambda p, q: r / p * whole(zeta / p), r / zeta)
        h = mpf(arg2) / al
        return mean_over_p(v, lambda p, q: r / p * (
            whole(zeta / p) - mp.exp(-zeta * h) * (1 + p * h) ** -r
            * whole(zeta / p + zeta * h)), r / zeta * -mp.expm1(-zeta * h))
    return None


# --------------------------------------------------------------------- rows

def value_of(model, v, hist, quantity, arg1, arg2):
    """The quantity, for a new customer or by the identity of the mixture."""
    mp.mp.dps = 40
    v = tuple(map(mpf, v))
    arg1 = mpf(arg1)
    if hist is not None:
        x, t_x, T = map(mpf, hist)
    if model == 'pareto':
        p = mpf(1) if hist is None else pareto_p_alive(v, x, t_x, T)
        u = v if hist is None else pareto_update(v, x, T)
        survival, purchases, variance, pmf, discounted = (
            pareto_survival, pareto_purchases, pareto_variance, pareto_pmf,
            pareto_discounted)
    else:
        r, al, a, b = v
        if hist is None:
            p = b / (a + b) if model == 'mbg' else mpf(1)
            u = v
        else:
            p = settled(lambda: bg_p_alive(model, v, x, t_x, T))
            u = (r + x, al + T, a, b + x)
        if model == 'mbg':
            u = u[:3] + (u[3] + 1,)
        survival, variance, pmf, discounted = (
            bg_survival, bg_variance, bg_pmf, bg_discounted)
        purchases = bg_purchases
    if p is None:
        return None
    if quantity == 'p_alive':
        return p * (settled(lambda: survival(u, arg1)) if arg1 else 1)
    if quantity == 'purchases':
        return p * settled(lambda: purchases(u, arg1))
    if quantity == 'pmf':
        n = int(arg2)
        if model == 'pareto':
            mp.mp.dps = 40
            value = p * pmf(u, arg1, n)
        else:
            value = p * settled(lambda: pmf(u, arg1, n))
        return value + (1 - p if n == 0 else 0)
    if quantity == 'discounted':
        mp.mp.dps = 40
        h = mp.inf if arg2 == 'inf' else mpf(arg2)
        if model == 'pareto' and mp.isinf(h):
            return p * settled(lambda: discounted(u, arg1, h))
        return p * discounted(u, arg1, h)
    if quantity == 'variance':
        mean = settled(lambda: purchases(u, arg1))
        if model == 'pareto':
            var = settled(lambda: variance(u, arg1))
        else:
            mp.mp.dps = 40
            var = variance(u, arg1)
        return p * var + p * (1 - p) * mean ** 2
    raise ValueError(quantity)


def value_by_mean(model, v, hist, quantity, arg1, arg2=''):
    """value_of() for BG/NBD and MBG/NBD, by mean_over_p."""
    if model == 'pareto':
        return None
    mp.mp.dps = 60
    v = tuple(map(mpf, v))
    r, al, a, b = v
    if hist is None:
        p = b / (a + b) if model == 'mbg' else mpf(1)
        u = v
    else:
        x, t_x, T = map(mpf, hist)
        p = bg_p_alive(model, v, x, t_x, T)
        u = (r + x, al + T, a, b + x)
    if model == 'mbg':
        u = u[:3] + (u[3] + 1,)
    value = bg_by_mean(u, quantity, mpf(arg1), arg2)
    if value is None:
        return None
    if quantity == 'variance':
        mean = bg_by_mean(u, 'purchases', mpf(arg1), arg2)
        return p * value + p * (1 - p) * mean ** 2
    return p * value


def give_up(_signal, _frame):
    raise TimeoutError


def emit(model, v, hist, quantity, arg1, arg2=''):
    value = None
    try:
        for compute in (value_of, value_by_mean):
            signal.alarm(10 if compute == value_of else 60)
            try:
                value = compute(model, v, hist, quantity, arg1, arg2)
            except (mp.libmp.NoConvergence, TimeoutError):
                if compute == value_by_mean:
                    raise
            signal.alarm(0)
            if value is not None:
                break
    except (mp.libmp.NoConvergence, ZeroDivisionError, ValueError, TypeError,
            TimeoutError) as error:
        signal.alarm(0)
        print('skipped', model, v, hist, quantity, arg1, arg2, error, file=sys.stderr)
        return
    mp.mp.dps = 40
    if value is None:
        print('no value', model, v, hist, quantity, arg1, arg2, file=sys.stderr)
        return
    if value != 0 and abs(value) < mpf(10) ** -290:
        return
    h = ('', '', '') if hist is None else hist
    text = 'inf' if mp.isinf(value) else mp.nstr(value, 20)
    print(','.join(map(str, (model, *map(repr, v), *h, quantity, arg1, arg2, text))),
          flush=True)


CDNOW = {'pareto': (.553, 10.578, .606, 11.669), 'bg': (.243, 4.414, .793, 2.426),
         'mbg': (.525, 6.183, .891, 1.614)}
HISTORIES = [None, (0, 0.0, 38.86), (2, 30.43, 38.86), (10, 39.0, 39.0), (26, 5.0, 31.0)]
DELTA = 0.00268773375


def all_rows():
    for model, v in CDNOW.items():
        for hist in HISTORIES:
            for t in (0.001, 39, 520):
                emit(model, v, hist, 'purchases', t)
                emit(model, v, hist, 'p_alive', t)
            for n in (0, 1, 7, 60):
                emit(model, v, hist, 'pmf', 52, n)
            emit(model, v, hist, 'variance', 52)
            for delta, h in ((DELTA, 'inf'), (DELTA, 156), (0.5, 'inf'), (0, 100)):
                emit(model, v, hist, 'discounted', delta, h)

    # one feature at a time
    special = {
        'pareto': [(.5, 10.0, 1.0, 10.0), (.5, 10.0, 2.0, 10.0), (2.0, 3.0, 1.0 + 1e-9, 3.0),
                   (.5329, 38.0598, 64.2792, 7721.5264), (10.465, 7.98565181e-3, 3.0516, 2.82),
                   (1e-6, 1e-3, 1e-6, 1e3), (1e6, 1e6, 1e-3, 1.0), (1e5, 1e4, 50.0, 1e3),
                   (.1, 1e-4, 1e4, 1e6), (30.0, 1e6, .01, 1e-6)],
        'bg': [(.243, 4.414, 1.0, 2.426), (.243, 4.414, 2.0, 1.0), (2.0, 3.0, 1.0 + 1e-9, .5),
               (5.0, .01, 1e-6, 1e6), (1e4, 1e4, 1e-3, .1), (.5, 100.0, 1e4, 1e6),
               (1e-6, 1.0, .5, 1e-6), (.2, .001, .3, .4), (3.0, 1e3, 1e6, 1e-3)],
    }
    special['mbg'] = special['bg']
    for model, sets in special.items():
        for v in sets:
            for hist in (None, (3, 20.0, 30.0)):
                for t in (1e-6, 39, 1e6):
                    emit(model, v, hist, 'purchases', t)
                emit(model, v, hist, 'p_alive', 100)
                emit(model, v, hist, 'variance', 39)
                emit(model, v, hist, 'pmf', 39, 0)
                emit(model, v, hist, 'pmf', 39, 12)
                emit(model, v, hist, 'discounted', DELTA, 'inf')
                emit(model, v, hist, 'discounted', DELTA, 52)

    # long histories, and far tails
    for model, v in CDNOW.items():
        for hist in ((400, 300.0, 310.0), (5000, 400.0, 401.0)):
            emit(model, v, hist, 'purchases', 39)
            emit(model, v, hist, 'p_alive', 5)
            emit(model, v, hist, 'discounted', DELTA, 'inf')
            emit(model, v, hist, 'variance', 39)
            for n in (40, 480):
                emit(model, v, hist, 'pmf', 39, n)
        for t, n in ((1e-3, 20), (39, 1000), (1e6, 3), (.1, 80)):
            emit(model, v, None, 'pmf', t, n)

    # discounting without end, and hardly any, and heavy
    for v in ((.5, 10.0, 1.5, 10.0), (.5, 10.0, .5, 10.0)):
        for delta, h in ((0, 'inf'), (1e-8, 'inf'), (1e3, 'inf'), (1e-8, 10), (1e3, .01)):
            for model in ('pareto', 'bg', 'mbg'):
                emit(model, v, (3, 20.0, 30.0), 'discounted', delta, h)

    # anything
    random.seed(20050401)
    log_uniform = lambda lo, hi: float('%.4g' % 10 ** random.uniform(lo, hi))
    for _ in range(60):
        model = random.choice(('pareto', 'bg', 'mbg'))
        v = tuple(log_uniform(-3, 3) for _ in range(4))
        x = random.choice((0, 1, 5, 30))
        T = log_uniform(-1, 3)
        hist = random.choice((None, (x, round(T * random.random(), 4) if x else 0.0, T)))
        t = log_uniform(-2, 3)
        emit(model, v, hist, 'p_alive', t)
        emit(model, v, hist, 'purchases', t)
        emit(model, v, hist, 'pmf', t, random.choice((0, 1, 3, 10)))
        emit(model, v, hist, 'discounted', log_uniform(-4, 1), 'inf')


def double_integrals():
    """Rows whose value is the double integral over both rates, 1e-15 or better."""
    mp.mp.dps = 20
    for v in ((1.0, 2.0, 1.0, 3.0), (2.0, 4.0, 1.5, 3.0)):
        for t, n in ((3.0, 0), (3.0, 2), (20.0, 4)):
            value = pareto_pmf_double(tuple(map(mpf, v)), mpf(t), n)
            print(','.join(map(str, ('pareto', *map(repr, v), '', '', '', 'pmf', t, n,
                                     mp.nstr(value, 15)))), flush=True)


signal.signal(signal.SIGALRM, give_up)
print('# Written by test/unit/btyd_reference.py, which says from what formulas.')
print('model,r,alpha,s_or_a,beta_or_b,x,t_x,T,quantity,arg1,arg2,value')
all_rows()
double_integrals()
