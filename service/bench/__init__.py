"""How fast this machine scores, beside what others would need, and how the service bears load."""
