"""Scoring archives: any number of inputs of any size, in bounded memory, interruptible at any moment."""
