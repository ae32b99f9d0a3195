"""Measures the parser on pages with gold: `python -m data.evaluate ../shared/pages`. Never imported by the product."""
