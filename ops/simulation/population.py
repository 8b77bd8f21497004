"""The people of a network: whom they follow, who follows them, how much they post, at which hours."""

import numpy as np
from numpy.typing import NDArray

from ops.simulation.parameters import DAY, Parameters

Array = NDArray[np.float64]
_LARGEST_SAMPLE = 1_000_000
_BISECTIONS = 60


def power_law(quantiles: Array, exponent: float, mean: float, most: float) -> Array:
    """Return values of a power law, p(x) ~ x^-exponent, that has this mean and ends at `most`.

    Only the mean decides where it begins, so that networks of different sizes have it in common.
    """
    if mean >= most:
        return np.full_like(quantiles, most)
    low, high = mean * 1e-6, mean
    for _ in range(_BISECTIONS):
        least = (low * high) ** 0.5
        if _mean(least, most, exponent) < mean:
            low = least
        else:
            high = least
    tail = (most / least) ** (1 - exponent)
    drawn: Array = least * (1 - quantiles * (1 - tail)) ** (1 / (1 - exponent))
    return drawn


def _mean(least: float, most: float, exponent: float) -> float:
    a, ratio = exponent, most / least
    return float(least * (a - 1) / (a - 2) * (1 - ratio ** (2 - a)) / (1 - ratio ** (1 - a)))


def hours(swing: float) -> Array:
    """Return what each hour of the day has of its activity, as a multiple of the mean: a wave with its top at 20:00."""
    wave: Array = 1 + swing * np.cos(2 * np.pi * (np.arange(24) - 20) / 24)
    return wave


class Authors:
    """Those who are followed: as many as come on a day, or a sample of them.

    Followers and posting rates are independent. The followers of all together are the followees of all who are
    registered: people follow who is active.
    """

    def __init__(self, parameters: Parameters, random: np.random.Generator) -> None:
        size = min(parameters.users, _LARGEST_SAMPLE)
        self.weight = parameters.users / size
        """How many authors each of them stands for."""
        # Evenly spread quantiles: the sum of a power law's values depends on the largest few.
        quantiles = (np.arange(size) + 0.5) / size
        mean = parameters.registered * self.followees_mean(parameters)
        law = parameters.exponent, mean, parameters.registered_users - 1
        self.followers = power_law(quantiles, *law)
        self.most_followers = float(power_law(np.array([1 - 0.5 / parameters.users]), *law)[0])
        self.posts = _posting_rates(parameters, size, random)
        """Posts a day."""

    @staticmethod
    def followees_mean(parameters: Parameters) -> float:
        """Return how many a user follows, as far as there are so many."""
        return min(parameters.followees, parameters.registered_users - 1)

    @property
    def deliveries(self) -> Array:
        """Messages a day times followers, of each."""
        return self.followers * self.posts * self.weight

    @property
    def variation(self) -> float:
        """The squared coefficient of variation of the posting rate of somebody followed."""
        mean = float(np.average(self.posts, weights=self.followers))
        return float(np.average((self.posts / mean - 1) ** 2, weights=self.followers))


def _posting_rates(parameters: Parameters, size: int, random: np.random.Generator) -> Array:
    """Return posting rates of that very mean: log-normal for those who post, 0 for those who only read."""
    rates = np.exp(parameters.spread * random.standard_normal(size))
    rates[random.random(size) >= parameters.posters] = 0
    total = rates.sum()
    if total == 0:
        return np.full(size, parameters.posts)
    scaled: Array = rates * (parameters.posts * size / total)
    return scaled


class Readers:
    """Some of those who read on this day."""

    def __init__(self, parameters: Parameters, authors: Authors, size: int, random: np.random.Generator) -> None:
        mean = authors.followees_mean(parameters)
        most = min(parameters.most_followees, parameters.registered_users - 1)
        drawn = power_law(random.random(size), parameters.exponent, mean, most)
        # Rounded up or down at random, so that the mean stays.
        self.followees: Array = np.floor(drawn + random.random(size))
        self.arriving = self._arriving(authors, random)
        """Messages a day of those whom they follow."""
        self.own: Array = random.poisson(random.choice(authors.posts, size)).astype(float)
        """Messages of theirs that are live."""

    def _arriving(self, authors: Authors, random: np.random.Generator) -> Array:
        """Draw the sum of so many followees' posting rates: a gamma variable of its mean and variance."""
        mean = authors.deliveries.sum() / (authors.followers.sum() * authors.weight)
        shape = np.maximum(self.followees, 1e-9) / max(authors.variation, 1e-9)
        drawn: Array = random.gamma(shape) * mean * self.followees / shape
        return drawn


def per_second(a_day: float, hourly: Array) -> Array:
    """Return the rate in each hour of what happens so often a day."""
    rate: Array = a_day / DAY * hourly
    return rate
