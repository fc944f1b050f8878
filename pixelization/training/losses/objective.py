"""Terms of an objective, each declared once, and their weighted sum.

It knows no term, no network and no image. From the declaration of a term come its key under
``loss.weights``, its name in the log, its line in docs/losses.md, and whether it is computed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, make_dataclass
from typing import Any, Generic, Protocol, TypeVar

from torch import Tensor, nn

from pixelization.config import option
from pixelization.errors import UserError
from pixelization.training.losses.adversarial import AdversarialLoss
from pixelization.training.losses.terms import summed


class Judging(Protocol):
    """What an adversarial term needs of a step."""

    @property
    def judges(self) -> Mapping[str, nn.Module]:
        """The discriminators by name."""

    @property
    def adversarial(self) -> AdversarialLoss:
        """What they are asked."""

    def reals(self, judge: str) -> list[Tensor]:
        """What a discriminator takes for real."""


MEMORY = 0.99  # of the running means, per step
SMALLEST_MEAN = 1e-6  # that a term is divided by

Step = TypeVar("Step", contravariant=True)
JudgedStep = TypeVar("JudgedStep", bound=Judging, contravariant=True)


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What is written about a term.

    Attributes:
        name: key under ``loss.weights``, and ``loss/G/<name>`` in the log.
        meaning: what it compares, in a line for the reader of a configuration.
        formula: in the notation of the system's docstring.
        source: equations, or ``ours``.
        trains: the generator whose objective it belongs to.
        weight: by default; 0 switches it off.
    """

    name: str
    meaning: str
    formula: str
    source: str
    trains: str
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Term(Declaration, Generic[Step]):
    """A term that is computed from the tensors of a step.

    Attributes:
        compute: step -> scalar, unweighted.
    """

    compute: Callable[[Step], Tensor]


@dataclass(frozen=True, kw_only=True)
class Adversarial(Declaration, Generic[JudgedStep]):
    """A term that plays against a discriminator.

    Attributes:
        judge: the discriminator's name.
        fakes: step -> batches ``(B, 3, h, w)`` by the name of the history that each goes through
            before the discriminator sees it; the names are unique in a system.
    """

    judge: str
    fakes: Callable[[JudgedStep], Mapping[str, Tensor]]

    def compute(self, step: JudgedStep) -> Tensor:
        """The sum over the fakes of what the generator is told: a scalar."""
        judge, loss = step.judges[self.judge], step.adversarial
        return summed(
            loss.of_generator(judge, fake, lambda: step.reals(self.judge))
            for fake in self.fakes(step).values()
        )


AnyTerm = Term[Any] | Adversarial[Any]


class Objective:
    """The terms that have a weight, in the order of their declaration.

    The order counts: it decides which random numbers a term draws, and in which order sums are
    rounded. Values are reported unweighted, so that a curve does not move with its weight.

    Args:
        terms: all terms of a system.
        weights: a weight for each, by name.
        adaptive: every term is also divided by its running mean, so that weights are shares
            whatever the terms' sizes (our reading of CS424's heading).

    Attributes:
        means: running means of the terms' sizes, where they are used: the state of an objective.
    """

    def __init__(
        self, terms: Iterable[AnyTerm], weights: Mapping[str, float], *, adaptive: bool = False
    ) -> None:
        self.terms = {term.name: term for term in terms if weights[term.name]}
        self.weights = {name: weights[name] for name in self.terms}
        self.adaptive, self.means = adaptive, dict[str, float]()

    def compute(self, step: Any) -> dict[str, Tensor]:
        """Every term's value of a step: scalars by name."""
        return {name: term.compute(step) for name, term in self.terms.items()}

    def observe(self, values: Mapping[str, float]) -> None:
        """Take the terms of a step into the running means: means over all processes, by name."""
        for name, value in values.items():
            before = self.means.get(name, abs(value))
            self.means[name] = MEMORY * before + (1 - MEMORY) * abs(value)

    def total(self, values: Mapping[str, Tensor]) -> Tensor:
        """The weighted sum of what :meth:`compute` gave."""
        if not self.adaptive:
            return summed(self.weights[name] * value for name, value in values.items())
        return summed(
            self.weights[name] / max(self.means[name], SMALLEST_MEAN) * value
            for name, value in values.items()
        )

    def judged(self) -> dict[str, list[Adversarial[Any]]]:
        """The terms that play against each discriminator; one without terms is not trained.

        The last declared comes first: a spectral norm changes with every batch that is judged, and
        runs are repeatable only while that order lasts.
        """
        played: dict[str, list[Adversarial[Any]]] = {}
        for term in self.terms.values():
            if isinstance(term, Adversarial):
                played.setdefault(term.judge, []).insert(0, term)
        return played


def weights_section(terms: Iterable[AnyTerm]) -> type:
    """The section ``loss.weights`` of a configuration: a frozen dataclass, a number for a term."""
    keys = [
        (term.name, float, option(term.weight, f"{term.meaning} ({term.source})", least=0))
        for term in terms
    ]
    return make_dataclass("Weights", keys, frozen=True)


def check_weights(weights: Mapping[str, float]) -> None:
    """Raise ``UserError`` if no term has a weight."""
    if not any(weights.values()):
        raise UserError("all of loss.weights are 0: there is nothing to train")


def table(terms: Sequence[AnyTerm]) -> str:
    """The terms as a Markdown table."""
    rows = [("term", "formula", "source", "weight"), ("---", "---", "---", "---")]
    for term in terms:
        formula = term.formula.replace("|", "\\|")
        rows.append((f"`{term.name}`", formula, term.source, f"{term.weight:g}"))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"
