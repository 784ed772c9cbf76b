"""quantile - Student's t and the normal distribution from their integrals, by the standard library.

The incomplete beta function is its continued fraction (Abramowitz and Stegun 26.5.8), evaluated by
the modified Lentz method; quantiles come from bisection of the distribution function.
"""
import math

Z_975 = 1.959963984540054  # the normal quantile of 0.975
Z_999 = 3.090232306167813  # the normal quantile of 0.999
STEPS_MOST = 10000


def continued_fraction(a, b, x):
    tiny, c, d = 1e-300, 1.0, 1.0 - (a + b) * x / (a + 1)
    d = 1.0 / (d if abs(d) > tiny else tiny)
    result = d
    for m in range(1, STEPS_MOST):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 + term * d
            c = 1.0 + term / c
            d = 1.0 / (d if abs(d) > tiny else tiny)
            c = c if abs(c) > tiny else tiny
            result *= c * d
        if abs(c * d - 1.0) < 1e-16:
            break
    return result


def incomplete_beta(a, b, x):
    """The regularised one, I_x(a, b)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    if x < (a + 1) / (a + b + 2):
        return front * continued_fraction(a, b, x) / a
    return 1 - front * continued_fraction(b, a, 1 - x) / b


def t_upper_tail(t, df):
    """P(T > t) for t >= 0; df need not be whole."""
    return incomplete_beta(df / 2, 0.5, df / (df + t * t)) / 2


def t_975(df):
    """The t that 2.5 percent of the distribution lie above."""
    low, high = 0.0, 1.0
    while t_upper_tail(high, df) > 0.025:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if t_upper_tail(middle, df) > 0.025:
            low = middle
        else:
            high = middle
    return (low + high) / 2
