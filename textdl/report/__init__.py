"""The pages that a person reads: those of stages, and that of a run."""

from textdl.report.page import Report
from textdl.report.ranking import write_ranking
from textdl.report.report import write_report

__all__ = ["Report", "write_ranking", "write_report"]
