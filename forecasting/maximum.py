"""Prophet's maximum a posteriori, solved in the process: for many series of one grid at once.

With additive seasons and a linear trend Prophet's objective is a least-squares problem with ridge
penalties (slope, offset, seasons), a lasso on the changes of slope, and one noise level:

    |y - X t|^2 / (2 s^2) + n log s + (k^2 + m^2) / (2 * 5^2) + |b|^2 / (2 * p^2) + |d|_1 / c
    + s^2 / (2 * 0.5^2)

Everything but `d` is eliminated in the eigenvectors of the penalised normal equations, which all
series of a grid without gaps share; `d` is found by an active set; `s` then has a closed form.
https://github.com/facebook/prophet/blob/main/python/stan/prophet.stan
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.series import Amounts

TREND_SD = 5.0
NOISE_SD = 0.5
LEAST_NOISE = 1e-4
"""Of the largest root: what never changes would else have none, and sums be mere rounding."""
ROUNDS = 40
STEPS = 100
CLOSE = 1e-7
TINY = 1e-11


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """Prophet's `seasonality_prior_scale` and `changepoint_prior_scale`."""

    seasons: float = 10.0
    changes: float = 0.01


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Maximum:
    """Where the objective is largest: one row a series. `settled` says for which it was found."""

    coefficients: Amounts
    noise: Amounts
    settled: np.typing.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Problem:
    """The normal equations, parted into changes of slope and the rest, the rest in eigenvectors:
    one set for all series, or one for each of them."""

    rest: np.typing.NDArray[np.intp]
    basis: Amounts  # columns solve (G + s^2 P) by division
    spectrum: Amounts
    cross: Amounts  # basis' G_rest,changes
    changes: Amounts  # G_changes,changes
    gram: Amounts

    def of(self, rows: np.typing.NDArray[np.intp]) -> _Problem:
        """That of some of the series."""
        if len(self.gram) == 1:
            return self
        parts = (self.basis, self.spectrum, self.cross, self.changes, self.gram)
        basis, spectrum, cross, changes, gram = (part[rows] for part in parts)
        return _Problem(
            rest=self.rest,
            basis=basis,
            spectrum=spectrum,
            cross=cross,
            changes=changes,
            gram=gram,
        )


def maximise(table: Amounts, amounts: Amounts, changes: int, priors: Priors) -> Maximum:
    """Fit every row of `amounts` (series x bins, each scaled to a largest of 1; gaps are NaN, in
    all rows or in none).

    `table` has the trend's two columns first, then `changes` columns of changes of slope, then the
    rest. Raises numpy.linalg.LinAlgError where the table cannot be solved.
    """
    known = np.isfinite(amounts)
    seen = np.where(known, amounts, 0.0)
    bins = np.maximum(known.sum(axis=1), 1)
    problem = _prepare(_grams(table, known), changes, priors)
    moments, squares = seen @ table, np.einsum("sn,sn->s", seen, seen)
    variance = np.maximum(squares / bins - (seen.sum(axis=1) / bins) ** 2, 1e-5) * 0.1
    deltas: Amounts = np.zeros((len(amounts), changes))
    settled: np.typing.NDArray[np.bool_] = np.zeros(len(amounts), dtype=bool)
    found: Amounts = np.zeros_like(moments)
    left = np.arange(len(amounts))
    for _ in range(ROUNDS):
        own, pulls, before = problem.of(left), moments[left], variance[left]
        deltas[left], found[left] = _solve(own, pulls, before, deltas[left], priors)
        fitted = _times(found[left], own.gram) - 2 * pulls
        apart = np.maximum(squares[left] + np.einsum("sp,sp->s", fitted, found[left]), 1e-12)
        new = (np.sqrt(bins[left] ** 2 + 4 * apart / NOISE_SD**2) - bins[left]) * NOISE_SD**2 / 2
        new = np.maximum(new, LEAST_NOISE**2)
        settled[left] = np.abs(new - before) <= 1e-4 * before
        variance[left] = new
        left = np.flatnonzero(~settled)
        if not len(left):
            break
    return Maximum(coefficients=found, noise=np.sqrt(variance), settled=settled)


def _grams(table: Amounts, known: np.typing.NDArray[np.bool_]) -> Amounts:
    """table' table over the known bins: one where all are known, else one for each series."""
    whole = table.T @ table
    if known.all():
        return np.asarray(whole[None])
    missing = (table[~row] for row in known)
    return np.stack([whole - lost.T @ lost for lost in missing])


