"""Two renderings of a fleet, compared template by template: what another version of this program would make of it."""

from provisioner.comparing.difference import Difference, difference
from provisioner.comparing.origins import Origins, origins
from provisioner.comparing.piece import ALERT, DASHBOARD, Piece
from provisioner.comparing.reading import SUFFIXES, NotRenderedError, pieces
from provisioner.comparing.sentence import nothing, sentence, shown
from provisioner.comparing.tally import Clash, Count, Tally

__all__ = [
    "ALERT",
    "DASHBOARD",
    "SUFFIXES",
    "Clash",
    "Count",
    "Difference",
    "NotRenderedError",
    "Origins",
    "Piece",
    "Tally",
    "difference",
    "nothing",
    "origins",
    "pieces",
    "sentence",
    "shown",
]
