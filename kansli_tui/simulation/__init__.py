"""Invented men who live through the pathway, for training, demonstrations and load tests.

The men, the population register and the laboratory are played here; everything the office does is done by its own services, by
staff who sign what they do. Works on a database marked invented and on no other.
"""

from kansli_tui.simulation.clock import SimulatedClock
from kansli_tui.simulation.demo import make_demo
from kansli_tui.simulation.life import simulate, simulate_into
from kansli_tui.simulation.report import SimulationReport

__all__ = ["SimulatedClock", "SimulationReport", "make_demo", "simulate", "simulate_into"]
