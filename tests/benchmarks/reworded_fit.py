"""Logistic regression with ridge, for measures by the hundred and pairs by the hundred thousand."""

import numpy as np


def fit(x, y, w, ridge, start=None):
    """Intercept and coefficients of a ridge logistic regression, by Newton's method.

    It begins with those of `start`. If they are near, it ends sooner; if they are far, it may not end.
    """
    mean, deviation = x.mean(axis=0), x.std(axis=0) + 1e-6
    z = np.column_stack([np.ones(len(x), np.float32), (x - mean) / deviation])
    beta, shrink = np.zeros(z.shape[1]), np.eye(z.shape[1]) * ridge
    shrink[0, 0] = 1e-6
    if start:
        beta[0], beta[1:] = start[0] + start[1] @ mean, start[1] * deviation
    for _ in range(25):
        p = 1 / (1 + np.exp(-np.clip(z @ beta, -30, 30)))
        half = z * np.sqrt(w * p * (1 - p)).astype(np.float32)[:, None]
        downhill = z.T @ (w * (p - y)).astype(np.float32) + shrink @ beta
        step = np.linalg.solve((half.T @ half).astype(float) + shrink, downhill)
        beta -= step
        if abs(step).max() < 1e-2:
            break
    slope = beta[1:] / deviation
    return beta[0] - slope @ mean, slope
