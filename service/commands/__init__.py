"""One module per sub-command of `belowline`; each exposes one click command."""
