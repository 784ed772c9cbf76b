"""quantile - Student's t from its density, by the standard library.

With x = sqrt(df) tan(a) the density becomes a power of the cosine, so that the chance of lying
between 0 and t is c * the integral of cos(a)^(df - 1) from 0 to atan(t / sqrt(df)). It is taken by
Gauss and Legendre's rule on equal parts; the quantile follows by Newton's method. No continued
fraction and no incomplete beta function: whoever uses those is judged by another way.
"""
import math

Z_975 = 1.959963984540054  # the normal quantile of 0.975
Z_999 = 3.090232306167813  # the normal quantile of 0.999
POINTS, PARTS, STEPS_MOST = 24, 24, 200


def legendre(n):
    """Points and weights of the rule on -1 to 1, points as zeros of the polynomial."""
    points = []
    for i in range(n):
        x = math.cos(math.pi * (i + 0.75) / (n + 0.5))
        for _ in range(100):
            before, here = 1.0, x
            for k in range(2, n + 1):
                before, here = here, ((2 * k - 1) * x * here - (k - 1) * before) / k
            slope = n * (x * here - before) / (x * x - 1)
            step = here / slope
            x -= step
            if abs(step) < 1e-16:
                break
        points.append((x, 2 / ((1 - x * x) * slope * slope)))
    return points


RULE = legendre(POINTS)


def scale_of(df):
    return math.exp(math.lgamma((df + 1) / 2) - math.lgamma(df / 2)) / math.sqrt(math.pi)


def t_between(t, df):
    """P(0 < T < t); df need not be whole."""
    width = math.atan(t / math.sqrt(df)) / PARTS
    terms = []
    for part in range(PARTS):
        middle = (part + 0.5) * width
        terms += [w * math.cos(middle + x * width / 2) ** (df - 1) for x, w in RULE]
    return scale_of(df) * math.fsum(terms) * width / 2


def density(t, df):
    return scale_of(df) / math.sqrt(df) * (1 + t * t / df) ** (-(df + 1) / 2)


def t_975(df):
    """The t that 2.5 percent of the distribution lie above."""
    low, high = 0.0, 2.0
    while t_between(high, df) < 0.475:
        low, high = high, 2 * high
    t = (low + high) / 2
    for _ in range(STEPS_MOST):
        off = t_between(t, df) - 0.475
        low, high = (low, t) if off > 0 else (t, high)
        following = t - off / density(t, df)
        if not low < following < high:
            following = (low + high) / 2
        if abs(following - t) <= 1e-15 * t:
            return following
        t = following
    return t
