"""Many steps: pipelines and sweeps, their order, attempts and memory."""
