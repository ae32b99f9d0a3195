"""The project's own HTTP interface, and what every request passes on its way in and out."""
