"""Generates the people of a network: their followees and followers, how much they post, and at which hours."""

import numpy as np
from numpy.typing import NDArray

from ops.simulation.parameters import DAY, Parameters

Array = NDArray[np.float64]
LARGEST_SAMPLE = 1_000_000
_BISECTIONS = 60


def power_law(quantiles: Array, exponent: float, mean: float, most: float) -> Array:
    """Return values of a power law, p(x) ~ x^-exponent, with this mean and the upper bound `most`.

    The lower bound follows from the mean, so that networks of different sizes have the same mean.
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
    """Return the activity in each hour of the day, as a multiple of the mean: a cosine with its peak at 20:00."""
    wave: Array = 1 + swing * np.cos(2 * np.pi * (np.arange(24) - 20) / 24)
    return wave


class Authors:
    """The accounts that people follow: one for each daily user, or a sample of them.

    The number of followers and the posting rate are independent. People follow only active accounts, so the sum of
    these authors' followers is the sum of all registered users' followees.
    """

    def __init__(self, parameters: Parameters, random: np.random.Generator) -> None:
        size = min(parameters.users, LARGEST_SAMPLE)
        self.weight = parameters.users / size
        """Number of authors that each sampled author represents."""
        # Evenly spread quantiles: the sum of a power law's values depends on the largest few.
        quantiles = (np.arange(size) + 0.5) / size
        mean = parameters.registered * self.followees_mean(parameters)
        law = parameters.exponent, mean, parameters.registered_users - 1
        self.followers = power_law(quantiles, *law)
        self.most_followers = float(power_law(np.array([1 - 0.5 / parameters.users]), *law)[0])
        self.posts = _posting_rates(parameters, size, random)
        """Posts per day of each author."""

    @staticmethod
    def followees_mean(parameters: Parameters) -> float:
        """Return the mean number of followees, at most the number of other users."""
        return min(parameters.followees, parameters.registered_users - 1)

    @property
    def deliveries(self) -> Array:
        """Each author's messages per day, times followers and weight."""
        return self.followers * self.posts * self.weight

    @property
    def variation(self) -> float:
        """Squared coefficient of variation of a followee's posting rate."""
        mean = float(np.average(self.posts, weights=self.followers))
        return float(np.average((self.posts / mean - 1) ** 2, weights=self.followers))


def _posting_rates(parameters: Parameters, size: int, random: np.random.Generator) -> Array:
    """Return posting rates whose mean is exactly `posts`: log-normal for people who post, 0 for the others."""
    rates = np.exp(parameters.spread * random.standard_normal(size))
    rates[random.random(size) >= parameters.posters] = 0
    total = rates.sum()
    if total == 0:
        return np.full(size, parameters.posts)
    scaled: Array = rates * (parameters.posts * size / total)
    return scaled


class Readers:
    """A sample of the day's readers."""

    def __init__(self, parameters: Parameters, authors: Authors, size: int, random: np.random.Generator) -> None:
        mean = authors.followees_mean(parameters)
        most = min(parameters.most_followees, parameters.registered_users - 1)
        drawn = power_law(random.random(size), parameters.exponent, mean, most)
        # Rounded up or down at random to preserve the mean.
        self.followees: Array = np.floor(drawn + random.random(size))
        self.arriving = self._arriving(authors, random)
        """Messages per day by each reader's followees."""
        self.own: Array = random.poisson(random.choice(authors.posts, size)).astype(float)
        """Each reader's own live messages."""

    def _arriving(self, authors: Authors, random: np.random.Generator) -> Array:
        """Draw the sum of each reader's followees' posting rates: a gamma variable with the sum's mean and variance."""
        mean = authors.deliveries.sum() / (authors.followers.sum() * authors.weight)
        shape = np.maximum(self.followees, 1e-9) / max(authors.variation, 1e-9)
        drawn: Array = random.gamma(shape) * mean * self.followees / shape
        return drawn


def per_second(a_day: float, hourly: Array) -> Array:
    """Return the rate per second in each hour of events that happen `a_day` times a day."""
    rate: Array = a_day / DAY * hourly
    return rate
