"""The page that a person reads after a run."""

from textdl.report.report import Report, write_report

__all__ = ["Report", "write_report"]
