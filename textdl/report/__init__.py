"""The page that a person reads after a run."""

from textdl.report.ranking import write_ranking
from textdl.report.report import Report, write_report

__all__ = ["Report", "write_ranking", "write_report"]
