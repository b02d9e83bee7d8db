"""The pages that a person reads: those of stages, and that of a run."""
