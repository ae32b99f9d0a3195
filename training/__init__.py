"""How the weights are made and judged: data mix, training, export, evaluation, card."""
