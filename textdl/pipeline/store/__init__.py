"""Where results are kept: by key, with their bytes checked, on this machine and elsewhere."""