def _prepare(gram: Amounts, changes: int, priors: Priors) -> _Problem:
    rest = np.r_[0:2, 2 + changes : gram.shape[1]]
    deltas = np.s_[2 : 2 + changes]
    scale = np.full(len(rest), priors.seasons)
    scale[:2] = TREND_SD
    spectrum, turned = np.linalg.eigh(gram[:, rest[:, None], rest] * np.outer(scale, scale))
    basis = scale[:, None] * turned
    return _Problem(
        rest=rest,
        basis=basis,
        spectrum=np.maximum(spectrum, 0.0),
        cross=basis.transpose(0, 2, 1) @ gram[:, rest, deltas],
        changes=gram[:, deltas, deltas],
        gram=gram,
    )


def _solve(
    problem: _Problem, moments: Amounts, variance: Amounts, start: Amounts, priors: Priors
) -> tuple[Amounts, Amounts]:
    """The coefficients at a given noise."""
    inverse = 1.0 / (problem.spectrum + variance[:, None])
    turned = _times(moments[:, problem.rest], problem.basis)
    deltas, last = start, 2 + start.shape[1]
    if start.shape[1]:
        back = problem.cross.transpose(0, 2, 1)
        steep = problem.changes - back @ (inverse[:, :, None] * problem.cross)
        pull = moments[:, 2:last] - _times(turned * inverse, problem.cross)
        deltas = _descend(steep, pull, variance / priors.changes, start)
        turned = turned - _times(deltas, back)
    found = np.empty_like(moments)
    found[:, problem.rest] = _times(turned * inverse, problem.basis.transpose(0, 2, 1))
    found[:, 2:last] = deltas
    return deltas, found


def _times(rows: Amounts, matrices: Amounts) -> Amounts:
    """Each row times its matrix, or the one that there is."""
    if len(matrices) == 1:
        return np.asarray(rows @ matrices[0])
    return np.asarray((rows[:, None] @ matrices)[:, 0])


def _descend(steep: Amounts, pull: Amounts, penalty: Amounts, start: Amounts) -> Amounts:
    """The least of 1/2 d'Qd - c'd + penalty |d|, for all series at once; NaN where it is not found.

    An active set: the least for the present signs is solved for; a change that would turn its sign
    on the way there stops at zero; once there, the one that is pulled hardest by more than the
    penalty is let go of zero. Every step descends, so that signs do not come again.
    """
    deltas, signs = start.copy(), np.sign(start)
    left = np.arange(len(deltas))
    for _ in range(STEPS):
        part = steep[left], pull[left], penalty[left, None]
        deltas[left], signs[left], there = _step(*part, deltas[left], signs[left])
        left = left[~there]
        if not len(left):
            return deltas
    deltas[left] = np.nan
    return deltas


def _step(
    steep: Amounts, pull: Amounts, penalty: Amounts, deltas: Amounts, signs: Amounts
) -> tuple[Amounts, Amounts, np.typing.NDArray[np.bool_]]:
    """One step; the new signs; and which series are where no further one descends."""
    way = _least_signed(steep, pull, penalty, signs) - deltas
    turns = (deltas + way) * signs < 0
    share = np.divide(-deltas, way, out=np.ones_like(way), where=turns)
    length = share.min(axis=1, keepdims=True)
    stopped = turns & (share <= length)
    moved = np.where(stopped, 0.0, deltas + length * way)
    arrived = ~stopped.any(axis=1)
    slopes = pull - (steep @ moved[:, :, None])[:, :, 0]
    excess = np.where(signs == 0, np.abs(slopes), 0.0) - penalty * (1 + CLOSE)
    freed = (excess == excess.max(axis=1, keepdims=True)) & (excess > 0) & arrived[:, None]
    new = np.where(stopped, 0.0, np.where(freed, np.sign(slopes), signs))
    return moved, new, arrived & ~freed.any(axis=1)


def _least_signed(steep: Amounts, pull: Amounts, penalty: Amounts, signs: Amounts) -> Amounts:
    """The least among those with these signs; zero where there is none."""
    active = signs != 0
    system = np.where(active[:, :, None] & active[:, None, :], steep, 0.0)
    own = np.where(active, np.einsum("scc->sc", steep) * TINY, 1.0)
    system += own[:, :, None] * np.eye(signs.shape[1])
    wanted = np.where(active, pull - penalty * signs, 0.0)
    return np.asarray(np.linalg.solve(system, wanted[:, :, None])[:, :, 0])
